"""The services that are sold, as a table for operators."""

from dataclasses import dataclass

from gateway.domain.browsing import (
    MEASURED,
    Column,
    Filters,
    Measured,
    Page,
    Row,
    Sale,
    categories_of,
    rows_of,
    select,
)
from gateway.domain.catalog import OfferRef
from gateway.operations import Backends
from gateway.storage import quality
from gateway.storage.reckoning import reckoned

__all__ = ["Browsed", "Column", "Filters", "Page", "Row", "Sale", "browse"]

MEASURED_MAX = 100_000


@dataclass(frozen=True, slots=True)
class Browsed:
    """One page, of which revision, and all categories and providers for choosing."""

    revision: int
    page: Page
    categories: tuple[str, ...]
    providers: tuple[str, ...]


async def browse(backends: Backends, wanted: Filters) -> Browsed:
    """Reckoned once for each revision and each change of offers; a page is picked from memory."""
    stock = backends.shelf.stock
    seen = await reckoned(backends.kept, stock)
    rows = await backends.kept.get("rows", stock.version, lambda: rows_of(seen))
    categories = await backends.kept.get("categories", stock.version, lambda: categories_of(rows))
    providers = tuple(sorted(stock.catalog.providers))
    measured = await _measured(backends) if wanted.column in MEASURED else None
    page = select(rows, wanted, measured)
    return Browsed(stock.catalog.number, page, categories, providers)


async def _measured(backends: Backends) -> Measured:
    async with backends.database.reading() as connection:
        found = await quality.of_all(connection, MEASURED_MAX)
    return {(each.service, OfferRef(each.provider, each.offer)): each for each in found}
