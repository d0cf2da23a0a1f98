"""End requests that wait in vain, and cancels whose order has ended (protocol.md 6.2)."""

from gateway.operations import Backends
from gateway.storage import forwarding

WAIT_DAYS = 7
WAIT_DAYS_AT_WORK = 30
BATCH = 500


async def close_requests(backends: Backends) -> int:
    """Those without an end for a week, or for a month once they are under way; how many."""
    async with backends.database.transaction() as connection:
        return await forwarding.close_old(
            connection, days=WAIT_DAYS, days_at_work=WAIT_DAYS_AT_WORK, limit=BATCH
        )
