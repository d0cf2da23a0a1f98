"""Where an accepted order goes next: first, and after each fruitless try (money.md 2)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from gateway.domain.catalog import Catalog, OfferRef, Service
from gateway.domain.outcomes import (
    NOT_SENT_BEFORE_NEXT_OFFER,
    PAUSE_SECONDS,
    Outcome,
    back_off,
    consequence,
)
from gateway.domain.placements import Placement
from gateway.domain.pricing import cost_with, earns_enough
from gateway.domain.refusals import Code
from gateway.domain.routing import EARNS_LESS, Offers, why_not


@dataclass(frozen=True, slots=True)
class Sale:
    """What was agreed when an order was accepted, and which offers it was in vain with."""

    placement: Placement
    offers: tuple[OfferRef, ...]
    charge: Decimal
    margin_min_percent: Decimal
    tried: tuple[OfferRef, ...] = ()
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Picked:
    """The offer to send to, with its cost now in the provider's currency."""

    ref: OfferRef
    cost: Decimal
    cost_currency: str
    conversion: Decimal


@dataclass(frozen=True, slots=True)
class GiveUp:
    """No offer is left that can take the order."""

    reason: str


@dataclass(frozen=True, slots=True)
class Again:
    """Another try, perhaps with another offer and after a wait."""

    ref: OfferRef
    tried: tuple[OfferRef, ...]
    tries: int
    wait: timedelta


def pick(
    catalog: Catalog, offers: Offers, sale: Sale, without: Sequence[OfferRef] = ()
) -> Picked | GiveUp:
    """The first of an order's offers that can carry it and still earns the minimum."""
    listed = catalog.services.get(sale.placement.service)
    service = (
        replace(listed, offers=sale.offers)
        if listed
        else Service(sale.placement.service, "", "", sale.offers)
    )
    reasons: list[str] = []
    for ref in sale.offers:
        if ref in without or ref in sale.tried:
            continue
        offer = offers.get(ref)
        reason = why_not(catalog, service, offer, sale.placement)
        cost = cost_with(catalog, offer, sale.placement) if offer and not reason else None
        if cost and earns_enough(sale.charge, cost.in_house, sale.margin_min_percent):
            return Picked(ref, cost.amount, cost.currency, cost.conversion)
        reasons.append(f"{ref} {reason or EARNS_LESS}")
    return GiveUp("; ".join(reasons) or "every offer was tried")


def after(
    catalog: Catalog,
    offers: Offers,
    sale: Sale,
    fruitless: tuple[OfferRef, Outcome, Code | None],
    jitter_milliseconds: int,
) -> Again | GiveUp:
    """What follows an attempt that provably took nothing: not sent, or refused with a code."""
    ref, outcome, code = fruitless
    other = pick(catalog, offers, sale, without=(ref,))
    tried = (*sale.tried, ref)
    tries = sale.tries + 1
    wait = back_off(tries, jitter_milliseconds)
    if outcome is Outcome.NOT_SENT:
        if tries >= NOT_SENT_BEFORE_NEXT_OFFER and isinstance(other, Picked):
            return Again(other.ref, tried, 0, timedelta())
        return Again(ref, sale.tried, tries, wait)
    follows = consequence(code)
    if follows.next_offer and isinstance(other, Picked):
        return Again(other.ref, tried, 0, timedelta())
    if follows.waits:
        pause = timedelta(seconds=PAUSE_SECONDS if follows.pauses_provider else 0)
        return Again(ref, sale.tried, tries, max(wait, pause))
    return GiveUp(f"refused by {ref}: {code or 'unseen'}")
