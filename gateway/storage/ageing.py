"""Time that passes at once for what is in doubt, where a campaign cannot wait for it."""

from datetime import timedelta

from sqlalchemy import text

from gateway.storage.database import Database

# those that a dead worker left open, too: what was sent before what stays as it was
_ATTEMPTS = text("""
UPDATE attempts SET started_at = started_at - CAST(:by AS interval),
  ended_at = ended_at - CAST(:by AS interval)""")
_LOOK = text("UPDATE investigations SET next_at = now() WHERE next_at IS NOT NULL")
_PAUSES = text("UPDATE breakers SET until = until - CAST(:by AS interval) WHERE until > now()")
_WAITS = text("""
UPDATE orders SET next_at = next_at - CAST(:by AS interval)
 WHERE state = 'queued' AND next_at > now()""")


async def age(database: Database, by: timedelta) -> None:
    """All attempts were made earlier, and those in doubt are due for a look.

    What paused a provider because of them is over, and so is what orders waited for.
    """
    async with database.transaction() as connection:
        await connection.execute(_ATTEMPTS, {"by": by})
        await connection.execute(_LOOK)
        await connection.execute(_PAUSES, {"by": by})
        await connection.execute(_WAITS, {"by": by})
