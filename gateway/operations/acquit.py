"""The claim of an order has not ended its worker, however else it went."""

from gateway.operations import Backends
from gateway.storage import suspects


async def acquit(backends: Backends, order: int) -> None:
    """Forget that it was approached."""
    async with backends.database.transaction() as connection:
        await suspects.forget(connection, order)
