"""Agree to offers that came back as another thing."""

from collections.abc import Sequence

from gateway.operations import Backends
from gateway.storage import offers
from gateway.storage.shelf import BELL


async def agree(backends: Backends, provider: str, changed: Sequence[str]) -> Sequence[str]:
    """Sell quarantined offers as what they are now; which of the named ones were quarantined."""
    async with backends.database.transaction() as connection:
        agreed = await offers.agree(connection, provider, changed)
    if agreed:
        await backends.cache.ring(BELL)
        await backends.shelf.refresh()
    return agreed
