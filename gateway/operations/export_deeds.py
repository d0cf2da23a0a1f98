"""All deeds that somebody filtered, for a file."""

from collections.abc import AsyncGenerator, Sequence

from gateway.operations import Backends
from gateway.storage import deed_lists
from gateway.storage.deed_lists import Done, Sought

__all__ = ["Done", "Sought", "export_deeds"]

PAGE = 5_000


async def export_deeds(
    backends: Backends, sought: Sought, *, page: int = PAGE
) -> AsyncGenerator[Sequence[Done]]:
    """A page at a time, the latest first; pages may be empty where words are sought."""
    below = None
    while True:
        async with backends.database.reading() as connection:
            found = await deed_lists.page(connection, sought, below, page)
        yield found.deeds
        below = found.below
        if below is None:
            return
