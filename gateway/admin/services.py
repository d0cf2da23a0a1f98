"""What is sold: the table of services, and several of them switched on or off at once."""

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import replace

from starlette.responses import Response

from gateway.admin import changes
from gateway.admin.changes import Wish
from gateway.admin.grids import (
    ROWS,
    Cell,
    Choice,
    Column,
    Grid,
    Row,
    export,
    page_number,
    wants_export,
)
from gateway.admin.picked import number_of, picked, which_of
from gateway.admin.qualities import QUALITY, cells_of
from gateway.admin.rendering import page
from gateway.admin.visits import Form, Page, Stop, Visit
from gateway.domain.edits import EDITS_MAX, Switch
from gateway.domain.operators import Right
from gateway.operations.browse import Browsed, Filters, Sale, browse
from gateway.operations.browse import Column as By
from gateway.operations.browse import Row as Sold
from gateway.operations.show_quality import Quality, show_quality

ALL = 1_000_000
QUALITY_AT_ONCE = 1_000
OPTIONS_CHARACTERS_MAX = 8_000
TONES = {Sale.LOSS: "loss", Sale.NOTHING_LIVE: "doubt", Sale.OFF: "ended", Sale.ON_SALE: "settled"}


async def show_all(visit: Visit) -> Response:
    """A page of the table, or all that fit as a file."""
    house = visit.backends.shelf.stock.catalog.markup.currency
    if wants_export(visit):
        found = await browse(visit.backends, replace(_filters(visit.query), skip=0, limit=ALL))
        return export("services", _columns(house), _pages(visit, found.page.rows))
    found = await browse(visit.backends, _filters(visit.query))
    rows = found.page.rows
    measured = await _measured(visit, rows)
    picks = visit.may(Right.CATALOG)
    columns = (Column("choose", picks="service"), *_columns(house)) if picks else _columns(house)
    number = page_number(visit.query)
    grid = Grid(
        "Services",
        columns,
        [
            (Cell(each.service.id), *line) if picks else line
            for each, line in _lines(rows, measured)
        ],
        visit.query,
        "/services",
        choices=_choices(visit.query, found),
        search="Name, category, id or offer",
        sort=_sort(visit.query),
        earlier={"page": str(number - 1)} if number > 1 else {},
        later={"page": str(number + 1)} if number * ROWS < found.page.total else {},
        total=found.page.total,
        empty="No service fits." if visit.query.fields else "Nothing is sold yet: import some.",
    )
    ids = [each.service.id for each in rows]
    return page(visit, "services.html", grid=grid, found=found, ids=ids, tones=TONES)


async def preview_switch(visit: Visit) -> Response:
    """What it would change to switch those that were chosen."""
    numbers = await _chosen(visit)
    return await changes.propose(visit, _switch(visit, numbers))


async def switch(visit: Visit) -> Response:
    """Switched, as it was shown."""
    chosen = Form({"service": visit.form.one("services").split()})
    return await changes.carry_out(visit, _switch(visit, picked(chosen, "service")))


def _switch(visit: Visit, chosen: Sequence[str]) -> Wish:
    enabled = visit.form.one("enabled") == "1"
    numbers = frozenset(number_of(each, "/services") for each in chosen)
    many = f"{len(numbers):,} services" if len(numbers) != 1 else f"service {min(numbers)}"
    how = "on" if enabled else "off"
    return Wish(
        title=f"Switch {many} {how}",
        edits=(Switch(numbers, enabled),),
        action="/services/switch",
        # one field for all: a thousand of them would be most of the page
        intent=[("enabled", str(int(enabled))), ("services", " ".join(map(str, sorted(numbers))))],
        back="/services",
        words=f"Switched {how}: {many}.",
        then="/services",
    )


async def _chosen(visit: Visit) -> Sequence[str]:
    """The ids that were ticked, that were shown, or of all that fit."""
    which = which_of(visit.form)
    if which != "fitting":
        return picked(visit.form, "service" if which == "ticked" else "shown")
    wanted = replace(_filters(visit.form), skip=0, limit=EDITS_MAX)
    found = await browse(visit.backends, wanted)
    if found.page.total > EDITS_MAX:
        raise Stop(
            f"{found.page.total:,} services are too many at once: at most {EDITS_MAX:,}.",
            then="Narrow the filters. Nothing was changed.",
            back="/services",
        )
    return picked(Form({"all": [str(each.service.id) for each in found.page.rows]}), "all")


def _filters(query: Form) -> Filters:
    """What the address bar asks for; what it cannot mean is not heeded."""
    sort = _sort(query)
    sales = {str(each): each for each in Sale}
    return Filters(
        text=query.one("q"),
        category=query.one("category"),
        provider=query.one("provider"),
        sale=sales.get(query.one("sale")),
        column=By(sort.lstrip("-")) if sort else By.RISK,
        descending=sort.startswith("-"),
        skip=(page_number(query) - 1) * ROWS,
        limit=ROWS,
    )


def _sort(query: Form) -> str:
    sort = query.one("sort")
    return sort if sort.removeprefix("-") in {str(each) for each in By} else ""


def _choices(query: Form, found: Browsed) -> Sequence[Choice]:
    names = found.categories
    sales = [(str(sale), f"{sale} ({count:,})") for sale, count in found.page.sales]
    # a list of thousands would be most of the page: a pattern is typed then
    few = sum(map(len, names)) + 40 * len(names) <= OPTIONS_CHARACTERS_MAX
    known = query.one("category") in ("", *names)
    options = [("", "all"), *((each, each[:60]) for each in names)] if few and known else ()
    providers = [("", "all"), *((each, each) for each in found.providers)]
    return (
        Choice("category", "Category", options, query.one("category")),
        Choice("provider", "Provider", providers, query.one("provider")),
        Choice("sale", "Sale", [("", "all"), *sales], query.one("sale")),
    )


def _columns(house: str) -> Sequence[Column]:
    return (
        Column("id", right=True, sort="id"),
        Column("name", sort="name"),
        Column("category", sort="category"),
        Column("sale", sort="risk"),
        Column("offer", sort="offer", firm=True),
        Column("cost", right=True, sort="cost", unit=house),
        Column("rate", right=True, sort="rate", unit=house),
        Column("margin", right=True, sort="margin"),
        *QUALITY,
    )


Measured = Mapping[tuple[int, str], Quality]


async def _measured(visit: Visit, rows: Sequence[Sold]) -> Measured:
    found = await show_quality(visit.backends, [each.service.id for each in rows])
    return {(each.service, f"{each.provider}:{each.offer}"): each for each in found}


def _lines(rows: Iterable[Sold], measured: Measured) -> list[tuple[Sold, Row]]:
    return [(each, _line(each, measured)) for each in rows]


def _line(row: Sold, measured: Measured) -> Row:
    service, figures = row.service, row.figures
    tone = TONES[row.sale]
    offer = str(row.through or "")
    return (
        Cell(service.id, href=f"/services/{service.id}"),
        service.name,
        service.category,
        Cell(row.why or None, tone=tone if tone in ("loss", "doubt") else "", mark=str(row.sale)),
        offer,
        Cell(figures.cost_rate if figures else None),
        Cell(figures.rate if figures else None, href=f"/services/{service.id}#price"),
        Cell(figures.margin_percent if figures else None, share=True),
        *cells_of(measured.get((service.id, offer))),
    )


async def _pages(visit: Visit, rows: Sequence[Sold]) -> AsyncGenerator[list[Row]]:
    for first in range(0, len(rows), QUALITY_AT_ONCE):
        part = rows[first : first + QUALITY_AT_ONCE]
        yield [line for _, line in _lines(part, await _measured(visit, part))]


PAGES = (
    Page("GET", "/services", Right.LOOK, show_all),
    Page("POST", "/services/switch/preview", Right.CATALOG, preview_switch),
    Page("POST", "/services/switch", Right.CATALOG, switch),
)
