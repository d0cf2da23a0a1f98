"""What an explained service is reckoned with, and its figures for programs."""

from collections.abc import Mapping

from gateway.cli.output import Failure
from gateway.dialects.placements import read_placement
from gateway.domain.explanations import Explanation
from gateway.domain.placements import Placement
from gateway.domain.pricing import margin_percent, service_type
from gateway.domain.refusals import Refusal
from gateway.domain.services import TYPE_RULES, ServiceType

# values that every dialect can carry, for the fields that no charge depends on
_FIELDS: Mapping[str, str] = {
    "link": "https://example.com/1",
    "media": "https://example.com/2",
    "country": "US",
    "type_of_traffic": "3",
    "delay": "0",
    "expiry": "",
}


def example(service: int, kind: ServiceType, quantity: int) -> Placement:
    """An order of so many, as a customer would place it; a subscription of one post."""
    rule = TYPE_RULES[kind]
    fields = {name: _FIELDS.get(name, "1") for name in rule.fields}
    fields |= dict.fromkeys(("quantity", "min", "max"), str(quantity)) if quantity else {}
    if rule.counted:
        fields[rule.counted] = "\n".join(f"line {number}" for number in range(1, quantity + 1))
    try:
        return read_placement(service, kind, {each: fields[each] for each in rule.fields})
    except Refusal as refusal:
        raise Failure(f"{quantity} cannot be ordered of the type {kind}: {refusal}") from None


def figures(found: Explanation) -> dict[str, object]:
    """The figures themselves."""
    figures: dict[str, object] = {}
    if found.seen:
        rated = found.seen.rated
        figures |= {
            "rule": rated.rule.number,
            "cost_rate": rated.cost_rate,
            "conversion": rated.conversion,
            "cost_rate_house": rated.cost_rate_house,
            "rate_exact": rated.rate_exact,
            "round_up_to": rated.rule.round_up_to,
            "rate": rated.rate,
            "type": service_type(found.service, rated.offer),
        }
    if found.quote:
        figures |= {
            "charge": found.quote.charge,
            "cost": found.quote.cost_house,
            "margin": found.quote.margin,
            "margin_percent": margin_percent(found.quote.charge, found.quote.cost_house),
        }
    return figures
