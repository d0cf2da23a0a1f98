"""What operators did, a page at a time."""

from gateway.operations import Backends
from gateway.storage import deed_lists
from gateway.storage.deed_lists import DeedPage, Done, Sought

__all__ = ["DeedPage", "Done", "Sought", "list_deeds"]

PAGE = 50


async def list_deeds(
    backends: Backends, sought: Sought, *, below: int | None = None, limit: int = PAGE
) -> DeedPage:
    """The latest first; the page that follows starts `below` what this one tells."""
    async with backends.database.reading() as connection:
        return await deed_lists.page(connection, sought, below, limit)
