"""What a new catalog would change: services, rates, margins, losses and whom it touches."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal

from gateway.domain.catalog import Buyer, Catalog, Markup, Match, Offer, OfferRef, Rule, Service
from gateway.domain.pricing import earns_enough, fits_buyer, margin_percent, rate_service
from gateway.domain.routing import Offers, Sellable, sellable, sold_through

ANYBODY = Buyer()


@dataclass(frozen=True, slots=True)
class Figures:
    """A service's figures for a customer of no group; rates in house currency.

    `loss`: it earns less than the rule's minimum, or even costs more than it brings.
    """

    offer: OfferRef
    rule: int
    cost_rate: Decimal
    rate: Decimal
    margin_percent: Decimal
    loss: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One service before and after; no figures = not on sale then. `what` names what differs."""

    id: int
    name: str
    before: Figures | None
    after: Figures | None
    what: tuple[str, ...] = ()

    @property
    def loss(self) -> bool:
        """Whether it would be sold for less than it should earn."""
        return self.after is not None and self.after.loss


@dataclass(frozen=True, slots=True)
class NothingLive:
    """A service that is enabled and cannot be sold, with the reason for each of its offers."""

    id: int
    name: str
    reasons: tuple[tuple[OfferRef, str], ...]


@dataclass(frozen=True, slots=True)
class Names:
    """What is new, gone and different, by name."""

    added: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The difference between two catalogs over the same offers.

    `losses` are all services that would be sold at a loss, changed or not; `customers` those for
    whom the rate of at least one service that stays on sale is another one than before.
    """

    added: tuple[Change, ...]
    gone: tuple[Change, ...]
    changed: tuple[Change, ...]
    unchanged: int
    losses: tuple[Change, ...]
    nothing_live: tuple[NothingLive, ...]
    providers: Names
    customers: tuple[str, ...]


def plan(
    before: Catalog | None, after: Catalog, offers: Offers, buyers: Sequence[Buyer] = ()
) -> Plan:
    """What `after` would change; without a `before` everything is new."""
    services_before: Mapping[int, Service] = before.services if before else {}
    sold_before = _sold(before, offers) if before else {}
    sold_after = _sold(after, offers)
    both = [
        _change(services_before[id_], service, sold_before.get(id_), sold_after.get(id_))
        for id_, service in after.services.items()
        if id_ in services_before
    ]
    added = tuple(
        Change(id_, service.name, None, _figures(sold_after.get(id_)))
        for id_, service in after.services.items()
        if id_ not in services_before
    )
    changed = tuple(change for change in both if change.what)
    pairs = _pairs(before, after, sold_before, sold_after) if before else []
    return Plan(
        added=added,
        gone=tuple(
            Change(id_, service.name, _figures(sold_before.get(id_)), None)
            for id_, service in services_before.items()
            if id_ not in after.services
        ),
        changed=changed,
        unchanged=len(both) - len(changed),
        losses=tuple(change for change in (*added, *both) if change.loss),
        nothing_live=tuple(_nothing_live(after, sold_after, offers)),
        providers=_names(before.providers if before else {}, after.providers),
        customers=tuple(_touched(pairs, buyers)),
    )


def _sold(catalog: Catalog, offers: Offers) -> dict[int, Sellable]:
    seen = (sellable(catalog, service, offers, ANYBODY) for service in catalog.services.values())
    return {each.service.id: each for each in seen if each}


def _figures(seen: Sellable | None) -> Figures | None:
    if seen is None:
        return None
    rated = seen.rated
    cost, minimum = rated.cost_rate_house, rated.rule.margin_min_percent
    return Figures(
        offer=rated.offer.ref,
        rule=rated.rule.number,
        cost_rate=cost,
        rate=rated.rate,
        margin_percent=margin_percent(rated.rate, cost),
        loss=not earns_enough(rated.rate, cost, minimum),
    )


def _change(
    before: Service, after: Service, sold_before: Sellable | None, sold_after: Sellable | None
) -> Change:
    will = _figures(sold_after)
    if sold_before == sold_after:
        return Change(after.id, after.name, will, will, tuple(_differences(before, after)))
    was = _figures(sold_before)
    what = list(_differences(before, after))
    if was is None or will is None:
        what.append("off sale" if will is None else "on sale")
    else:
        pairs = (("rate", was.rate, will.rate), ("cost", was.cost_rate, will.cost_rate))
        what.extend(name for name, old, new in pairs if old != new)
    return Change(after.id, after.name, was, will, tuple(what))


def _differences(before: Service, after: Service) -> Iterator[str]:
    if before != after:
        for name in (field.name for field in fields(Service)):
            if getattr(before, name) != getattr(after, name):
                yield "type" if name == "kind" else name


def _nothing_live(
    catalog: Catalog, sold: Mapping[int, Sellable], offers: Offers
) -> Iterator[NothingLive]:
    for id_, service in catalog.services.items():
        if service.enabled and id_ not in sold:
            reasons = (
                (ref, sold_through(catalog, service, offers.get(ref), ANYBODY))
                for ref in service.offers
            )
            yield NothingLive(id_, service.name, tuple((ref, str(why)) for ref, why in reasons))


def _names(before: Mapping[str, object], after: Mapping[str, object]) -> Names:
    return Names(
        added=tuple(name for name in after if name not in before),
        gone=tuple(name for name in before if name not in after),
        changed=tuple(name for name in after if name in before and before[name] != after[name]),
    )


@dataclass(frozen=True, slots=True)
class _Side:
    catalog: Catalog
    seen: Sellable

    def rate(self, buyer: Buyer) -> Decimal | None:
        rated = rate_service(self.catalog, self.seen.service, self.seen.rated.offer, buyer)
        return rated.rate if rated else None

    @property
    def rated_by(self) -> tuple[Service, Offer, Decimal]:
        """All but the rules that a rate depends on."""
        return self.seen.service, self.seen.rated.offer, self.seen.rated.conversion


def _touched(pairs: Sequence[tuple[_Side, _Side]], buyers: Sequence[Buyer]) -> list[str]:
    """Customers whose own rates change. Those whom the same rules are meant for are one kind."""
    if not pairs:
        return []
    before, after = (side.catalog.markup for side in pairs[0])
    personal = {match for match in _matches(before, after) if match.group or match.customer}
    kinds: dict[tuple[bool, ...], list[Buyer]] = {}
    for buyer in buyers:
        kinds.setdefault(tuple(fits_buyer(match, buyer) for match in personal), []).append(buyer)
    moved = [pair for pair in pairs if pair[0].rated_by != pair[1].rated_by]
    touched: set[str] = set()
    for alike in kinds.values():
        buyer = alike[0]
        suspects = moved if _rules_for(before, buyer) == _rules_for(after, buyer) else pairs
        if any(was.rate(buyer) != will.rate(buyer) for was, will in suspects):
            touched.update(each.name for each in alike)
    return [buyer.name for buyer in buyers if buyer.name in touched]


def _matches(*markups: Markup) -> Iterator[Match]:
    return (rule.match for markup in markups for rule in markup.rules)


def _rules_for(markup: Markup, buyer: Buyer) -> list[Rule]:
    """The rules that can rate anything for a customer, without their numbers and without names."""
    rules: list[Rule] = []
    for rule in markup.rules:
        if fits_buyer(rule.match, buyer):
            match = replace(rule.match, group=None, customer=None)
            rules.append(replace(rule, number=0, match=match))
            if match == Match():
                break
    return rules


def _pairs(
    before: Catalog, after: Catalog, was: Mapping[int, Sellable], will: Mapping[int, Sellable]
) -> list[tuple[_Side, _Side]]:
    return [
        (_Side(before, was[id_]), _Side(after, seen)) for id_, seen in will.items() if id_ in was
    ]
