"""A database of its own whose clock is set by hand, and the workers that live by that clock.

`now()` in every statement, default and trigger is found in a schema before Postgres' own, so that
what is simulated is the real SQL (money.md 8).
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
from sqlalchemy import URL, make_url

from gateway.storage import leases
from gateway.storage.migrations import migrate
from gateway.storage.witness import WAITING, Waiting

BEFORE_ANYTHING = """
CREATE SCHEMA virtual;
CREATE SEQUENCE virtual.clock;
SELECT setval('virtual.clock', 1000000 * extract(epoch FROM date '2026-01-01')::bigint);
CREATE FUNCTION virtual.now() RETURNS timestamptz LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$ BEGIN
  RETURN timestamptz 'epoch'
    + pg_sequence_last_value('virtual.clock') * interval '1 microsecond'; END $$;
"""
# so small are the books that planning a statement each time takes longer than carrying it out
_SETTINGS = """
ALTER DATABASE {name} SET search_path = virtual, pg_catalog, public;
ALTER DATABASE {name} SET plan_cache_mode = force_generic_plan;
"""
# a sequence is read without a query: it is asked for each row that is compared with now
_SET = "SELECT setval('virtual.clock', $1)"
_TABLES = """
SELECT string_agg(oid::regclass::text, ', ') FROM pg_class
 WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'"""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_UNLOCK = "SELECT pg_advisory_unlock($1, $2)"


class Stage:
    """Sets the clock and keeps the workers' locks, all on one connection: nothing else waits."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]", tables: str) -> None:
        self._connection = connection
        self._tables = tables
        self._looks = 0

    async def set(self, moment: datetime) -> None:
        """From now on every statement happens at this moment."""
        await self._connection.execute(_SET, (moment - _EPOCH) // _MICROSECOND)

    async def waiting(self, providers: Sequence[str]) -> list[Waiting]:
        """What waits, provider by provider; plans are made anew after twice as many looks."""
        self._looks += 1
        if self._looks.bit_count() == 1:
            await self._connection.execute(f"VACUUM (ANALYZE) {self._tables}")
        return [Waiting(*row) for row in await self._connection.fetch(WAITING, list(providers))]

    async def hire(self, name: str) -> int:
        """The number of a new worker, who lives until he is lost."""
        number = await leases.register(self._connection, name)
        await leases.stay_alive(self._connection, number)
        return number

    async def lose(self, worker: int) -> None:
        """A worker is gone, as when his process was killed."""
        await self._connection.execute(_UNLOCK, leases.LOCK_CLASS, worker)

    async def damage(self, statement: str) -> None:
        """Change what nobody may change, to see that it is found."""
        await self._connection.execute("SET session_replication_role = replica")
        await self._connection.execute(statement)
        await self._connection.execute("SET session_replication_role = origin")


@asynccontextmanager
async def scratch(server_url: str) -> AsyncGenerator[str]:
    """The URL of a database on this server that lives by its own clock, gone afterwards."""
    around = make_url(server_url)
    name = f"gateway_simulation_{uuid4().hex[:12]}"
    await _run(around, f"CREATE DATABASE {name}")
    try:
        within = around.set(database=name)
        await _run(within, BEFORE_ANYTHING + _SETTINGS.format(name=name))
        url = within.render_as_string(hide_password=False)
        await migrate(url)
        yield url
    finally:
        await _run(around, f"DROP DATABASE {name} WITH (FORCE)")


@asynccontextmanager
async def stage(url: str) -> AsyncGenerator[Stage]:
    """The one connection that sets the clock of a scratch database."""
    # what the books are like when a plan is made says nothing of them a thousand orders later
    connection = await asyncpg.connect(
        _plain(make_url(url)), server_settings={"enable_seqscan": "off"}
    )
    try:
        yield Stage(connection, await connection.fetchval(_TABLES))
    finally:
        await connection.close()


async def _run(url: URL, statements: str) -> None:
    connection = await asyncpg.connect(_plain(url))
    try:
        await connection.execute(statements)
    finally:
        await connection.close()


def _plain(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
