"""What providers offer: for importing into services.toml, and for agreeing to what changed."""

from collections.abc import Sequence

from gateway.domain.catalog import Offer
from gateway.operations import Backends
from gateway.storage import offers as storage
from gateway.storage.shelf import BELL


async def offered(backends: Backends, provider: str) -> Sequence[Offer]:
    """All recorded offers of a provider, in the order of their ids."""
    async with backends.database.reading() as connection:
        found = await storage.load(connection, [provider])
    return sorted(found, key=lambda offer: (len(offer.ref.offer), offer.ref.offer))


async def agree(backends: Backends, provider: str, offers: Sequence[str]) -> Sequence[str]:
    """Sell quarantined offers as what they are now; which of the named ones were quarantined."""
    async with backends.database.transaction() as connection:
        agreed = await storage.agree(connection, provider, offers)
    if agreed:
        await backends.cache.ring(BELL)
        await backends.shelf.refresh()
    return agreed
