"""Offers that wait for an operator or are gone, and what changed in them, side by side."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
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
    page_number,
    wants_export,
)
from gateway.admin.rendering import page
from gateway.admin.visits import Form, Page, Visit
from gateway.domain.catalog import OfferRef, OfferState
from gateway.domain.operators import Right
from gateway.domain.syncing import turned
from gateway.operations.held_offers import HeldOffer, held_offers

OF_ONE_PROVIDER_MAX = 500
HERE = "/services/held"
RATE_WAITS = "rate waits"
TONES = {"quarantined": "doubt", RATE_WAITS: "doubt", "vanished": "ended"}
SOLD, UNSOLD = "sold here", "not sold here"
COLUMNS = (
    Column("offer", firm=True),
    Column("state"),
    Column("was"),
    Column("is now"),
    Column("rate", right=True),
    Column("rate now", right=True),
    Column("currency"),
    Column("last seen"),
    Column("services"),
)


@dataclass(frozen=True, slots=True)
class Listed:
    """Held offers of all providers, and the services that have them."""

    offers: Sequence[HeldOffer]
    services: Mapping[OfferRef, tuple[int, ...]]
    currencies: Mapping[str, str]


async def show_all(visit: Visit) -> Response:
    """Those of all providers, or of one; what services sell comes first."""
    found = await held_of(visit, visit.query)
    if wants_export(visit):
        return export("held-offers", COLUMNS, _pages(found))
    number = page_number(visit.query)
    shown = found.offers[(number - 1) * ROWS : number * ROWS]
    picks = visit.may(Right.CATALOG)
    grid = Grid(
        "Held offers",
        (Column("choose", picks="offer"), *COLUMNS) if picks else COLUMNS,
        [(_pick(each), *line(each, found)) if picks else line(each, found) for each in shown],
        visit.query,
        HERE,
        choices=_choices(visit.query, found),
        search="Name, category or offer",
        earlier={"page": str(number - 1)} if number > 1 else {},
        later={"page": str(number + 1)} if number * ROWS < len(found.offers) else {},
        total=len(found.offers),
        empty="Nothing waits: every offer is listed as it was.",
    )
    able = [str(each.ref) for each in shown if waits(each)]
    fitting = sum(map(waits, found.offers))
    return page(visit, "held.html", grid=grid, able=able, fitting=fitting, most=OF_ONE_PROVIDER_MAX)


async def held_of(visit: Visit, wanted: Form) -> Listed:
    """Those that fit: what services sell first, then the latest seen."""
    providers = visit.backends.shelf.stock.catalog.providers
    only = wanted.one("provider")
    offers: list[HeldOffer] = []
    services: dict[OfferRef, tuple[int, ...]] = {}
    for provider in providers:
        if only in ("", provider):
            held = await held_offers(visit.backends, provider, OF_ONE_PROVIDER_MAX)
            offers += held.offers
            services |= held.services
    fitting = [each for each in offers if _fits(each, wanted, sold=each.ref in services)]
    fitting.sort(key=attrgetter("seen_at"), reverse=True)
    fitting.sort(key=lambda each: each.ref not in services)
    currencies = {name: each.currency for name, each in sorted(providers.items())}
    return Listed(fitting, services, currencies)


def waits(offer: HeldOffer) -> bool:
    """Whether somebody can agree to it; what vanished comes back by itself or never."""
    return offer.state is OfferState.QUARANTINED or offer.rate_waiting is not None


def line(offer: HeldOffer, listed: Listed) -> Row:
    """A row of `COLUMNS`."""
    parts = turned(offer.note)
    texts = [each for each in parts if each.what != "rate"]
    was = "; ".join(f"{each.what}: {each.was}" for each in texts)
    named = "" if any(each.what == "name" for each in texts) else offer.name
    now = "; ".join([*([named] if named else []), *(f"{e.what}: {e.now}" for e in texts)])
    sold, kind = listed.services.get(offer.ref, ()), _kind(offer)
    return (
        Cell(str(offer.ref), href=f"/providers/{quote(offer.ref.provider)}"),
        Cell(None if parts else offer.note, tone=TONES[kind], mark=kind),
        was or None,
        now,
        offer.rate,
        offer.rate_waiting,
        listed.currencies.get(offer.ref.provider, ""),
        offer.seen_at,
        Cell(
            ", ".join(map(str, sold[:10])) or None,
            href=f"/services?q={quote(str(offer.ref))}" if sold else "",
        ),
    )


def _pick(offer: HeldOffer) -> Cell:
    return Cell(str(offer.ref) if waits(offer) else None)


def _fits(offer: HeldOffer, wanted: Form, *, sold: bool) -> bool:
    text, state = wanted.one("q").strip().casefold(), wanted.one("state")
    return (
        text in f"{offer.name}\n{offer.category}\n{offer.ref}".casefold()
        and (state not in TONES or state == _kind(offer))
        and {SOLD: sold, UNSOLD: not sold}.get(wanted.one("sold"), True)
    )


def _kind(offer: HeldOffer) -> str:
    return RATE_WAITS if offer.rate_waiting is not None else str(offer.state)


def _choices(query: Form, found: Listed) -> Sequence[Choice]:
    options = {"provider": tuple(found.currencies), "state": tuple(TONES), "sold": (SOLD, UNSOLD)}
    return [
        Choice(name, name.title(), [("", "all"), *((e, e) for e in known)], query.one(name))
        for name, known in options.items()
    ]


async def _pages(found: Listed) -> AsyncGenerator[list[Row]]:
    yield [line(each, found) for each in found.offers]


PAGES = (Page("GET", HERE, Right.LOOK, show_all),)
