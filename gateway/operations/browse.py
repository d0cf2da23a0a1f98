"""The services that are sold, as a table for operators."""

from dataclasses import dataclass

from gateway.domain.browsing import Column, Filters, Page, Row, Sale, categories_of, rows_of, select
from gateway.domain.sides import Side, side
from gateway.operations import Backends

__all__ = ["Browsed", "Column", "Filters", "Page", "Row", "Sale", "browse"]


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

    def reckoned() -> Side:
        return side(stock.catalog, stock.offers)

    seen = await backends.kept.get("side", stock.version, reckoned)
    rows = await backends.kept.get("rows", stock.version, lambda: rows_of(seen))
    categories = await backends.kept.get("categories", stock.version, lambda: categories_of(rows))
    providers = tuple(sorted(stock.catalog.providers))
    return Browsed(stock.catalog.number, select(rows, wanted), categories, providers)
