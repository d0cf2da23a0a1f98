"""One discrepancy: what is odd, how it may be closed, and what each way would post."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.domain.closing import CLOSED_BY, Into, why_not
from gateway.domain.targets import Class
from gateway.operations import Backends
from gateway.storage import closings, discrepancy_lists
from gateway.storage.closings import Closing, Moved
from gateway.storage.discrepancy_lists import Line, Wanted

__all__ = ["Into", "Line", "Moved", "Shown", "Way", "show_discrepancy"]


@dataclass(frozen=True, slots=True)
class Way:
    """One way to close it; `into` None: by a note alone. `why_not` is empty where it may be.

    `moves`: the transfers that would be posted; `mark`: what they were made of.
    """

    into: Into | None
    why_not: str
    moves: Sequence[Moved]
    mark: str


@dataclass(frozen=True, slots=True)
class Shown:
    """`ways`: none of a closed one. `named`: the transfers of the entry that names it."""

    line: Line
    closed_by: str
    ways: Sequence[Way]
    named: Sequence[Moved]


async def show_discrepancy(backends: Backends, number: int) -> Shown | None:
    """An open or a closed one, by its number; None: there is none. Nothing is posted."""
    catalog = backends.shelf.stock.catalog
    async with backends.database.reading() as connection:
        lines = await discrepancy_lists.page(connection, Wanted(), number + 1, 1)
        if not lines or lines[0].id != number:
            return None
        line = lines[0]
        closing = await closings.read(connection, catalog, number)
        named = await closings.moved(connection, line.entry) if line.entry else ()
    ways = [_way(closing, into) for into in (None, *Into)] if closing else []
    return Shown(line, CLOSED_BY[Class(line.kind)], ways, named)


def _way(closing: Closing, into: Into | None) -> Way:
    refused = why_not(closing.case, into)
    foreseen = closing.entry(into, "") if into and not refused else None
    moves = closings.foreseen(foreseen) if foreseen else ()
    return Way(into, refused, moves, closing.mark)
