"""The figures of an explained service, for programs."""

from gateway.domain.explanations import Explanation
from gateway.domain.pricing import margin_percent, service_type


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
