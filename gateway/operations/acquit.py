"""The claim of some orders has not ended its worker, however else it went."""

from collections.abc import Sequence

from gateway.operations import Backends
from gateway.storage import suspects


async def acquit(backends: Backends, orders: Sequence[int]) -> None:
    """Forget that they were approached."""
    async with backends.database.transaction() as connection:
        await suspects.forget(connection, orders)
