"""A customer's statement: every movement of what he may spend, with what made it."""

from collections.abc import Sequence
from dataclasses import replace

from starlette.responses import Response

from gateway.admin.customer import facts_of
from gateway.admin.customers import path_of
from gateway.admin.grids import (
    ROWS,
    Cell,
    Choice,
    Column,
    Grid,
    Row,
    export,
    in_parts,
    wants_export,
)
from gateway.admin.rendering import page
from gateway.admin.typed import day_or_none
from gateway.admin.visits import Page, Stop, Visit
from gateway.domain.operators import Right
from gateway.operations.export_statement import export_statement
from gateway.operations.page_statement import (
    Kind,
    Movement,
    Position,
    StatementAsked,
    StatementPage,
    page_statement,
)
from gateway.operations.show_customer import Listed

KINDS = (
    ("", "everything"),
    (Kind.TOP_UP, "top-ups"),
    (Kind.HOLD, "held for orders"),
    (Kind.RELEASE, "released"),
    (Kind.REFUND, "refunds"),
    (Kind.RECHARGE, "refunds taken back"),
    (Kind.ADJUST, "adjustments"),
)


async def show(visit: Visit) -> Response:
    """A page of it, the newest first, or all that fits as a file, the oldest first."""
    customer = (await facts_of(visit)).customer
    asked = _asked(visit, customer.id)
    columns = _columns(customer)
    if wants_export(visit):
        found = export_statement(visit.backends, replace(asked, before=None))
        return export(f"statement-{customer.id}", columns, in_parts(found, _row))
    shown = await page_statement(visit.backends, asked)
    grid = _grid(visit, columns, shown, f"{path_of(customer.id)}/statement")
    return page(visit, "statement.html", customer=customer, grid=grid, path=path_of(customer.id))


def _asked(visit: Visit, customer: int) -> StatementAsked:
    query, back = visit.query, f"{path_of(customer)}/statement"
    kind, before = query.one("kind"), query.one("before")
    try:
        place = Position.read(before) if before else None
    except ValueError:
        raise Stop("This page of the statement cannot be found.", back=back, status=404) from None
    return StatementAsked(
        customer=customer,
        kind=Kind(kind) if kind in set(Kind) else None,
        since=day_or_none(query.one("since"), back),
        until=day_or_none(query.one("until"), back, later=1),
        before=place,
        limit=ROWS,
    )


def _columns(customer: Listed) -> Sequence[Column]:
    return (
        Column("when"),
        Column("what"),
        Column("order", right=True),
        Column("amount", right=True, unit=customer.currency),
        Column("available after", right=True, unit=customer.currency),
        Column("by"),
        Column("why"),
        Column("entry", right=True),
    )


def _row(each: Movement) -> Row:
    entry = f"/entries/{each.entry}"
    order = each.order
    return (
        each.at,
        each.kind.replace("_", "-"),
        None if order is None else Cell(order, href=f"/orders/{order}"),
        Cell(each.amount, href=entry),
        each.balance,
        each.actor,
        each.reason or None,
        Cell(each.entry, href=entry),
    )


def _grid(visit: Visit, columns: Sequence[Column], found: StatementPage, path: str) -> Grid:
    query = visit.query
    note = "Nobody summed the balance here: of one kind alone, and far back, it is not reckoned."
    unsummed = any(each.balance is None for each in found.movements)
    return Grid(
        name="Statement",
        columns=columns,
        rows=[_row(each) for each in found.movements],
        query=query,
        path=path,
        choices=(
            Choice("kind", "What", KINDS, query.one("kind")),
            Choice("since", "From", value=query.one("since"), kind="date"),
            Choice("until", "To (that day, too)", value=query.one("until"), kind="date"),
        ),
        later={"before": str(found.older)} if found.older else {},
        keyed="before",
        empty="Nothing moved." if not found.older else "Nothing here; further rows may have some.",
        note=note if unsummed else "",
    )


PAGES = (Page("GET", "/customers/{number:int}/statement", Right.LOOK, show),)
