"""Show orders to operators."""

from collections.abc import AsyncGenerator

from gateway.operations import Backends
from gateway.storage import orders as storage
from gateway.storage.orders import Listed

PAGE = 1_000


async def list_orders(
    backends: Backends, *, state: str | None = None, customer: str | None = None
) -> AsyncGenerator[Listed]:
    """Every order that fits, by its id, read in pages."""
    after = 0
    while True:
        async with backends.database.reading() as connection:
            page = await storage.listed(
                connection, state=state, customer=customer, after=after, limit=PAGE
            )
        for order in page:
            yield order
        if len(page) < PAGE:
            return
        after = page[-1].standing.id
