"""How a provider's rates changed."""

from collections.abc import Sequence

from gateway.operations import Backends
from gateway.storage import histories
from gateway.storage.histories import RateChange

__all__ = ["RateChange", "list_rate_changes"]

PAGE = 50


async def list_rate_changes(
    backends: Backends,
    provider: str,
    offer: str | None = None,
    *,
    before: int | None = None,
    limit: int = PAGE,
) -> Sequence[RateChange]:
    """Of one offer or of all, the latest first; the next page is `before` the last id."""
    async with backends.database.reading() as connection:
        return await histories.rates(connection, provider, offer, before, limit)
