"""Where an accepted order goes next: first, and after each fruitless try (money.md 2)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from gateway.domain.catalog import Catalog, OfferRef, Service
from gateway.domain.money import EXACT
from gateway.domain.outcomes import (
    NOT_SENT_BEFORE_NEXT_OFFER,
    PAUSE_SECONDS,
    RUN_BACK_OFF_AT_MOST_SECONDS,
    RUN_TRIES_MAX,
    Outcome,
    back_off,
    consequence,
)
from gateway.domain.placements import Placement
from gateway.domain.pricing import cost_with, earns_enough
from gateway.domain.refusals import Code
from gateway.domain.routing import EARNS_LESS, NOT_LISTED, Offers, passes_drip_feed, why_not

JITTER_MILLISECONDS = 1_000
CANCELED = "canceled by the customer"


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
    """The offer to send to, with its cost now in the provider's currency, over all runs.

    `sent_cost` is that of what is sent now. `self_run`: its provider has no drip-feed, so that we
    send each run when it is due.
    """

    ref: OfferRef
    cost: Decimal
    cost_currency: str
    conversion: Decimal
    sent_cost: Decimal
    self_run: bool = False


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


@dataclass(frozen=True, slots=True)
class Fruitless:
    """An attempt that provably took nothing: not sent, or refused with a code.

    `pause_seconds`: how long its provider is left alone where the refusal concerns all of it.
    """

    ref: OfferRef
    outcome: Outcome
    code: Code | None = None
    pause_seconds: int = PAUSE_SECONDS


def pick(
    catalog: Catalog,
    offers: Offers,
    sale: Sale,
    without: Sequence[OfferRef] = (),
    shut: Collection[str] = (),
) -> Picked | GiveUp:
    """The first of an order's offers that can carry it and still earns the minimum.

    Those of `shut` providers, who get no orders just now, come after all others.
    """
    service = _service(catalog, sale)
    reasons: list[str] = []
    for ref in sorted(sale.offers, key=lambda ref: ref.provider in shut):
        if ref in without or ref in sale.tried:
            continue
        offer = offers.get(ref)
        reason = why_not(catalog, service, offer, sale.placement)
        cost = cost_with(catalog, offer, sale.placement) if offer and not reason else None
        if offer and cost and earns_enough(sale.charge, cost.in_house, sale.margin_min_percent):
            placement = sale.placement
            alone = placement.runs is not None and not passes_drip_feed(
                catalog, service, offer, placement
            )
            one = cost_with(catalog, offer, placement.one_run()) if alone else cost
            sent = one.amount if one else cost.amount
            return Picked(ref, cost.amount, cost.currency, cost.conversion, sent, alone)
        reasons.append(f"{ref} {reason or EARNS_LESS}")
    return GiveUp("; ".join(reasons) or "every offer was tried")


def pick_run(catalog: Catalog, offers: Offers, sale: Sale, currency: str) -> Picked | GiveUp:
    """One more run with the only one of `sale.offers`, which took those before it.

    It must still carry it and charge in the same currency, and each run must earn the minimum.
    """
    (ref,) = sale.offers
    offer, one = offers.get(ref), sale.placement.one_run()
    reason = why_not(catalog, _service(catalog, sale), offer, one)
    cost = cost_with(catalog, offer, one) if offer and not reason else None
    if cost is None:
        return GiveUp(f"{ref} {reason or NOT_LISTED}")
    if cost.currency != currency:
        return GiveUp(f"{ref} charges in {cost.currency}, agreed was {currency}")
    of_all = EXACT.multiply(cost.in_house, Decimal(sale.placement.runs or 1))
    if not earns_enough(sale.charge, of_all, sale.margin_min_percent):
        return GiveUp(f"{ref} {EARNS_LESS}")
    return Picked(ref, cost.amount, cost.currency, cost.conversion, cost.amount, self_run=True)


def after(
    catalog: Catalog,
    offers: Offers,
    sale: Sale,
    fruitless: Fruitless,
    jitter_milliseconds: int,
) -> Again | GiveUp:
    """What follows an attempt that provably took nothing."""
    ref = fruitless.ref
    other = pick(catalog, offers, sale, without=(ref,))
    tried = (*sale.tried, ref)
    tries = sale.tries + 1
    wait = back_off(tries, jitter_milliseconds)
    if fruitless.outcome is Outcome.NOT_SENT:
        if tries >= NOT_SENT_BEFORE_NEXT_OFFER and isinstance(other, Picked):
            return Again(other.ref, tried, 0, timedelta())
        return Again(ref, sale.tried, tries, wait)
    follows = consequence(fruitless.code)
    if follows.next_offer and isinstance(other, Picked):
        return Again(other.ref, tried, 0, timedelta())
    if follows.waits:
        return Again(ref, sale.tried, tries, max(wait, _pause(fruitless)))
    return GiveUp(f"refused by {ref}: {fruitless.code or 'unseen'}")


def after_run(fruitless: Fruitless, tries: int, jitter_milliseconds: int) -> timedelta | GiveUp:
    """How long a run waits after its n-th try that provably took nothing, or why it is the last."""
    if fruitless.outcome is Outcome.REFUSED and not consequence(fruitless.code).waits:
        return GiveUp(f"refused by {fruitless.ref}: {fruitless.code or 'unseen'}")
    if tries >= RUN_TRIES_MAX:
        return GiveUp(f"tried {tries} times")
    wait = back_off(tries, jitter_milliseconds, RUN_BACK_OFF_AT_MOST_SECONDS)
    return max(wait, _pause(fruitless))


def _pause(fruitless: Fruitless) -> timedelta:
    refused = fruitless.outcome is Outcome.REFUSED
    pauses = refused and consequence(fruitless.code).pauses_provider
    return timedelta(seconds=fruitless.pause_seconds if pauses else 0)


def _service(catalog: Catalog, sale: Sale) -> Service:
    listed = catalog.services.get(sale.placement.service)
    if listed is None:
        return Service(sale.placement.service, "", "", sale.offers)
    return replace(listed, offers=sale.offers)
