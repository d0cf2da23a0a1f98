"""Count open orders now and then, so that no page has to."""

from gateway.operations import Backends
from gateway.storage import leases, standing


async def take_census(backends: Backends) -> bool:
    """Count what waits and what runs, unless another worker is at it; whether it was done."""
    async with backends.database.transaction() as connection:
        if not await leases.leads(connection, standing.CENSUS):
            return False
        await standing.take_census(connection)
    return True
