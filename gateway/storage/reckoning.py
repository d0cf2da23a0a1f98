"""What is sold as a customer of no group sees it, reckoned once and kept (pages.md)."""

from gateway.domain.sides import Side, side
from gateway.storage.kept import Kept
from gateway.storage.shelf import Stock


async def reckoned(kept: Kept, stock: Stock) -> Side:
    """Once for each revision and each change of offers; after a change only what differs."""
    return await kept.get(
        "side",
        stock.version,
        lambda: side(stock.catalog, stock.offers, like=kept.latest("side", Side)),
    )
