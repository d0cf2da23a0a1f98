"""Give up what pages keep of long ago: hours that have their days, old logs."""

from gateway.operations import Backends
from gateway.storage import histories, leases, tallying

PRUNE = leases.Task(26)


async def prune(backends: Backends) -> bool:
    """A batch of each, unless another worker is at it; whether it was done."""
    async with backends.database.transaction() as connection:
        if not await leases.leads(connection, PRUNE):
            return False
        await tallying.thin(connection)
        await histories.prune(connection)
    return True
