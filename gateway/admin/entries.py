"""One journal entry: what stands behind an amount."""

from starlette.responses import Response

from gateway.admin.rendering import page
from gateway.admin.visits import Page, Visit, missing
from gateway.domain.operators import Right
from gateway.operations.show_entry import show_entry


async def show(visit: Visit) -> Response:
    """Its transfers, who booked it, and what for."""
    number = visit.number("number")
    entry = await show_entry(visit.backends, number)
    if entry is None:
        raise missing(f"journal entry {number}")
    return page(visit, "entry.html", entry=entry)


PAGES = (Page("GET", "/entries/{number:int}", Right.LOOK, show),)
