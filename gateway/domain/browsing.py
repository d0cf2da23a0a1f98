"""The services of a catalog as a table for operators: filtered, sorted, the worst first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from gateway.domain.catalog import Catalog, OfferRef, OfferState, Service
from gateway.domain.money import ZERO
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
    COST = "cost"
    RATE = "rate"
    MARGIN = "margin"


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


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the table is wanted. An empty text wants everything; `text` fits an id, too."""

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


def select(rows: Sequence[Row], wanted: Filters) -> Page:
    """Those that fit, sorted, of one page."""
    fitting = [row for row in rows if _fits(row, wanted)]
    sales = tuple((sale, sum(row.sale is sale for row in fitting)) for sale in Sale)
    if wanted.sale:
        fitting = [row for row in fitting if row.sale is wanted.sale]
    fitting.sort(key=_KEYS[wanted.column], reverse=wanted.descending)
    first = max(wanted.skip, 0)
    return Page(tuple(fitting[first : first + wanted.limit]), len(fitting), sales)


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
    if wanted.category and wanted.category != service.category:
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


def _risk(row: Row) -> tuple[int, Decimal, int]:
    return _RISKS.index(row.sale), _figure(row, "margin_percent"), row.service.id


def _figure(row: Row, name: str) -> Decimal:
    value: Decimal = getattr(row.figures, name) if row.figures else ZERO
    return value


_KEYS: dict[Column, Callable[[Row], tuple[object, ...]]] = {
    Column.RISK: _risk,
    Column.ID: lambda row: (row.service.id,),
    Column.NAME: lambda row: (row.service.name.casefold(), row.service.id),
    Column.CATEGORY: lambda row: (row.service.category.casefold(), row.service.id),
    Column.COST: lambda row: (_figure(row, "cost_rate"), row.service.id),
    Column.RATE: lambda row: (_figure(row, "rate"), row.service.id),
    Column.MARGIN: lambda row: (_figure(row, "margin_percent"), row.service.id),
}
