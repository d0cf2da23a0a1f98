"""What a provider offers and nobody sells yet, and entries of services.toml made of it."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from decimal import Decimal
from urllib.parse import quote

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
from gateway.admin.picked import picked, which_of
from gateway.admin.rendering import page
from gateway.admin.visits import Form, Page, Stop, Visit, missing
from gateway.domain.money import read_amount
from gateway.domain.operators import Right
from gateway.domain.services import ServiceType
from gateway.operations.importable import Importables, Offered, Wanted, importable

HERE = "/services/import"
CHOSEN_MAX = 500
ALL = 1_000_000
TEXT_CHARACTERS_MAX = 300
FILTERS = ("q", "category", "type", "rate_min", "rate_max")


async def show_all(visit: Visit) -> Response:
    """A page of a provider's list; a denied offer is there with what denies it."""
    providers = visit.backends.shelf.stock.catalog.providers
    provider = visit.query.one("provider") or next(iter(sorted(providers)), "")
    if not provider:
        return page(visit, "import.html", grid=None, provider="", found=None, able=())
    number = page_number(visit.query)
    wanted = replace(_wanted(visit.query), skip=(number - 1) * ROWS, limit=ROWS)
    if wants_export(visit):
        every = await _importable(visit, provider, replace(wanted, skip=0, limit=ALL))
        return export("importable", _columns(visit, provider), _pages(every))
    found = await _importable(visit, provider, wanted)
    grid = _grid(visit, provider, found, number)
    able = [each.offer.ref.offer for each in found.offers if not each.denied]
    return page(visit, "import.html", grid=grid, provider=provider, found=found, able=able)


async def preview_import(visit: Visit) -> Response:
    """The entries that the chosen ones become, and what they would be sold at."""
    provider, which = visit.form.one("provider"), which_of(visit.form)
    if which == "fitting":
        every = await _importable(visit, provider, replace(_wanted(visit.form), limit=ALL))
        able = [each.offer.ref.offer for each in every.offers if not each.denied]
        chosen = picked(Form({"offer": able}), "offer", back=HERE)
    else:
        chosen = picked(visit.form, "offer" if which == "ticked" else "shown", back=HERE)
    return await changes.propose(visit, await _wish(visit, provider, chosen))


async def take_in(visit: Visit) -> Response:
    """Imported, as it was shown."""
    chosen = picked(visit.form, "offer", back=HERE)
    return await changes.carry_out(visit, await _wish(visit, visit.form.one("provider"), chosen))


async def _wish(visit: Visit, provider: str, chosen: Sequence[str]) -> Wish:
    """Raises `Stop` where any of them cannot be sold: the deny list is no advice."""
    back = f"{HERE}?provider={quote(provider)}"
    if len(chosen) > CHOSEN_MAX:
        raise Stop(
            f"{len(chosen):,} are too many at once: at most {CHOSEN_MAX}. Nothing was changed.",
            then="Narrow the filters.",
            back=back,
        )
    found = await _importable(visit, provider, Wanted(chosen=tuple(chosen), limit=ALL))
    entries = found.entries.entries
    able = {ref.partition(":")[2] for each in entries for ref in each.offers}
    if unable := [each for each in chosen if each not in able]:
        reasons = {each.offer.ref.offer: each.denied for each in found.offers}
        why_not = reasons.get(unable[0], "not in the list, or sold already")
        raise Stop(
            f"Offer {unable[0][:80]} cannot be imported: {why_not}. Nothing was changed.",
            then="Choose again.",
            back=back,
        )
    many = f"{len(entries):,} services" if len(entries) != 1 else f"service {entries[0].id}"
    return Wish(
        title=f"Import {many} of {provider}",
        edits=(found.entries,),
        action=HERE,
        intent=[("provider", provider), *(("offer", each) for each in chosen)],
        back=back,
        words=f"Imported: {many}.",
        then="/services?sort=-id",
    )


async def _importable(visit: Visit, provider: str, wanted: Wanted) -> Importables:
    found = await importable(visit.backends, provider, wanted)
    if found is None:
        raise missing(f"provider {provider[:100]} in the catalog")
    return found


def _wanted(query: Form) -> Wanted:
    """What the filters say; a rate that is none does not filter."""
    return Wanted(
        text=query.one("q").strip()[:TEXT_CHARACTERS_MAX],
        category=query.one("category").strip()[:TEXT_CHARACTERS_MAX],
        kind_word=query.one("type"),
        rate_min=_rate(query.one("rate_min")),
        rate_max=_rate(query.one("rate_max")),
    )


def _rate(text: str) -> Decimal | None:
    return read_amount(text.strip())


def _grid(visit: Visit, provider: str, found: Importables, number: int) -> Grid:
    picks = visit.may(Right.CATALOG)
    columns = _columns(visit, provider)
    lines = [_line(each) for each in found.offers]
    if picks:
        columns = (Column("choose", picks="offer"), *columns)
        lines = [
            (Cell(None if each.denied else each.offer.ref.offer), *line)
            for each, line in zip(found.offers, lines, strict=True)
        ]
    reasons = sorted(found.denied.items(), key=lambda each: -each[1])[:5]
    left = sum(found.denied.values())
    told = "; ".join(f"{why} ({count:,})" for why, count in reasons)
    return Grid(
        "Offers that nobody sells yet",
        columns,
        lines,
        visit.query,
        HERE,
        choices=_choices(visit, provider),
        search="Name or category",
        earlier={"page": str(number - 1)} if number > 1 else {},
        later={"page": str(number + 1)} if number * ROWS < found.total else {},
        total=found.total,
        empty="Nothing fits that is not sold already.",
        note=f"{left:,} cannot be sold: {told[:500]}" if left else "",
    )


def _choices(visit: Visit, provider: str) -> Sequence[Choice]:
    query = visit.query
    names = sorted(visit.backends.shelf.stock.catalog.providers)
    kinds = [("", "all"), *((str(each), str(each)) for each in ServiceType)]
    return (
        Choice("provider", "Provider", [(each, each) for each in names], provider),
        Choice("category", "Category, or a pattern", value=query.one("category")),
        Choice("type", "Type", kinds, query.one("type")),
        Choice("rate_min", "Rate from", value=query.one("rate_min")),
        Choice("rate_max", "Rate to", value=query.one("rate_max")),
    )


def _columns(visit: Visit, provider: str) -> Sequence[Column]:
    found = visit.backends.shelf.stock.catalog.providers.get(provider)
    return (
        Column("offer", right=True),
        Column("name"),
        Column("category"),
        Column("type"),
        Column("rate", right=True, unit=found.currency if found else ""),
        Column("least", right=True),
        Column("most", right=True),
        Column("why not"),
    )


def _line(offered: Offered) -> Row:
    listing = offered.offer.listing
    denied = Cell(offered.denied, tone="ended", mark="no") if offered.denied else Cell(None)
    return (
        listing.offer,
        listing.name,
        listing.category,
        listing.kind_word,
        listing.rate,
        listing.quantity_min,
        listing.quantity_max,
        denied,
    )


async def _pages(found: Importables) -> AsyncGenerator[list[Row]]:
    yield [_line(each) for each in found.offers]


PAGES = (
    Page("GET", HERE, Right.LOOK, show_all),
    Page("POST", f"{HERE}/preview", Right.CATALOG, preview_import),
    Page("POST", HERE, Right.CATALOG, take_in),
)
