"""Tell an order's story for its page: bounded, and in the order of time."""

from gateway.domain.chronicle import About, Item, Step
from gateway.domain.glimpse import Glimpse
from gateway.operations import Backends
from gateway.storage import stories
from gateway.storage.goodwill import Goodwill
from gateway.storage.orders import Listed
from gateway.storage.stories import Told

__all__ = ["About", "Glimpse", "Goodwill", "Item", "Listed", "Step", "Told", "tell_order"]


async def tell_order(backends: Backends, order: int) -> Told | None:
    """Everything that a page shows of an order; None when there is none."""
    async with backends.database.reading() as connection:
        return await stories.tell(connection, order)
