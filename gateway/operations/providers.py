"""What is known of the providers: their document, their state, their balance."""

from collections.abc import Mapping

from gateway.domain.catalog import Provider
from gateway.operations import Backends
from gateway.storage import offers
from gateway.storage.offers import ProviderState


async def providers(backends: Backends) -> Mapping[str, tuple[Provider, ProviderState | None]]:
    """Every provider of the active revision; no state before its first sync."""
    async with backends.database.reading() as connection:
        states = await offers.states(connection)
    listed = backends.shelf.stock.catalog.providers
    return {name: (provider, states.get(name)) for name, provider in listed.items()}
