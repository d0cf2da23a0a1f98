"""Why a service has its rate, and why an order would go where it goes, step by step."""

from dataclasses import dataclass
from decimal import Decimal

from gateway.domain.catalog import Buyer, Catalog, Match, Offer, OfferRef, Rule, Service
from gateway.domain.money import plain
from gateway.domain.placements import Placement
from gateway.domain.pricing import Quote, Rated, margin_percent
from gateway.domain.routing import Offers, Sellable, quoted, sold_through
from gateway.domain.services import TYPE_RULES


@dataclass(frozen=True, slots=True)
class OfferView:
    """One offer of a service: chosen, or passed over for a reason. `offer` None = not listed."""

    ref: OfferRef
    offer: Offer | None
    chosen: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A rate with all that made it, and with a placement its quote.

    `seen` is None where the service is not on sale, `quote` where no offer takes the placement. The
    rate is reckoned from the first live offer; a placement may go to a later one at the same rate.
    """

    catalog: Catalog
    service: Service
    buyer: Buyer
    seen: Sellable | None
    offers: tuple[OfferView, ...]
    quote: Quote | None = None

    def steps(self) -> tuple[tuple[str, str], ...]:
        """The way to the rate, and to the charge, as label and text."""
        if self.seen is None:
            why = "has no live offer" if self.service.enabled else "is not enabled"
            return (("not on sale", why),)
        flat = TYPE_RULES[self.seen.kind].flat
        steps = _rate_steps(self.catalog, self.seen.rated, "each" if flat else "per 1,000")
        return (*steps, *(_quote_steps(self.catalog, self.quote) if self.quote else ()))


def explain(
    catalog: Catalog,
    service: Service,
    offers: Offers,
    buyer: Buyer,
    placement: Placement | None = None,
) -> Explanation:
    """The rate of a service for a customer and, for a placement, its charge, cost and margin."""
    found = [
        (ref, sold_through(catalog, service, offers.get(ref), buyer)) for ref in service.offers
    ]
    sold = [each for _, each in found if isinstance(each, Sellable)] if service.enabled else []
    seen = sold[0] if sold else None
    if seen is None or placement is None:
        chosen = seen.rated.offer.ref if seen else None
        reasons = [(ref, each if isinstance(each, str) else "") for ref, each in found]
        return Explanation(catalog, service, buyer, seen, _views(reasons, offers, chosen))
    quotes = [(ref, quoted(catalog, seen, offers.get(ref), placement)) for ref in service.offers]
    quote = next((each for _, each in quotes if isinstance(each, Quote)), None)
    chosen = quote.offer.ref if quote else None
    reasons = [(ref, each if isinstance(each, str) else "") for ref, each in quotes]
    return Explanation(catalog, service, buyer, seen, _views(reasons, offers, chosen), quote)


def match_in_words(match: Match) -> str:
    """`category "Instagram*", cost below 0.10`, or `everything`."""
    named = (
        ("provider", match.provider),
        ("category", match.category),
        ("service", match.service),
        ("type", match.kind),
        ("group", match.group),
        ("customer", match.customer),
    )
    words = [
        f"{name} {value}" if isinstance(value, int) else f'{name} "{value}"'
        for name, value in named
        if value is not None
    ]
    if match.cost_min is not None:
        words.append(f"cost from {plain(match.cost_min)}")
    if match.cost_max is not None:
        words.append(f"cost below {plain(match.cost_max)}")
    return ", ".join(words) or "everything"


def markup_in_words(rule: Rule) -> str:
    """`+40 %`, `+25 % and +0.05`, or `a rate of 1.20`."""
    if rule.rate is not None:
        return f"a rate of {plain(rule.rate)}"
    parts = [f"{rule.percent:+f} %"] if rule.percent is not None else []
    if rule.fixed is not None:
        parts.append(f"+{plain(rule.fixed)}")
    return " and ".join(parts)


def _views(
    reasons: list[tuple[OfferRef, str]], offers: Offers, chosen: OfferRef | None
) -> tuple[OfferView, ...]:
    return tuple(OfferView(ref, offers.get(ref), ref == chosen, why) for ref, why in reasons)


def _rate_steps(catalog: Catalog, rated: Rated, unit: str) -> tuple[tuple[str, str], ...]:
    house = catalog.markup.currency
    theirs = catalog.providers[rated.offer.ref.provider].currency
    rule = rated.rule
    converted = (
        ("conversion", f"1 {theirs} = {plain(rated.conversion)} {house}"),
        ("cost in house currency", f"{plain(rated.cost_rate_house)} {house} {unit}"),
    )
    return (
        ("offer", f"{rated.offer.ref} {rated.offer.listing.name}"),
        ("cost", f"{plain(rated.cost_rate)} {theirs} {unit}"),
        *(() if theirs == house else converted),
        ("rule", f"{rule.number}: {match_in_words(rule.match)}"),
        ("markup", markup_in_words(rule)),
        ("exact rate", f"{plain(rated.rate_exact)} {house} {unit}"),
        ("rounding", f"up to a multiple of {plain(rule.round_up_to)}"),
        ("rate", f"{plain(rated.rate)} {house} {unit}"),
        ("margin", _margin(rated.rate, rated.cost_rate_house, rule)),
    )


def _quote_steps(catalog: Catalog, quote: Quote) -> tuple[tuple[str, str], ...]:
    house = catalog.markup.currency
    theirs = f"{plain(quote.cost)} {quote.cost_currency}"
    ours = "" if quote.cost_currency == house else f" = {plain(quote.cost_house)} {house}"
    margin = _margin(quote.charge, quote.cost_house, quote.rated.rule)
    return (
        ("sent to", str(quote.offer.ref)),
        ("charge", f"{plain(quote.charge)} {house}"),
        ("expected cost", f"{theirs}{ours}"),
        ("margin of the order", f"{plain(quote.margin)} {house}, {margin}"),
    )


def _margin(charge: Decimal, cost_house: Decimal, rule: Rule) -> str:
    share = margin_percent(charge, cost_house)
    return f"{share:f} % of it; at least {plain(rule.margin_min_percent)} % above cost is wanted"
