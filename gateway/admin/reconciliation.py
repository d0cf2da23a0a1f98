"""What does not add up: open discrepancies by class, the list of them, each provider's books."""

from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta
from urllib.parse import quote

from starlette.responses import Response

from gateway.admin import subjects
from gateway.admin.grids import (
    ROWS,
    Cell,
    Choice,
    Column,
    Grid,
    Row,
    export,
    wants_export,
)
from gateway.admin.overview_grids import by_class, named
from gateway.admin.rendering import lasts, page
from gateway.admin.visits import Form, Page, Visit, whole
from gateway.domain.operators import Right
from gateway.domain.targets import Class
from gateway.operations.export_discrepancies import export_discrepancies
from gateway.operations.list_discrepancies import Line, Wanted, list_discrepancies
from gateway.operations.reconcile import ProviderBooks, reconcile
from gateway.operations.sum_discrepancies import ClassSum, sum_discrepancies

PATH = "/reconciliation"
OPEN, CLOSED, ALL = "open", "closed", "all"
STATES = {OPEN: True, CLOSED: False, ALL: None}
AGES = {
    "1h": timedelta(hours=1),
    "1d": timedelta(days=1),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
COLUMNS = (
    Column("number", right=True),
    Column("class"),
    Column("provider"),
    Column("order", right=True),
    Column("difference", right=True),
    Column("expected", right=True),
    Column("seen", right=True),
    Column("age", right=True),
    Column("since"),
    Column("what"),
)
OF_CLOSED = (Column("closed by"), Column("note of closing"))


async def show(visit: Visit) -> Response:
    """Everything, with the list as it is filtered; the list alone as a file."""
    wanted, query = _wanted(visit.query), visit.query
    if wants_export(visit):
        return export("discrepancies", _columns(wanted), _pages(visit, wanted))
    sums, books = (
        await sum_discrepancies(visit.backends),
        (await reconcile(visit.backends)).providers,
    )
    lines = await list_discrepancies(
        visit.backends, wanted, before=whole(query.one("before")), limit=ROWS + 1
    )
    shown, more = lines[:ROWS], len(lines) > ROWS
    grid = Grid(
        "Discrepancies",
        _columns(wanted),
        [_row(each, wanted) for each in shown],
        query,
        PATH,
        choices=_choices(query, wanted, sums, books),
        later={"before": str(shown[-1].id)} if more else {},
        keyed="before",
        empty="None that fits. With no filter: the books agree with what the providers say.",
        note="The latest first; amounts in the provider's own currency.",
    )
    return page(
        visit,
        "reconciliation.html",
        grid=grid,
        sums=by_class(visit, sums),
        books=_books(visit, books),
    )


def _wanted(query: Form) -> Wanted:
    kind = query.one("kind")
    return Wanted(
        kind=kind if kind in list(Class) else None,
        provider=query.one("provider") or None,
        order=whole(query.one("order")),
        is_open=STATES.get(query.one("state"), True),
        older_than=AGES.get(query.one("age")),
    )


def _choices(
    query: Form, wanted: Wanted, sums: Sequence[ClassSum], books: Sequence[ProviderBooks]
) -> Sequence[Choice]:
    of_sums = {each.provider for one in sums for each in one.providers}
    names = {each.provider for each in books} | of_sums | {wanted.provider or ""}
    state = query.one("state")
    order = "" if wanted.order is None else str(wanted.order)
    return (
        Choice("kind", "Class", _any([(each, named(each)) for each in Class]), wanted.kind or ""),
        Choice(
            "provider",
            "Provider",
            _any([(each, each) for each in sorted(names - {""})]),
            wanted.provider or "",
        ),
        Choice("order", "Order", value=order),
        Choice(
            "state", "State", [(each, each) for each in STATES], state if state in STATES else OPEN
        ),
        Choice(
            "age",
            "Older than",
            _any([(each, each) for each in AGES]),
            query.one("age") if wanted.older_than else "",
        ),
    )


def _any(options: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    return [("", "any"), *options]


async def _pages(visit: Visit, wanted: Wanted) -> AsyncGenerator[Sequence[Row]]:
    async for lines in export_discrepancies(visit.backends, wanted):
        yield [_row(each, wanted) for each in lines]


def _columns(wanted: Wanted) -> Sequence[Column]:
    return COLUMNS if wanted.is_open else (*COLUMNS, *OF_CLOSED)


def _row(each: Line, wanted: Wanted) -> Row:
    kind = Class(each.kind)
    is_open = each.closed_at is None
    closed = ("", "") if is_open else (each.closed_by or "itself", each.close_note or "")
    return (
        Cell(each.id, href=f"{PATH}/{each.id}"),
        Cell(
            named(kind), tone="doubt" if is_open else "ended", mark="open" if is_open else "closed"
        ),
        Cell(each.provider, href=subjects.discrepancies(provider=each.provider)),
        Cell(each.order, href=f"/orders/{each.order}" if each.order else ""),
        Cell(each.difference, href=f"{PATH}/{each.id}" if each.difference else ""),
        each.expected,
        each.seen,
        lasts(each.age),
        each.opened_at,
        each.note,
        *(() if wanted.is_open else closed),
    )


def _books(visit: Visit, books: Sequence[ProviderBooks]) -> Grid:
    columns = (
        Column("provider"),
        Column("currency"),
        Column("paid in", right=True),
        Column("booked", right=True),
        Column("set aside", right=True),
        Column("balance read", right=True),
        Column("unconfirmed", right=True),
        Column("their cost", right=True),
        Column("unexplained", right=True),
        Column("read"),
    )
    rows = [_of_provider(each) for each in books]
    empty = "No provider was ever read or paid."
    return Grid("Providers' books", columns, rows, visit.query, PATH, empty=empty, exports=False)


def _of_provider(each: ProviderBooks) -> Row:
    link = subjects.books_of(each.provider)
    doubtful = f"/orders?state=in+doubt&provider={quote(each.provider)}" if each.unconfirmed else ""
    odd = subjects.discrepancies(provider=each.provider) if each.unexplained else ""
    return (
        Cell(each.provider, href=link),
        each.currency,
        Cell(each.paid_in, href=link),
        Cell(each.booked, href=link),
        Cell(each.suspense, href=odd),
        Cell(each.balance, href=link),
        Cell(each.unconfirmed, href=doubtful),
        Cell(each.unconfirmed_cost, href=doubtful),
        Cell(each.unexplained, href=odd or link),
        each.balance_at,
    )


PAGES = (Page("GET", PATH, Right.LOOK, show),)
