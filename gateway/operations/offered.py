"""What a provider offers, for importing into services.toml."""

from collections.abc import Sequence

from gateway.domain.catalog import Offer
from gateway.operations import Backends
from gateway.storage import offers


async def offered(backends: Backends, provider: str) -> Sequence[Offer]:
    """All recorded offers of a provider, in the order of their ids."""
    async with backends.database.reading() as connection:
        found = await offers.load(connection, [provider])
    return sorted(found, key=lambda offer: (len(offer.ref.offer), offer.ref.offer))
