"""A catalog over its offers as anybody sees it: what is sold, at which figures, by which rule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from gateway.domain.catalog import Buyer, Catalog, OfferRef, Rule, Service, fits
from gateway.domain.pricing import (
    RATE_BELOW,
    earns_enough,
    fits_buyer,
    margin_percent,
    rate_service,
)
from gateway.domain.routing import Offers, Sellable, sold_through

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
class RuleMargins:
    """How many services a rule rates, and the least and the middle margin among them."""

    rule: Rule
    services: int
    margin_min_percent: Decimal | None = None
    margin_median_percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """What a catalog sells; services that are not on sale are in neither mapping."""

    catalog: Catalog
    offers: Offers
    sold: Mapping[int, Sellable]
    figures: Mapping[int, Figures]

    def by_rule(self) -> tuple[RuleMargins, ...]:
        """All rules in their order, also those that rate nothing."""
        margins: dict[int, list[Decimal]] = {}
        for each in self.figures.values():
            margins.setdefault(each.rule, []).append(each.margin_percent)
        return tuple(
            _rule_margins(rule, sorted(margins.get(rule.number, ())))
            for rule in self.catalog.markup.rules
        )


class Narrowed:
    """A catalog with only those rules that can count for a category and a provider.

    A rate is the same as with all of them and is found much sooner. `rules`: those of one buyer.
    """

    def __init__(self, catalog: Catalog, rules: Sequence[Rule]) -> None:
        self._catalog = catalog
        self._rules = rules
        self._made: dict[tuple[str, str], Catalog] = {}

    def to(self, category: str, provider: str) -> Catalog:
        """The catalog for services of a category through offers of a provider."""
        found = self._made.get((category, provider))
        if found is None:
            rules = tuple(rule for rule in self._rules if could_rate(rule, category, provider))
            found = replace(self._catalog, markup=replace(self._catalog.markup, rules=rules))
            self._made[category, provider] = found
        return found


def could_rate(rule: Rule, category: str, provider: str) -> bool:
    """Whether a rule may match a service of a category through an offer of a provider."""
    match = rule.match
    return (match.category is None or fits(match.category, category)) and (
        match.provider is None or fits(match.provider, provider)
    )


def side(catalog: Catalog, offers: Offers, like: Side | None = None) -> Side:
    """What a catalog sells. With a side that it is much like, only what differs is reckoned."""
    if like and like.catalog is catalog and like.offers is offers:
        return like
    narrowed = Narrowed(catalog, [r for r in catalog.markup.rules if fits_buyer(r.match, ANYBODY)])
    known = (
        _Known(like, narrowed) if like and _differ_in_rules_alone(like, catalog, offers) else None
    )
    sold: dict[int, Sellable] = {}
    figures: dict[int, Figures] = {}
    for id_, service in catalog.services.items():
        seen = (known.seen(service) if known else None) or _seen(narrowed, service, offers)
        if seen:
            sold[id_] = seen
            same = like is not None and like.sold.get(id_) is seen
            figures[id_] = like.figures[id_] if like and same else _figures(seen)
    return Side(catalog, offers, sold, figures)


class _Known:
    """What can be taken from a side that differs in rules alone."""

    def __init__(self, like: Side, narrowed: Narrowed) -> None:
        rules = [rule for rule in like.catalog.markup.rules if fits_buyer(rule.match, ANYBODY)]
        self._like = like
        self._before = Narrowed(like.catalog, rules)
        self._after = narrowed
        self._same: dict[tuple[str, str], bool] = {}

    def seen(self, service: Service) -> Sellable | None:
        """None where it must be reckoned from the beginning."""
        was = self._like.sold.get(service.id)
        if was is None or was.rated.offer.ref != service.offers[0]:
            return None
        if was.service is not service and was.service != service:
            return None
        cell = service.category, service.offers[0].provider
        after = self._after.to(*cell)
        if cell not in self._same:
            self._same[cell] = self._before.to(*cell).markup.rules == after.markup.rules
        if self._same[cell]:
            return was
        rated = rate_service(after, service, was.rated.offer, ANYBODY)
        # all else that keeps a live offer from being sold has nothing to do with rules
        return replace(was, rated=rated) if rated and 0 < rated.rate < RATE_BELOW else None


def _differ_in_rules_alone(like: Side, catalog: Catalog, offers: Offers) -> bool:
    before, after = like.catalog.markup, catalog.markup
    return (
        like.offers is offers
        and like.catalog.providers == catalog.providers
        and like.catalog.speech.keys() == catalog.speech.keys()
        and (before.currency, before.conversion, before.denied)
        == (after.currency, after.conversion, after.denied)
    )


def _seen(narrowed: Narrowed, service: Service, offers: Offers) -> Sellable | None:
    if not service.enabled:
        return None
    for ref in service.offers:
        catalog = narrowed.to(service.category, ref.provider)
        seen = sold_through(catalog, service, offers.get(ref), ANYBODY)
        if isinstance(seen, Sellable):
            return seen
    return None


def _figures(seen: Sellable) -> Figures:
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


def _rule_margins(rule: Rule, margins: Sequence[Decimal]) -> RuleMargins:
    if not margins:
        return RuleMargins(rule, 0)
    return RuleMargins(rule, len(margins), margins[0], margins[(len(margins) - 1) // 2])
