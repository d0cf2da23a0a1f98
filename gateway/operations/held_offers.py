"""Offers of a provider that wait for an operator, or are gone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.domain.catalog import OfferRef
from gateway.operations import Backends
from gateway.storage import held
from gateway.storage.held import HeldOffer

__all__ = ["Held", "HeldOffer", "held_offers"]


@dataclass(frozen=True, slots=True)
class Held:
    """The offers, and by offer the services of the active revision that have it."""

    offers: Sequence[HeldOffer]
    services: Mapping[OfferRef, tuple[int, ...]]


async def held_offers(backends: Backends, provider: str, limit: int = 500) -> Held:
    """Quarantined, with a rate that waits, or vanished; those that are sold first."""
    async with backends.database.reading() as connection:
        found = await held.listed(connection, provider, limit)
    refs = {each.ref for each in found}
    services: dict[OfferRef, tuple[int, ...]] = {}
    for service in backends.shelf.stock.catalog.services.values():
        for ref in refs.intersection(service.offers):
            services[ref] = (*services.get(ref, ()), service.id)
    return Held(sorted(found, key=lambda each: each.ref not in services), services)
