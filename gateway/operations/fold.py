"""Keep the house accounts' balances cheap to read."""

from gateway.operations import Backends
from gateway.storage import leases, ledger


async def fold(backends: Backends) -> bool:
    """Sum the house accounts up to now, unless another worker is at it; whether it was done."""
    async with backends.database.transaction() as connection:
        if not await leases.leads(connection, leases.FOLD):
            return False
        await ledger.fold(connection)
    return True
