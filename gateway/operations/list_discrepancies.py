"""Discrepancies, open and closed ones, a page at a time."""

from collections.abc import Sequence

from gateway.operations import Backends
from gateway.storage import discrepancy_lists
from gateway.storage.discrepancy_lists import Line, Wanted

__all__ = ["Line", "Wanted", "list_discrepancies"]

PAGE = 50


async def list_discrepancies(
    backends: Backends, wanted: Wanted, *, before: int | None = None, limit: int = PAGE
) -> Sequence[Line]:
    """The latest first; the next page is `before` the last id."""
    async with backends.database.reading() as connection:
        return await discrepancy_lists.page(connection, wanted, before, limit)
