"""Tell what agreeing to offers would change, before somebody does."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.domain.catalog import Buyer, Catalog, Offer, OfferRef, OfferState
from gateway.domain.plans import Plan, compare
from gateway.domain.sides import side
from gateway.operations import Backends
from gateway.storage import customers, held
from gateway.storage.held import HeldOffer

__all__ = ["Foreseen", "HeldOffer", "foresee"]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What waits of what was asked for, and what becomes of the services that have any of it."""

    offers: tuple[HeldOffer, ...]
    plan: Plan


async def foresee(backends: Backends, chosen: Mapping[str, Sequence[str]]) -> Foreseen:
    """By provider offers, as if they were sold as what they are now, at the rates that wait."""
    waiting: list[HeldOffer] = []
    async with backends.database.reading() as connection:
        for provider, offers in sorted(chosen.items()):
            waiting += await held.waiting(connection, provider, offers)
        buyers = await customers.buyers(connection)
    await backends.shelf.refresh()
    stock = backends.shelf.stock
    alone = [Buyer(each.name, each.group) for each in buyers]

    def reckoned() -> Plan:
        agreed = dict(stock.offers)
        for each in waiting:
            if each.ref in agreed:
                agreed[each.ref] = _agreed(agreed[each.ref], each)
        part = _only(stock.catalog, {each.ref for each in waiting})
        return compare(side(part, stock.offers), side(part, agreed), alone)

    return Foreseen(tuple(waiting), await asyncio.to_thread(reckoned))


def _only(catalog: Catalog, refs: set[OfferRef]) -> Catalog:
    """Only the services that have one of these offers: no other can change."""
    services = {
        id_: each for id_, each in catalog.services.items() if not refs.isdisjoint(each.offers)
    }
    return replace(catalog, services=services)


def _agreed(offer: Offer, waiting: HeldOffer) -> Offer:
    rate = offer.listing.rate if waiting.rate_waiting is None else waiting.rate_waiting
    quarantined = offer.state is OfferState.QUARANTINED
    state = OfferState.LISTED if quarantined else offer.state
    return replace(offer, state=state, listing=replace(offer.listing, rate=rate))
