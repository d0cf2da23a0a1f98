"""All discrepancies that somebody filtered, for a file."""

from collections.abc import AsyncGenerator, Sequence

from gateway.operations import Backends
from gateway.storage import discrepancy_lists
from gateway.storage.discrepancy_lists import Line, Wanted

__all__ = ["Line", "Wanted", "export_discrepancies"]

PAGE = 5_000


async def export_discrepancies(
    backends: Backends, wanted: Wanted, *, page: int = PAGE
) -> AsyncGenerator[Sequence[Line]]:
    """A page at a time, the latest first."""
    before = None
    while True:
        async with backends.database.reading() as connection:
            lines = await discrepancy_lists.page(connection, wanted, before, page)
        yield lines
        if len(lines) < page:
            return
        before = lines[-1].id
