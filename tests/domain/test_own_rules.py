"""A customer's own rules are those that name him or his group."""

from decimal import Decimal

from gateway.domain.catalog import Buyer, Markup, Match, Rule
from gateway.domain.own_rules import own_rules


def test_the_rules_of_one_customer() -> None:
    matches = (
        Match(customer="bob"),
        Match(group="gold*"),
        Match(customer="bob", group="silver"),
        Match(category="Likes"),
        Match(),
    )
    rules = tuple(Rule(n, each, percent=Decimal(5)) for n, each in enumerate(matches, start=1))
    markup = Markup("USD", rules)
    assert [rule.number for rule in own_rules(markup, Buyer("Bob", "golden"))] == [1, 2]
    assert [rule.number for rule in own_rules(markup, Buyer("eve", ""))] == []
