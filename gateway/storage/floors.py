"""What the barest statements take on the same rows: floors that benchmarks compare with."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.storage.database import Database

_QUEUE = (
    "DROP TABLE IF EXISTS floor_queue",
    """CREATE TABLE floor_queue AS SELECT id, provider, state, next_at, next_poll_at FROM orders
 WHERE state IN ('queued', 'active')""",
    "ALTER TABLE floor_queue ADD PRIMARY KEY (id)",
    """CREATE INDEX floor_queued ON floor_queue (provider, next_at, id)
 WHERE state = 'queued'""",
    """CREATE INDEX floor_polled ON floor_queue (provider, next_poll_at)
 WHERE state = 'active'""",
    "ANALYZE floor_queue",
)
_TAKE = text("""
WITH taken AS (SELECT id FROM floor_queue WHERE state = 'queued' AND provider = :provider
   AND next_at <= now() ORDER BY next_at, id LIMIT :limit FOR UPDATE SKIP LOCKED)
UPDATE floor_queue q SET state = 'sending' FROM taken WHERE q.id = taken.id""")
_LOOK = text("""
WITH due AS (SELECT id FROM floor_queue WHERE state = 'active' AND provider = :provider
   AND next_poll_at <= now() ORDER BY next_poll_at LIMIT :limit FOR UPDATE SKIP LOCKED)
UPDATE floor_queue q SET next_poll_at = now() + interval '1 minute' FROM due WHERE q.id = due.id""")
_SUM = text("SELECT count(*), sum(amount) FROM transfers")
_COUNT = text("SELECT provider, state, count(*), sum(cost_booked) FROM orders GROUP BY 1, 2")


async def build(database: Database) -> None:
    """A queue as textbooks have it: the ids, states and times of the orders, and nothing else."""
    for statement in _QUEUE:
        async with database.transaction() as connection:
            await connection.execute(text(statement))


async def take(connection: AsyncConnection, provider: str, limit: int) -> int:
    """Claim from the textbook's queue in one statement; how many."""
    return (await connection.execute(_TAKE, {"provider": provider, "limit": limit})).rowcount


async def look(connection: AsyncConnection, provider: str, limit: int) -> int:
    """Lease what is due there in one statement; how many."""
    return (await connection.execute(_LOOK, {"provider": provider, "limit": limit})).rowcount


async def add_up(connection: AsyncConnection) -> None:
    """Read every transfer once."""
    await connection.execute(_SUM)


async def count(connection: AsyncConnection) -> None:
    """Read every order once."""
    await connection.execute(_COUNT)
