"""A database for each test, and one with a life of orders in it that a whole file may look at."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import make_url

from gateway.embedded import Servers
from gateway.storage.database import Database
from tests.emptied import database_url, shared_url
from tests.storage.books import Life, live

__all__ = ["database_url", "shared_url"]


@pytest.fixture
async def database(database_url: str) -> AsyncGenerator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()


@dataclass(frozen=True)
class Books:
    """A database in which orders have lived; tests undo whatever they do to it."""

    url: str
    life: Life


@pytest.fixture(scope="module")
async def books(servers: Servers, template: str) -> AsyncGenerator[Books]:
    name = f"gateway_books_{uuid4().hex[:12]}"
    around = make_url(servers.database_url).set(drivername="postgresql")
    url = around.set(database=name)
    admin = await asyncpg.connect(around.render_as_string(hide_password=False))
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    database = Database(
        url.set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)
    )
    yield Books(url.render_as_string(hide_password=False), await live(database))
    await database.close()
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


async def refusal(books: Books, statements: str) -> str:
    """The constraint that some statements break; what they do besides is undone."""
    connection = await asyncpg.connect(books.url)
    transaction = connection.transaction()
    await transaction.start()
    with pytest.raises(
        (asyncpg.IntegrityConstraintViolationError, asyncpg.NumericValueOutOfRangeError)
    ) as refused:
        await connection.execute(f"{statements}; SET CONSTRAINTS ALL IMMEDIATE")
    await transaction.rollback()
    await connection.close()
    return str(getattr(refused.value, "constraint_name", ""))
