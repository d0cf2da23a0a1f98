"""The services of a catalog as a table for operators: filtered, sorted, the worst first."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from gateway.domain.catalog import Catalog, OfferRef, OfferState, Service, fits
from gateway.domain.money import ZERO
from gateway.domain.quality import Quality
from gateway.domain.routing import Offers, sold_through
from gateway.domain.services import ServiceType
from gateway.domain.sides import ANYBODY, Figures, Side

PAGE = 50
_NOT_LISTED = "not listed"


class Sale(StrEnum):
    """How a service is sold. Switched off by its document, or on and with nothing live."""

    LOSS = "loss"
    NOTHING_LIVE = "nothing live"
    ON_SALE = "on sale"
    OFF = "off"


class Column(StrEnum):
    """What the table can be sorted by."""

    RISK = "risk"
    ID = "id"
    NAME = "name"
    CATEGORY = "category"
    OFFER = "offer"
    COST = "cost"
    RATE = "rate"
    MARGIN = "margin"
    START = "start"
    END = "end"
    PARTIAL = "partial"
    REFUSED = "refused"


MEASURED = frozenset({Column.START, Column.END, Column.PARTIAL, Column.REFUSED})
"""What only orders tell, and no catalog."""
Measured = Mapping[tuple[int, OfferRef], Quality]
"""How offers serve, each for one service."""


@dataclass(frozen=True, slots=True)
class Row:
    """A service for anybody; no figures = not on sale, and `why` says why.

    `offers`: each with its state, in order of preference; `kind`: None = not known.
    """

    service: Service
    sale: Sale
    kind: ServiceType | None
    figures: Figures | None
    why: str
    offers: tuple[tuple[OfferRef, str], ...]

    @property
    def through(self) -> OfferRef | None:
        """The offer that it is rated from, else the one that is preferred."""
        return self.figures.offer if self.figures else next(iter(self.service.offers), None)


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the table is wanted. An empty text wants everything; `text` fits an id, too.

    `category`: its name, or a pattern as rules have them.
    """

    text: str = ""
    category: str = ""
    provider: str = ""
    sale: Sale | None = None
    column: Column = Column.RISK
    descending: bool = False
    skip: int = 0
    limit: int = PAGE


@dataclass(frozen=True, slots=True)
class Page:
    """The rows that are wanted, of how many, and how many rows of each sale fit the filters."""

    rows: tuple[Row, ...]
    total: int
    sales: tuple[tuple[Sale, int], ...]


def rows_of(side: Side) -> tuple[Row, ...]:
    """All services of a catalog, by their ids."""
    services = side.catalog.services
    return tuple(_row(services[id_], side) for id_ in sorted(services))


def categories_of(rows: Sequence[Row]) -> tuple[str, ...]:
    """All categories, for choosing one."""
    return tuple(sorted({row.service.category for row in rows}))


def select(rows: Sequence[Row], wanted: Filters, measured: Measured | None = None) -> Page:
    """Those that fit, sorted, of one page. What has no such figure stands last either way."""
    fitting = [row for row in rows if _fits(row, wanted)]
    sales = tuple((sale, sum(row.sale is sale for row in fitting)) for sale in Sale)
    if wanted.sale:
        fitting = [row for row in fitting if row.sale is wanted.sale]
    first = max(wanted.skip, 0)
    ordered = _ordered(fitting, wanted, measured or {})
    return Page(tuple(ordered[first : first + wanted.limit]), len(fitting), sales)


def _ordered(rows: Sequence[Row], wanted: Filters, measured: Measured) -> list[Row]:
    """Rows with the same key stay in the order of their ids."""
    if wanted.column in MEASURED:
        keys = [_measure(row, wanted.column, measured) for row in rows]
    else:
        keys = [_KEYS[wanted.column](row) for row in rows]
    known = [(key, row) for key, row in zip(keys, rows, strict=True) if key is not None]
    known.sort(key=lambda pair: pair[0], reverse=wanted.descending)
    unknown = (row for key, row in zip(keys, rows, strict=True) if key is None)
    return [*(row for _, row in known), *unknown]


def _row(service: Service, side: Side) -> Row:
    seen, figures = side.sold.get(service.id), side.figures.get(service.id)
    states = tuple((ref, _state(side.offers, ref)) for ref in service.offers)
    if seen and figures:
        sale = Sale.LOSS if figures.loss else Sale.ON_SALE
        return Row(service, sale, seen.kind, figures, "", states)
    if not service.enabled:
        return Row(service, Sale.OFF, service.kind, None, "is not enabled", states)
    why = "; ".join(_why(side.catalog, side.offers, service, ref) for ref in service.offers)
    return Row(service, Sale.NOTHING_LIVE, service.kind, None, why, states)


def _state(offers: Offers, ref: OfferRef) -> OfferState | str:
    offer = offers.get(ref)
    return offer.state if offer else _NOT_LISTED


def _why(catalog: Catalog, offers: Offers, service: Service, ref: OfferRef) -> str:
    return f"{ref} {sold_through(catalog, service, offers.get(ref), ANYBODY)}"


def _fits(row: Row, wanted: Filters) -> bool:
    service = row.service
    named = wanted.category in ("", service.category) or fits(wanted.category, service.category)
    if not named:
        return False
    if wanted.provider and all(ref.provider != wanted.provider for ref in service.offers):
        return False
    text = wanted.text.strip().casefold()
    return (
        not text
        or text == str(service.id)
        or text in service.name.casefold()
        or text in service.category.casefold()
        or any(text == str(ref).casefold() for ref in service.offers)
    )


_RISKS = (Sale.LOSS, Sale.NOTHING_LIVE, Sale.ON_SALE, Sale.OFF)


def _risk(row: Row) -> tuple[int, Decimal]:
    return _RISKS.index(row.sale), row.figures.margin_percent if row.figures else ZERO


def _measure(row: Row, column: Column, measured: Measured) -> int | Decimal | None:
    found = measured.get((row.service.id, row.through)) if row.through else None
    if found is None:
        return None
    return {
        Column.START: found.start_seconds,
        Column.END: found.end_seconds,
        Column.PARTIAL: found.partial_percent,
        Column.REFUSED: found.refused_percent,
    }[column]


_KEYS: Mapping[Column, Callable[[Row], Any]] = {
    Column.RISK: _risk,
    Column.ID: lambda row: row.service.id,
    Column.NAME: lambda row: row.service.name.casefold(),
    Column.CATEGORY: lambda row: row.service.category.casefold(),
    Column.OFFER: lambda row: row.through,
    Column.COST: lambda row: row.figures and row.figures.cost_rate,
    Column.RATE: lambda row: row.figures and row.figures.rate,
    Column.MARGIN: lambda row: row.figures and row.figures.margin_percent,
}
