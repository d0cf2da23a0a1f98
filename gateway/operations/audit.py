"""Prove all of the books once a night; what does not hold stops what it must (money.md 6)."""

from gateway.operations import Backends
from gateway.storage import leases, watching

AT_HOUR = 3
DONE = "audited"
DONE_SECONDS = 20 * 3600


async def audit(backends: Backends, *, at_hour: int = AT_HOUR) -> int | None:
    """How much is wrong; None when it is not the hour (UTC), or another worker does or did it.

    Without Redis it is done more often than once, which harms nobody.
    """
    if await backends.cache.get(DONE):
        return None
    async with backends.database.transaction() as connection:
        if not await watching.is_hour(connection, at_hour):
            return None
        if not await leases.leads(connection, watching.AUDIT):
            return None
        broken = await watching.everything(connection)
        await watching.record(connection, broken)
    await backends.cache.put(DONE, b"1", DONE_SECONDS)
    return len(broken)
