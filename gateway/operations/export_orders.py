"""Write out exactly the orders that a search finds."""

from collections.abc import AsyncGenerator

from gateway.domain.searching import Search
from gateway.operations import Backends
from gateway.storage import searching
from gateway.storage.orders import Listed
from gateway.storage.searching import Place

__all__ = ["Listed", "Search", "export_orders"]

PAGE = 1_000


async def export_orders(backends: Backends, wanted: Search) -> AsyncGenerator[Listed]:
    """All of them in the search's order, read in pages; no page is kept.

    Words that fit more than 5,000 orders give 5,000 of them, as on the page.
    """
    after: int | None = None
    while True:
        async with backends.database.reading() as connection:
            found = await searching.search(connection, wanted, Place(after=after, limit=PAGE))
        for order in found.orders:
            yield order
        if found.next is None:
            return
        after = found.next
