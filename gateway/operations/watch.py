"""Hold the books against themselves while they move; what does not hold stops what it must."""

from gateway.operations import Backends
from gateway.storage import leases, watching


async def watch(backends: Backends) -> int:
    """Look at what moved in the last minutes, unless another worker does; how much is wrong."""
    async with backends.database.transaction() as connection:
        if not await leases.leads(connection, watching.WATCH):
            return 0
        broken = await watching.lately(connection)
        await watching.record(connection, broken)
    return len(broken)
