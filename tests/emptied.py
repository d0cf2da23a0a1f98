"""One database for many tests in turn, emptied after each: a clone costs a hundred times more."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import URL, make_url

from gateway.embedded import Servers

# what migrations write is kept; the triggers that refuse a DELETE are off for this session
EMPTY = """
SET session_replication_role = replica;
DO $$ DECLARE one record; BEGIN
  FOR one IN SELECT oid::regclass AS name, relkind FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S')
      AND relname NOT IN ('order_edges', 'alembic_version') LOOP
    IF one.relkind = 'S' THEN PERFORM setval(one.name, 1, false);
    ELSE EXECUTE format('DELETE FROM %s', one.name); END IF;
  END LOOP;
  INSERT INTO installation DEFAULT VALUES;
END $$"""


@contextmanager
def one_database(servers: Servers, template: str) -> Generator[str]:
    """The URL of a migrated database that exists while the block runs."""
    around = make_url(servers.database_url)
    name = f"gateway_shared_{uuid4().hex[:12]}"
    asyncio.run(run(around, f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield around.set(database=name).render_as_string(hide_password=False)
    asyncio.run(run(around, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="session")
def shared_url(servers: Servers, template: str) -> Generator[str]:
    """The database of the tests of one folder."""
    with one_database(servers, template) as url:
        yield url


@pytest.fixture
async def database_url(shared_url: str) -> AsyncGenerator[str]:
    """A database without a row, used by one test at a time."""
    yield shared_url
    await empty(shared_url)


async def empty(url: str) -> None:
    """As if the migrations had just made it; a new installation, so Redis knows nothing of it."""
    await run(make_url(url), EMPTY)


async def run(url: URL, statements: str) -> None:
    """Statements on a connection of their own."""
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain)
    try:
        await connection.execute(statements)
    finally:
        await connection.close()
