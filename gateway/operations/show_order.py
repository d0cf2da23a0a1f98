"""Tell the whole story of one order."""

from gateway.operations import Backends
from gateway.storage import orders
from gateway.storage.orders import Story


async def show_order(backends: Backends, order: int) -> Story | None:
    """Everything that happened to an order; None when there is none."""
    async with backends.database.reading() as connection:
        return await orders.story(connection, order)
