"""A provider's account with us: by the day beside what he said, and transfer by transfer."""

from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, date, timedelta

from starlette.responses import Response

from gateway.admin import subjects
from gateway.admin.days import day_of, spelled
from gateway.admin.grids import (
    ROWS,
    Cell,
    Choice,
    Column,
    Grid,
    Row,
    at_once,
    export,
    page_number,
    wants_export,
)
from gateway.admin.rendering import page
from gateway.admin.visits import Form, Page, Visit, missing, whole
from gateway.domain.operators import Right
from gateway.domain.searching import ID_MAX
from gateway.operations.provider_movements import Movement, Place, provider_movements
from gateway.operations.provider_statement import Day, provider_statement
from gateway.operations.show_providers import show_providers

DAYS_SHOWN = timedelta(days=30)
EXPORTED_AT_ONCE = 5_000
LEG_MAX = 2**15 - 1
PLACE_PARTS = 3


async def show(visit: Visit) -> Response:
    """His days, the latest first."""
    name, currency = await _provider(visit)
    since, until = _between(visit)
    days = await provider_statement(visit.backends, name, since, until) or ()
    rows = [_day(name, each) for each in reversed(days)]
    columns = _day_columns(currency)
    if wants_export(visit):
        return export(f"statement-{name}", columns, at_once(rows))
    at = page_number(visit.query)
    grid = Grid(
        f"Statement of {name}",
        columns,
        rows[(at - 1) * ROWS : at * ROWS],
        visit.query,
        subjects.books_of(name),
        choices=_choices(since, until),
        later={"page": str(at + 1)} if len(rows) > at * ROWS else {},
        earlier={"page": str(at - 1)} if at > 1 else {},
        total=len(rows),
        empty="Nothing moved and nothing was read in these days.",
        note="Days in UTC with a movement or a reading, at most 400; today as far as it is"
        " tallied. Opening + funds + costs + corrections + others = closing.",
    )
    return page(visit, "provider_books.html", name=name, grid=grid, day=None)


async def movements(visit: Visit) -> Response:
    """Each transfer on his account, of one day or of all, the latest first."""
    name, currency = await _provider(visit)
    day = day_of(visit.query.one("day"))
    path, columns = f"{subjects.books_of(name)}/movements", _movement_columns(currency)
    bounds = await _bounds(visit, name, day)
    if wants_export(visit):
        return export(f"movements-{name}", columns, _pages(visit, name, bounds, day))
    high, low = bounds
    below = _place(visit.query) or Place(high)
    found = await provider_movements(visit.backends, name, below=below, low=low, limit=ROWS + 1)
    shown, more = found[:ROWS], len(found) > ROWS
    grid = Grid(
        f"Movements of {name}",
        columns,
        [_movement(each) for each in shown if _is_of(each, day)],
        visit.query,
        path,
        choices=(Choice("day", "Day", value=spelled(day), kind="date"),),
        later={"before": _spelled(shown[-1].place)} if more else {},
        keyed="before",
        empty="Nothing moved.",
        note="Above 0 he holds more for us.",
    )
    return page(visit, "provider_books.html", name=name, grid=grid, day=day)


async def _provider(visit: Visit) -> tuple[str, str]:
    name = visit.path("name")
    standings = await show_providers(visit.backends, name)
    if not standings:
        raise missing(f"provider {name} in the active revision")
    return name, standings[0].provider.currency


def _between(visit: Visit) -> tuple[date, date]:
    today = visit.site.now().astimezone(UTC).date()
    until = day_of(visit.query.one("to")) or today
    since = day_of(visit.query.one("from")) or until - DAYS_SHOWN
    return min(since, until), until


def _choices(since: date, until: date) -> Sequence[Choice]:
    return (
        Choice("from", "From", value=spelled(since), kind="date"),
        Choice("to", "To", value=spelled(until), kind="date"),
    )


def _day_columns(currency: str) -> Sequence[Column]:
    return (
        Column("day"),
        Column("opening", right=True, unit=currency),
        Column("funds", right=True),
        Column("costs", right=True),
        Column("corrections", right=True),
        Column("others", right=True),
        Column("closing", right=True),
        Column("his balance", right=True),
        Column("unexplained", right=True),
    )


def _day(name: str, each: Day) -> Row:
    link = f"{subjects.books_of(name)}/movements?day={each.day.isoformat()}" if each.high else ""
    odd = subjects.discrepancies(provider=name, state="all")
    told = each.told
    unexplained = Cell(told.unexplained, href=odd if told.unexplained else "") if told else None
    return (
        Cell(each.day.isoformat(), href=link),
        each.opening,
        Cell(each.funds, href=link if each.funds else ""),
        Cell(each.costs, href=link if each.costs else ""),
        Cell(each.corrections, href=link if each.corrections else ""),
        Cell(each.others, href=link if each.others else ""),
        Cell(each.closing, href=link),
        told.balance if told else None,
        unexplained,
    )


def _movement_columns(currency: str) -> Sequence[Column]:
    return (
        Column("when"),
        Column("amount", right=True, unit=currency),
        Column("what"),
        Column("order", right=True),
        Column("entry", right=True),
        Column("key"),
        Column("by"),
        Column("reason"),
    )


def _movement(each: Movement) -> Row:
    link = f"/orders/{each.order}" if each.order else ""
    return (
        each.at,
        Cell(each.amount, href=f"/entries/{each.entry}"),
        each.kind,
        Cell(each.order, href=link),
        Cell(each.entry, href=f"/entries/{each.entry}"),
        each.key,
        each.actor,
        each.reason,
    )


async def _bounds(visit: Visit, name: str, day: date | None) -> tuple[int, int]:
    """The last transaction and the first that can be of a day; of no day, of all time."""
    if day is None:
        return ID_MAX, 0
    days = await provider_statement(visit.backends, name, day, day)
    return (days[0].high, days[0].low) if days else (0, 0)


def _is_of(each: Movement, day: date | None) -> bool:
    return day is None or each.at.astimezone(UTC).date() == day


def _place(query: Form) -> Place | None:
    parts = query.one("before").split(".")
    if len(parts) != PLACE_PARTS:
        return None
    xid, entry, leg = whole(parts[0]), whole(parts[1]), whole(parts[2], LEG_MAX)
    return None if xid is None or entry is None or leg is None else Place(xid, entry, leg)


def _spelled(place: Place) -> str:
    return f"{place.xid}.{place.entry}.{place.leg}"


async def _pages(
    visit: Visit, name: str, bounds: tuple[int, int], day: date | None
) -> AsyncGenerator[Sequence[Row]]:
    high, low = bounds
    below = Place(high)
    while True:
        found = await provider_movements(
            visit.backends, name, below=below, low=low, limit=EXPORTED_AT_ONCE
        )
        yield [_movement(each) for each in found if _is_of(each, day)]
        if len(found) < EXPORTED_AT_ONCE:
            return
        below = found[-1].place


_NAMED = "/reconciliation/providers/{name}"
PAGES = (
    Page("GET", _NAMED, Right.LOOK, show),
    Page("GET", f"{_NAMED}/movements", Right.LOOK, movements),
)
