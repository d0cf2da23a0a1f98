"""What moved a provider's account, transfer by transfer."""

from collections.abc import Sequence

from gateway.operations import Backends
from gateway.storage import provider_statements
from gateway.storage.provider_statements import FIRST, LAST, Movement, Place

__all__ = ["Movement", "Place", "provider_movements"]

PAGE = 50


async def provider_movements(
    backends: Backends,
    provider: str,
    *,
    below: Place | None = None,
    low: int = FIRST,
    limit: int = PAGE,
) -> Sequence[Movement]:
    """The latest first; the next page is `below` the last one's place.

    Of one day of his statement: `below` Place(its `high`), and its `low`; a movement at the very
    edge may belong to the day beside it. Nothing of a provider that the catalog has not.
    """
    known = backends.shelf.stock.catalog.providers.get(provider)
    if known is None:
        return ()
    begin = below or Place(LAST)
    async with backends.database.reading() as connection:
        return await provider_statements.movements(
            connection, provider, known.currency, begin, low, limit
        )
