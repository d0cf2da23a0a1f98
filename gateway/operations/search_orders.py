"""Find orders for operators, a page at a time."""

from gateway.domain.searching import Group, Search, Sort
from gateway.operations import Backends
from gateway.storage import searching
from gateway.storage.orders import Listed
from gateway.storage.searching import Found, Place

__all__ = ["Found", "Group", "Listed", "Place", "Search", "Sort", "search_orders"]


async def search_orders(backends: Backends, wanted: Search, place: Place = Place()) -> Found:  # noqa: B008  frozen
    """The page of the orders that fit; it looks at 50,000 at most and says where it stopped."""
    async with backends.database.reading() as connection:
        return await searching.search(connection, wanted, place)
