"""Transactions: what a broken connection means, and that nothing is half done."""

import asyncpg
import pytest
from sqlalchemy import TextClause, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.storage.database import Database, InDoubt, Unreachable

DIE = text("SELECT pg_terminate_backend(pg_backend_pid())")
COUNT = text("SELECT count(*) FROM workers")
ADD = text("INSERT INTO workers (name) VALUES ('x')")
# a deferred trigger that ends its own connection: the nearest thing to a crash within COMMIT
DIE_IN_COMMIT = """
CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER die AFTER INSERT ON workers DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION die()"""
LIVE = "DROP FUNCTION die() CASCADE"


async def run(database: Database, *statements: TextClause) -> None:
    async with database.transaction() as connection:
        for statement in statements:
            await connection.execute(statement)


async def count(database: Database) -> int:
    async with database.reading() as connection:
        found: int = (await connection.execute(COUNT)).scalar_one()
    return found


async def test_a_block_that_ends_well_is_committed(database: Database) -> None:
    await run(database, ADD)
    assert await count(database) == 1


async def test_a_block_that_raises_is_undone(database: Database) -> None:
    async def stumble() -> None:
        async with database.transaction() as connection:
            await connection.execute(ADD)
            raise KeyError

    with pytest.raises(KeyError):
        await stumble()
    assert await count(database) == 0


async def test_reading_changes_nothing(database: Database) -> None:
    async with database.reading() as connection:
        await connection.execute(ADD)
    assert await count(database) == 0


async def test_a_connection_that_breaks_before_the_commit(database: Database) -> None:
    with pytest.raises(Unreachable):
        await run(database, ADD, DIE)
    assert await count(database) == 0


async def test_a_connection_that_breaks_while_reading(database: Database) -> None:
    with pytest.raises(Unreachable):
        async with database.reading() as connection:
            await connection.execute(DIE)
    assert await count(database) == 0


async def test_a_connection_that_breaks_within_the_commit(database: Database) -> None:
    async with database.dedicated() as connection:
        await connection.execute(DIE_IN_COMMIT)
    with pytest.raises(InDoubt):
        await run(database, ADD)
    await run(database, text(LIVE))
    assert await count(database) == 0


async def test_a_refused_statement_is_no_broken_connection(database: Database) -> None:
    with pytest.raises(IntegrityError):
        await run(database, ADD, text("INSERT INTO workers (name) VALUES (NULL)"))
    assert await count(database) == 0


async def test_a_refusal_at_the_commit_is_no_doubt(database: Database) -> None:
    entry = text("INSERT INTO journal_entries (key, kind, actor) VALUES ('adj:1', 'adjust', 'x')")
    with pytest.raises(IntegrityError, match="has no transfer"):
        await run(database, entry)


async def test_nobody_waits_for_ever(database_url: str) -> None:
    database = Database(database_url, pool=1, statement_seconds=1)
    with pytest.raises(DBAPIError, match="statement timeout"):
        async with database.reading() as connection:
            await connection.execute(text("SELECT pg_sleep(10)"))
    await database.close()


async def test_a_server_that_is_not_there() -> None:
    database = Database("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
    with pytest.raises(Unreachable):
        async with database.transaction():
            pass
    with pytest.raises(Unreachable):
        async with database.dedicated():
            pass
    await database.close()


class LastWords(Exception):  # noqa: N818  as a server's own would be
    sqlstate = "57P01"


def _deaf() -> Exception:
    error = Exception("asked on a connection that had been told something")
    error.__cause__ = asyncpg.InternalClientError("another operation is in progress")
    return error


@pytest.mark.parametrize("error", [LastWords("the server is going"), _deaf()])
async def test_a_server_that_goes_is_no_refused_statement(
    database: Database, error: Exception
) -> None:
    with pytest.raises(Unreachable):
        async with database.reading():
            raise DBAPIError("SELECT 1", None, error)
    with pytest.raises(Unreachable):
        async with database.transaction():
            raise DBAPIError("SELECT 1", None, error)


async def test_what_was_read_counts_however_the_farewell_goes(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(connection: AsyncConnection) -> None:
        raise DBAPIError("ROLLBACK", None, _deaf())

    with monkeypatch.context() as patched:
        patched.setattr(AsyncConnection, "close", fails)
        async with database.reading() as connection:
            assert (await connection.execute(text("SELECT 7"))).scalar() == 7
        async with database.transaction() as connection:
            await connection.execute(ADD)
    assert await count(database) == 1
