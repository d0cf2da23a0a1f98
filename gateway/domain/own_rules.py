"""Which markup rules speak of one customer: those that name him, or his group."""

from collections.abc import Sequence

from gateway.domain.catalog import Buyer, Markup, Rule, fits


def own_rules(markup: Markup, buyer: Buyer) -> Sequence[Rule]:
    """In the order in which they are tried; a rule that names nobody is everybody's."""
    return [rule for rule in markup.rules if _names(rule, buyer)]


def _names(rule: Rule, buyer: Buyer) -> bool:
    asked = ((rule.match.customer, buyer.name), (rule.match.group, buyer.group))
    named = [(pattern, value) for pattern, value in asked if pattern is not None]
    return bool(named) and all(fits(pattern, value) for pattern, value in named)
