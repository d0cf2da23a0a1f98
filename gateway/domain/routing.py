"""Routing: which offer takes a placement, at which charge, and why others cannot."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.domain.catalog import (
    Buyer,
    Catalog,
    Denied,
    Offer,
    OfferRef,
    OfferState,
    Service,
    fits,
)
from gateway.domain.money import plain
from gateway.domain.placements import QUANTITY_MAX, Placement
from gateway.domain.pricing import (
    RATE_BELOW,
    Quote,
    Rated,
    conversion_of,
    earns_enough,
    quote,
    rate_service,
    service_type,
)
from gateway.domain.services import TYPE_RULES, ServiceType, plain_type

Offers = Mapping[OfferRef, Offer]

NOT_LISTED = "is not in the provider's list"
_NOTHING_DENIED = Denied()
EARNS_LESS = "earns less than the minimum margin"


@dataclass(frozen=True, slots=True)
class Sellable:
    """A service as one customer sees it, reckoned from its first live offer."""

    service: Service
    kind: ServiceType
    rated: Rated
    quantity_min: int
    quantity_max: int
    drip_feed: bool
    refill: bool
    cancel: bool


def sellable(catalog: Catalog, service: Service, offers: Offers, buyer: Buyer) -> Sellable | None:
    """What a customer may buy of a service, or None while nothing live stands behind it."""
    if not service.enabled:
        return None
    for ref in service.offers:
        seen = sold_through(catalog, service, offers.get(ref), buyer)
        if isinstance(seen, Sellable):
            return seen
    return None


def sold_through(
    catalog: Catalog, service: Service, offer: Offer | None, buyer: Buyer
) -> Sellable | str:
    """The service as it is sold when it is reckoned from this offer, or why it cannot be."""
    if offer is None:
        return NOT_LISTED
    if reason := why_not_live(catalog, service, offer):
        return reason
    rated = rate_service(catalog, service, offer, buyer)
    kind = service_type(service, offer)
    if rated is None or kind is None:
        return "no rule of the markup matches"
    if not 0 < rated.rate < RATE_BELOW:
        return f"its rate would be {plain(rated.rate)}"
    seen = _seen(catalog, service, kind, rated)
    if seen.quantity_min > seen.quantity_max:
        return f"leaves no quantity between {seen.quantity_min} and {seen.quantity_max}"
    return seen


def route(catalog: Catalog, seen: Sellable, offers: Offers, placement: Placement) -> Quote | None:
    """With the first offer, in order of preference, that can carry it and earns enough."""
    for ref in seen.service.offers:
        found = quoted(catalog, seen, offers.get(ref), placement)
        if isinstance(found, Quote):
            return found
    return None


def quoted(
    catalog: Catalog, seen: Sellable, offer: Offer | None, placement: Placement
) -> Quote | str:
    """What a placement costs and brings with this offer, or why it cannot go there."""
    if offer is None:
        return NOT_LISTED
    if reason := why_not(catalog, seen.service, offer, placement):
        return reason
    found = quote(catalog, seen.rated, offer, placement)
    minimum = seen.rated.rule.margin_min_percent
    if found is None or not earns_enough(found.charge, found.cost_house, minimum):
        return EARNS_LESS
    return found


def why_not(catalog: Catalog, service: Service, offer: Offer | None, placement: Placement) -> str:
    """Why an offer cannot carry a placement; empty when it can."""
    if offer is None:
        return NOT_LISTED
    listing = offer.listing
    if reason := why_not_live(catalog, service, offer):
        return reason
    if service_type(service, offer) != placement.kind:
        return f"is of type {listing.kind_word}"
    lowest, highest = placement.bounds
    if TYPE_RULES[placement.kind].quantity != "one" and not (
        listing.quantity_min <= lowest and highest <= listing.quantity_max
    ):
        return f"takes {listing.quantity_min} to {listing.quantity_max}"
    if not placement.runs or not passes_drip_feed(catalog, service, offer, placement):
        if placement.runs and service.drip_feed is False:
            return "has no drip-feed"
        return _why_not_carried(catalog, offer, placement.one_run())
    return ""


def passes_drip_feed(
    catalog: Catalog, service: Service, offer: Offer, placement: Placement
) -> bool:
    """Whether the offer's provider runs a drip-feed itself; else we send run after run."""
    if not _flag(service.drip_feed, offer.listing.drip_feed):
        return False
    quirks = catalog.providers[offer.ref.provider].quirks
    if quirks.drip_max_total and placement.quantity_total > offer.listing.quantity_max:
        return False
    return not _why_not_carried(catalog, offer, placement)


def field_not_carried(
    catalog: Catalog, seen: Sellable, offers: Offers, placement: Placement
) -> str:
    """The field for which no live offer can carry a placement; empty where it is not that alone."""
    found: list[str] = []
    for ref in seen.service.offers:
        offer = offers.get(ref)
        if offer is None or why_not_live(catalog, seen.service, offer):
            continue
        speech = catalog.speech.get(ref.provider)
        found.append(speech.field_not_carried(placement.one_run()) if speech else "")
    return found[0] if found and all(found) else ""


def grants_refill(catalog: Catalog, service: Service, offer: Offer) -> bool:
    """Whether a refill can be asked for of an order that this offer took."""
    speech = catalog.speech.get(offer.ref.provider)
    return (speech is None or speech.refills) and _flag(service.refill, offer.listing.refill)


def grants_cancel(catalog: Catalog, service: Service, offer: Offer) -> bool:
    """Whether a cancel can be asked for of an order that this offer took."""
    speech = catalog.speech.get(offer.ref.provider)
    return (speech is None or speech.cancels) and _flag(service.cancel, offer.listing.cancel)


def _why_not_carried(catalog: Catalog, offer: Offer, placement: Placement) -> str:
    speech = catalog.speech.get(offer.ref.provider)
    return speech.why_not_carry(placement) if speech else ""


def why_not_live(catalog: Catalog, service: Service, offer: Offer) -> str:
    """Why nothing at all can be sold through an offer now; empty when it can."""
    if offer.ref.provider not in catalog.providers:
        return "its provider is not in the catalog"
    if offer.state is not OfferState.LISTED:
        return f"is {offer.state}"
    if reason := why_denied(catalog.markup.denied, service, offer):
        return f"is denied by {reason}"
    if service_type(service, offer) is None:
        return f"is of type {offer.listing.kind_word!r}, which is not sold here"
    if conversion_of(catalog, offer.ref.provider) is None:
        return "has no conversion for its currency"
    return ""


def denied(rules: Denied, service: Service, offer: Offer | None) -> bool:
    """Whether the deny filter stands before a service, by our words or by the provider's."""
    return bool(why_denied(rules, service, offer))


def why_denied(rules: Denied, service: Service, offer: Offer | None) -> str:
    """What the deny filter has against a service, by either side's words; empty when nothing."""
    if rules == _NOTHING_DENIED:
        return ""
    listing = offer.listing if offer else None
    categories = (service.category, *([listing.category] if listing else []))
    kinds = (*([service.kind] if service.kind else []), *([listing.kind_word] if listing else []))
    texts = (*categories, service.name, *([listing.name] if listing else []))
    for pattern in rules.categories:
        if any(fits(pattern, category) for category in categories):
            return f'category "{pattern}"'
    for pattern in rules.types:
        if any(fits(plain_type(pattern), plain_type(kind)) for kind in kinds):
            return f'type "{pattern}"'
    for word in rules.words:
        if any(word.casefold() in text.casefold() for text in texts):
            return f'word "{word}"'
    return ""


def _seen(catalog: Catalog, service: Service, kind: ServiceType, rated: Rated) -> Sellable:
    listing = rated.offer.listing
    one = TYPE_RULES[kind].quantity == "one"
    lowest = max(listing.quantity_min, service.quantity_min or 1)
    highest = min(listing.quantity_max, service.quantity_max or QUANTITY_MAX, QUANTITY_MAX)
    return Sellable(
        service=service,
        kind=kind,
        rated=rated,
        quantity_min=1 if one else lowest,
        quantity_max=1 if one else highest,
        drip_feed=TYPE_RULES[kind].drip_feed and _ours_first(service.drip_feed, listing.drip_feed),
        refill=grants_refill(catalog, service, rated.offer),
        cancel=grants_cancel(catalog, service, rated.offer),
    )


def _ours_first(ours: bool | None, theirs: bool | None) -> bool:  # noqa: FBT001  as below
    return bool(theirs if ours is None else ours)


def _flag(ours: bool | None, theirs: bool | None) -> bool:  # noqa: FBT001  one flag, two sources
    # our yes speaks where the provider says nothing; against its no it would sell what nobody does
    return theirs is not False and _ours_first(ours, theirs)
