"""Everything that operators want to know of the providers."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.domain.catalog import Provider
from gateway.operations import Backends
from gateway.storage import provider_pages
from gateway.storage.provider_pages import ProviderFacts, WaitingOffer

__all__ = ["Provider", "ProviderFacts", "ProviderStanding", "WaitingOffer", "show_providers"]


@dataclass(frozen=True, slots=True)
class ProviderStanding:
    """A provider's document, and what is on record of it: nothing before its first sync.

    `waiting`: the offers that wait for an operator, where one provider was asked for.
    """

    provider: Provider
    facts: ProviderFacts | None
    waiting: Sequence[WaitingOffer] = ()


async def show_providers(backends: Backends, name: str | None = None) -> Sequence[ProviderStanding]:
    """Every provider of the active revision, in its order, or the one of a name if there is one."""
    listed = backends.shelf.stock.catalog.providers
    wanted = [each for each in listed.values() if name is None or each.name == name]
    async with backends.database.reading() as connection:
        found = await provider_pages.facts(connection, name)
        waiting = await provider_pages.waiting(connection, name) if name else ()
    return [ProviderStanding(each, found.get(each.name), waiting) for each in wanted]
