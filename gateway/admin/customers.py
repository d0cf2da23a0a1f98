"""The customers: who there is, and one more."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from starlette.responses import Response

from gateway.admin.grids import (
    ROWS,
    Cell,
    Choice,
    Column,
    Grid,
    Row,
    export,
    in_parts,
    page_number,
    wants_export,
)
from gateway.admin.rendering import page
from gateway.admin.typed import amount_or_none, name_of
from gateway.admin.visits import Page, Stop, Visit
from gateway.dialects.book import BOOK
from gateway.domain.money import ZERO
from gateway.domain.operators import Right
from gateway.operations.add_customer import NameTaken, add_customer
from gateway.operations.browse_customers import (
    CustomersAsked,
    CustomersPage,
    Listed,
    Sort,
    browse_customers,
)
from gateway.operations.export_customers import export_customers

PATH = "/customers"
NO_GROUP = "(none)"
DIALECTS = [(name, name) for name in BOOK]
ENABLED: Mapping[str, bool] = {"yes": True, "no": False}
SORTS: Mapping[str, Sort] = {
    "id": Sort.ID,
    "name": Sort.NAME,
    "available": Sort.AVAILABLE,
    "held": Sort.HELD,
    "since": Sort.NEWEST,
}


async def show_all(visit: Visit) -> Response:
    """The list, or all that fit as a file; and a form for one more."""
    asked = _asked(visit)
    columns = _columns(visit)
    if wants_export(visit):
        rows = in_parts(export_customers(visit.backends, asked), _row)
        return export("customers", columns, rows)
    found = await browse_customers(visit.backends, asked)
    return page(
        visit,
        "customers.html",
        grid=_grid(visit, columns, found),
        groups=[each for each in found.groups if each],
        dialects=DIALECTS,
    )


async def add(visit: Visit) -> Response:
    """One more; his key is shown this once."""
    name = name_of(visit.form.one("name"), "name", PATH)
    group = name_of(visit.form.one("group"), "group", PATH, empty=True)
    dialect = dialect_of(visit, PATH)
    try:
        made = await add_customer(
            visit.backends, name, group=group, dialect=dialect, paid_in=ZERO, actor=visit.actor
        )
    except NameTaken:
        raise Stop(
            f"There is a customer {name} already. Nothing was added.",
            then="If you lost the key that you were shown, give him another one on his page.",
            back=f"{PATH}?q={quote(name)}",
        ) from None
    return page(
        visit,
        "customer_key.html",
        customer=made.customer,
        name=name,
        key=made.key,
        dialect=dialect,
    )


def path_of(customer: int) -> str:
    """A customer's page."""
    return f"{PATH}/{customer}"


def dialect_of(visit: Visit, back: str) -> str:
    """The dialect that was chosen: a built-in one; raises `Stop`."""
    dialect = visit.form.one("dialect")
    if dialect not in BOOK:
        raise Stop("There is no such dialect. Nothing was changed.", back=back)
    return dialect


def _asked(visit: Visit) -> CustomersAsked:
    query = visit.query
    group = query.one("group")
    sort = _sorted_by(visit)
    by = SORTS[sort.removeprefix("-")]
    turned = sort.startswith("-")
    return CustomersAsked(
        text=query.one("q").strip(),
        group=("" if group == NO_GROUP else group) if group else None,
        enabled=ENABLED.get(query.one("enabled")),
        available_min=amount_or_none(query.one("from"), PATH),
        available_below=amount_or_none(query.one("below"), PATH),
        sort=by,
        # the newest come first where nothing is turned; the oldest are the least
        reverse=turned is not (by is Sort.NEWEST),
        limit=ROWS,
        offset=(page_number(query) - 1) * ROWS,
    )


def _sorted_by(visit: Visit) -> str:
    sort = visit.query.one("sort")
    return sort if sort.removeprefix("-") in SORTS and not sort.startswith("--") else "id"


def _columns(visit: Visit) -> Sequence[Column]:
    house = visit.backends.shelf.stock.catalog.markup.currency
    return (
        Column("id", right=True, sort="id"),
        Column("name", sort="name"),
        Column("group"),
        Column("available", right=True, sort="available", unit=house),
        Column("held", right=True, sort="held", unit=house),
        Column("may order"),
        Column("since", sort="since"),
    )


def _row(each: Listed) -> Row:
    path = path_of(each.id)
    return (
        each.id,
        Cell(each.name, href=path),
        each.group or None,
        Cell(each.available, href=f"{path}/statement"),
        each.held,
        Cell("yes") if each.enabled else Cell("no", tone="ended"),
        each.created_at,
    )


def _grid(visit: Visit, columns: Sequence[Column], found: CustomersPage) -> Grid:
    query, number = visit.query, page_number(visit.query)
    groups = [(each, each) if each else (NO_GROUP, "none") for each in found.groups]
    return Grid(
        name="Customers",
        columns=columns,
        rows=[_row(each) for each in found.customers],
        query=query,
        path=PATH,
        choices=(
            Choice("group", "Group", [("", "any"), *groups], query.one("group")),
            Choice(
                "enabled",
                "May order",
                [("", "either"), ("yes", "yes"), ("no", "no")],
                query.one("enabled"),
            ),
            Choice("from", "Available from", value=query.one("from")),
            Choice("below", "Available below", value=query.one("below")),
        ),
        search="Name",
        sort=_sorted_by(visit),
        later={"page": str(number + 1)} if number * ROWS < found.found else {},
        earlier={"page": str(number - 1)} if number > 1 else {},
        total=found.found,
        empty="No customer fits." if found.found == 0 else "There are no further pages.",
    )


PAGES = (
    Page("GET", PATH, Right.LOOK, show_all),
    Page("POST", PATH, Right.CUSTOMERS, add),
)
