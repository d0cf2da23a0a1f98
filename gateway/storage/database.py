"""Postgres: connections and transactions. The only place that commits."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from types import TracebackType

import asyncpg
from sqlalchemy.exc import DBAPIError, ResourceClosedError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from gateway.failpoints import Injected, Side, crossing, passing

POOL_WAIT_SECONDS = 5
CONNECT_SECONDS = 5
# an operator or a crash ends it, and it is starting up again
_GOING = ("57P01", "57P02", "57P03")


class Unreachable(Exception):  # noqa: N818  a state of the world, told to whoever asks
    """Postgres could not be reached, and nothing was committed."""


class InDoubt(Exception):  # noqa: N818  a state of the world, told to whoever asks
    """The connection broke during COMMIT: it may or may not have happened."""


Connection = AsyncConnection
"""A connection within a transaction, for those who only hand it on."""


class Database:
    """A pool of connections to one database."""

    def __init__(
        self, url: str, *, name: str = "gateway", pool: int = 16, statement_seconds: int = 5
    ) -> None:
        self.url = url
        self._engine = create_async_engine(
            url,
            pool_size=pool,
            max_overflow=0,
            pool_timeout=POOL_WAIT_SECONDS,
            connect_args={
                "timeout": CONNECT_SECONDS,
                "server_settings": {
                    "application_name": name,
                    "statement_timeout": str(statement_seconds * 1000),
                    "idle_in_transaction_session_timeout": "60000",
                    "timezone": "UTC",
                },
            },
        )

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[AsyncConnection]:
        """A connection whose changes are committed when the block ends well, else undone.

        Raises `Unreachable` when nothing was committed, `InDoubt` when COMMIT went unanswered.
        """
        connection = await self._connect()
        try:
            with _nothing_committed():
                await passing("database.begin", Side.AFTER)
                yield connection
            await _commit(connection)
        finally:
            await _give_back(connection)

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncConnection]:
        """A connection for looking only; whatever it did is undone."""
        connection = await self._connect()
        try:
            with _nothing_committed():
                await passing("database.begin", Side.AFTER)
                yield connection
        finally:
            await _give_back(connection)

    @asynccontextmanager
    async def dedicated(self) -> AsyncGenerator["asyncpg.Connection[asyncpg.Record]"]:
        """A connection of its own outside the pool, for LISTEN and for advisory locks."""
        try:
            await passing("database.connect", Side.BEFORE)
            connection = await asyncpg.connect(
                self.url.replace("+asyncpg", "", 1), timeout=CONNECT_SECONDS
            )
        except (OSError, asyncpg.PostgresError) as error:
            raise Unreachable(str(error)) from error
        try:
            await passing("database.connect", Side.AFTER)
            yield connection
        finally:
            # a server that does not answer a farewell was left all the same
            with suppress(TimeoutError):
                await connection.close(timeout=CONNECT_SECONDS)

    async def close(self) -> None:
        """Give all connections back."""
        await self._engine.dispose()

    async def _connect(self) -> AsyncConnection:
        try:
            await passing("database.begin", Side.BEFORE)
            return await self._engine.connect()
        except (OSError, DBAPIError, PoolTimeoutError, asyncpg.PostgresError) as error:
            raise Unreachable(str(error)) from error


class _nothing_committed:  # noqa: N801  reads as a phrase where it is used
    """Tells a broken connection apart from a refused statement, before anything was committed."""

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, DBAPIError) and _broken(error):
            raise Unreachable(str(error.orig)) from error
        if isinstance(error, Injected):
            raise Unreachable(str(error)) from error


async def _commit(connection: AsyncConnection) -> None:
    try:
        await crossing("database.commit", connection.commit())
    except DBAPIError as error:
        if _broken(error):
            raise InDoubt(str(error.orig)) from error
        raise
    except OSError as error:
        raise InDoubt(str(error)) from error


def _broken(error: DBAPIError) -> bool:
    """Whether the server has gone, also when its last words came before the connection closed."""
    if error.connection_invalidated:
        return True
    state: object = getattr(error.orig, "sqlstate", None)
    # told while nothing was asked, they leave a connection that takes no question any more
    deaf = isinstance(error.orig and error.orig.__cause__, asyncpg.InternalClientError)
    return deaf or str(state) in _GOING


async def _give_back(connection: AsyncConnection) -> None:
    """To the pool, or away; all that was done with it is settled by now, however this ends."""
    try:
        await connection.close()
    except (DBAPIError, OSError, asyncpg.InternalClientError):
        with suppress(DBAPIError, OSError, asyncpg.InternalClientError, ResourceClosedError):
            await connection.invalidate()
