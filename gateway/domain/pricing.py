"""Pricing: from an offer's cost to a service's rate and a quote, exactly (architecture.md)."""

from dataclasses import dataclass
from decimal import Decimal

from gateway.domain.catalog import Buyer, Catalog, Match, Offer, Rule, Service, fits
from gateway.domain.money import (
    CHARGE_STEP,
    EXACT,
    LEDGER_STEP,
    ZERO,
    per_thousand,
    round_up,
)
from gateway.domain.placements import Placement
from gateway.domain.services import TYPE_RULES, ServiceType, read_type

HUNDRED = Decimal(100)
RATE_BELOW = Decimal(10) ** 12
"""No rate from here on is sold: the ledger could not hold its largest charge."""


@dataclass(frozen=True, slots=True)
class Rated:
    """How a rate came about: per 1,000, flat for packages; `cost_rate` alone is the provider's."""

    rule: Rule
    offer: Offer
    cost_rate: Decimal
    conversion: Decimal
    cost_rate_house: Decimal
    rate_exact: Decimal
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Cost:
    """What a provider takes, in its currency and in house currency."""

    amount: Decimal
    currency: str
    conversion: Decimal
    in_house: Decimal


@dataclass(frozen=True, slots=True)
class Quote:
    """What a placement costs its customer and, as expected, us with one offer."""

    rated: Rated
    offer: Offer
    charge: Decimal
    cost: Decimal
    cost_currency: str
    conversion: Decimal
    cost_house: Decimal

    @property
    def margin(self) -> Decimal:
        """Charge less cost, in house currency."""
        return EXACT.subtract(self.charge, self.cost_house)


def service_type(service: Service, offer: Offer) -> ServiceType | None:
    """The document's word wins over the provider's; None when neither is sold here."""
    return service.kind or read_type(offer.listing.kind_word)


def conversion_of(catalog: Catalog, provider: str) -> Decimal | None:
    """House currency per unit of the provider's currency; None when the markup has none."""
    found = catalog.providers.get(provider)
    if found is None:
        return None
    if found.currency == catalog.markup.currency:
        return Decimal(1)
    return catalog.markup.conversion.get(found.currency)


def rate_service(catalog: Catalog, service: Service, offer: Offer, buyer: Buyer) -> Rated | None:
    """The rate at which a customer gets a service when it is reckoned from this offer.

    None when no rule matches or the provider's currency has no conversion.
    """
    conversion = conversion_of(catalog, offer.ref.provider)
    if conversion is None:
        return None
    cost_house = EXACT.multiply(offer.listing.rate, conversion)
    for rule in catalog.markup.rules:
        if _matches(rule.match, service, offer, buyer, cost_house):
            exact = _apply(rule, cost_house)
            rate = round_up(exact, rule.round_up_to)
            return Rated(rule, offer, offer.listing.rate, conversion, cost_house, exact, rate)
    return None


def cost_with(catalog: Catalog, offer: Offer, placement: Placement) -> Cost | None:
    """What the offer's provider is expected to take; None without a conversion."""
    conversion = conversion_of(catalog, offer.ref.provider)
    if conversion is None:
        return None
    amount = round_up(_total(offer.listing.rate, placement), LEDGER_STEP)
    in_house = round_up(EXACT.multiply(amount, conversion), LEDGER_STEP)
    return Cost(amount, catalog.providers[offer.ref.provider].currency, conversion, in_house)


def quote(catalog: Catalog, rated: Rated, offer: Offer, placement: Placement) -> Quote | None:
    """The placement's charge at a rate, and its cost with any offer of the service."""
    cost = cost_with(catalog, offer, placement)
    if cost is None:
        return None
    charge = round_up(_total(rated.rate, placement), CHARGE_STEP)
    return Quote(rated, offer, charge, cost.amount, cost.currency, cost.conversion, cost.in_house)


def earns_enough(charge: Decimal, cost_house: Decimal, margin_min_percent: Decimal) -> bool:
    """The margin guard: charge >= cost x (1 + minimum) (money.md 7)."""
    factor = EXACT.add(HUNDRED, margin_min_percent)
    return EXACT.multiply(charge, HUNDRED) >= EXACT.multiply(cost_house, factor)


def margin_percent(charge: Decimal, cost_house: Decimal) -> Decimal:
    """Margin as a share of the charge, at two decimals, for people."""
    if charge == ZERO:
        return ZERO
    share = EXACT.divide(EXACT.subtract(charge, cost_house), charge)
    return EXACT.multiply(share, HUNDRED).quantize(Decimal("0.01"), context=EXACT)


def _total(rate: Decimal, placement: Placement) -> Decimal:
    if TYPE_RULES[placement.kind].flat:
        return EXACT.multiply(rate, Decimal(placement.runs or 1))
    return per_thousand(rate, placement.quantity_total)


def _apply(rule: Rule, cost_house: Decimal) -> Decimal:
    if rule.rate is not None:
        return rule.rate
    percent = EXACT.scaleb(EXACT.multiply(cost_house, rule.percent or ZERO), -2)
    return EXACT.add(EXACT.add(cost_house, percent), rule.fixed or ZERO)


def fits_buyer(match: Match, buyer: Buyer) -> bool:
    """Whether a rule is meant for a customer, whatever else it asks for."""
    return (match.group is None or fits(match.group, buyer.group)) and (
        match.customer is None or fits(match.customer, buyer.name)
    )


def _matches(match: Match, service: Service, offer: Offer, buyer: Buyer, cost: Decimal) -> bool:
    return (
        match.service in (None, service.id)
        and (match.cost_min is None or cost >= match.cost_min)
        and (match.cost_max is None or cost < match.cost_max)
        and (match.kind is None or match.kind is service_type(service, offer))
        and (match.category is None or fits(match.category, service.category))
        and (match.provider is None or fits(match.provider, offer.ref.provider))
        and fits_buyer(match, buyer)
    )
