"""Who is alive: a worker holds an advisory lock while its connection lives (money.md 2, T7)."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.storage.claims import AttemptKey
from gateway.storage.database import Unreachable

LOCK_CLASS = 0x67617465
LEADER_CLASS = 0x67616C64
PING_SECONDS = 10

_REGISTER = "INSERT INTO workers (name) VALUES ($1) RETURNING id"
_LOST = text("""
SELECT a.order_id, a.number, a.run FROM attempts a
 WHERE a.outcome = 'open' AND (a.lease_until < now() OR (
   a.started_at < now() - make_interval(secs => :grace_seconds) AND NOT EXISTS (
     SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND l.classid = :lock_class AND l.objid = a.worker_id AND l.objsubid = 2)))
 ORDER BY a.order_id LIMIT :limit""")
_STILL = text("""
SELECT a.order_id, a.number, a.run FROM attempts a
  JOIN unnest(CAST(:orders AS bigint[]), CAST(:numbers AS integer[])) AS lost (order_id, number)
 USING (order_id, number) WHERE a.outcome = 'open' ORDER BY a.order_id""")
_OFTEN = text("""
SELECT order_id FROM order_events
 WHERE order_id = ANY (:orders) AND actor = :actor AND reason = :reason
 GROUP BY order_id HAVING count(*) >= :times""")
_LEAD = text("SELECT pg_try_advisory_xact_lock(:lead, :task)")


@dataclass(frozen=True, slots=True)
class Task:
    """A periodic task that one worker at a time should do."""

    number: int


FOLD = Task(1)


async def register(connection: "asyncpg.Connection[asyncpg.Record]", name: str) -> int:
    """A new worker number."""
    number: int = await connection.fetchval(_REGISTER, name)
    return number


async def stay_alive(connection: "asyncpg.Connection[asyncpg.Record]", worker: int) -> None:
    """Show that a worker lives for as long as this connection does."""
    await connection.execute("SELECT pg_advisory_lock($1, $2)", LOCK_CLASS, worker)


async def lost_attempts(
    connection: AsyncConnection, *, grace_seconds: int, limit: int
) -> list[AttemptKey]:
    """Open attempts whose lease is over, or whose worker's connection is gone."""
    found = await connection.execute(
        _LOST, {"grace_seconds": grace_seconds, "lock_class": LOCK_CLASS, "limit": limit}
    )
    return [AttemptKey(row.order_id, row.number, row.run) for row in found]


async def still_open(connection: AsyncConnection, lost: Sequence[AttemptKey]) -> list[AttemptKey]:
    """Those of some attempts that nobody has settled meanwhile; their orders are locked."""
    asked = {"orders": [key.order for key in lost], "numbers": [key.number for key in lost]}
    found = await connection.execute(_STILL, asked)
    return [AttemptKey(row.order_id, row.number, row.run) for row in found]


async def often(
    connection: AsyncConnection, orders: Sequence[int], *, actor: str, reason: str, times: int
) -> list[int]:
    """Those of some orders to which this has happened so many times."""
    asked = {"orders": list(orders), "actor": actor, "reason": reason, "times": times}
    return list((await connection.execute(_OFTEN, asked)).scalars())


async def leads(connection: AsyncConnection, task: Task) -> bool:
    """Whether this transaction may do a periodic task; nobody else may until it ends."""
    found = await connection.execute(_LEAD, {"lead": LEADER_CLASS, "task": task.number})
    return bool(found.scalar_one())


async def ping(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Raises `Unreachable` when the connection, and with it the lock, is lost."""
    try:
        await connection.execute("SELECT 1", timeout=PING_SECONDS)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise Unreachable(str(error)) from error
