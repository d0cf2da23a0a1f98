"""Tell customers how their orders stand, from our own rows only."""

from collections.abc import Sequence

from gateway.domain.callers import Caller
from gateway.domain.observations import Observation
from gateway.domain.orders import as_customers_see
from gateway.operations import Backends
from gateway.storage import orders as storage


async def status(
    backends: Backends, caller: Caller, orders: Sequence[int]
) -> dict[int, Observation]:
    """The caller's orders among those asked; another's and unknown ones are equally absent."""
    async with backends.database.reading() as connection:
        found = await storage.standings(connection, caller.customer, orders)
    return {order: as_customers_see(standing) for order, standing in found.items()}
