from dataclasses import replace
from decimal import Decimal

import pytest

from gateway.domain.catalog import (
    Buyer,
    Catalog,
    Listing,
    Markup,
    Match,
    Offer,
    OfferRef,
    Provider,
    Rule,
    Service,
)
from gateway.domain.explanations import OfferView, explain, markup_in_words, match_in_words
from gateway.domain.placements import Placement
from gateway.domain.routing import EARNS_LESS, NOT_LISTED
from gateway.domain.services import ServiceType

HOME = OfferRef("acme", "101")
ABROAD = OfferRef("euro", "55")
MISSING = OfferRef("acme", "999")
SERVICE = Service(17, "Likes", "Instagram likes", (MISSING, ABROAD, HOME))
RULE = Rule(
    3,
    Match(category="Instagram*"),
    percent=Decimal(40),
    fixed=Decimal("0.01"),
    margin_min_percent=Decimal(5),
)
CATALOG = Catalog(
    118,
    {
        "acme": Provider("acme", "https://a.example/", "standard", "USD", "KEY"),
        "euro": Provider("euro", "https://e.example/", "standard", "EUR", "KEY"),
    },
    {17: SERVICE},
    Markup("USD", (RULE,), {"EUR": Decimal("1.16")}),
)


def offer(ref: OfferRef, rate: str, quantity_max: int = 1000) -> Offer:
    return Offer(ref, Listing(ref.offer, "Real", "c", "Default", Decimal(rate), 10, quantity_max))


OFFERS = {HOME: offer(HOME, "0.50", 5000), ABROAD: offer(ABROAD, "0.20")}
PLACEMENT = Placement(17, ServiceType.DEFAULT, "https://a.example/", 100)


def test_a_rate_is_explained_step_by_step() -> None:
    found = explain(CATALOG, SERVICE, OFFERS, Buyer("bob"))
    assert found.offers == (
        OfferView(MISSING, None, chosen=False, reason=NOT_LISTED),
        OfferView(ABROAD, OFFERS[ABROAD], chosen=True),
        OfferView(HOME, OFFERS[HOME], chosen=False),
    )
    assert (found.catalog.number, found.buyer, found.quote) == (118, Buyer("bob"), None)
    assert found.steps() == (
        ("offer", "euro:55 Real"),
        ("cost", "0.20 EUR per 1,000"),
        ("conversion", "1 EUR = 1.16 USD"),
        ("cost in house currency", "0.232 USD per 1,000"),
        ("rule", '3: category "Instagram*"'),
        ("markup", "+40 % and +0.01"),
        ("exact rate", "0.3348 USD per 1,000"),
        ("rounding", "up to a multiple of 0.0001"),
        ("rate", "0.3348 USD per 1,000"),
        ("margin", "30.70 % of it; at least 5.00 % above cost is wanted"),
    )


def test_a_placement_adds_its_charge_cost_and_margin() -> None:
    found = explain(CATALOG, SERVICE, OFFERS, Buyer(), PLACEMENT)
    assert found.quote is not None
    assert found.steps()[-4:] == (
        ("sent to", "euro:55"),
        ("charge", "0.03348 USD"),
        ("expected cost", "0.02 EUR = 0.0232 USD"),
        ("margin of the order", "0.01028 USD, 30.70 % of it; at least 5.00 % above cost is wanted"),
    )
    assert [view.chosen for view in found.offers] == [False, True, False]
    assert [view.reason for view in found.offers] == [NOT_LISTED, "", EARNS_LESS]


def test_a_placement_that_no_offer_takes_has_a_reason_for_each() -> None:
    found = explain(CATALOG, SERVICE, OFFERS, Buyer(), replace(PLACEMENT, quantity=2000))
    assert found.quote is None
    assert [view.reason for view in found.offers] == [NOT_LISTED, "takes 10 to 1000", EARNS_LESS]
    assert not any(view.chosen for view in found.offers)
    assert found.steps()[-1][0] == "margin"


def test_house_currency_needs_no_conversion_and_packages_are_each() -> None:
    package = replace(SERVICE, offers=(HOME,), kind=ServiceType.PACKAGE)
    one = replace(PLACEMENT, kind=ServiceType.PACKAGE, quantity=1)
    steps = dict(explain(CATALOG, package, OFFERS, Buyer(), one).steps())
    assert "conversion" not in steps
    assert (steps["cost"], steps["rate"]) == ("0.50 USD each", "0.71 USD each")
    assert (steps["charge"], steps["expected cost"]) == ("0.71 USD", "0.50 USD")


@pytest.mark.parametrize(
    ("service", "why"),
    [
        (replace(SERVICE, enabled=False), "is not enabled"),
        (replace(SERVICE, offers=(MISSING,)), "has no live offer"),
    ],
)
def test_a_service_that_is_not_on_sale_says_why(service: Service, why: str) -> None:
    found = explain(CATALOG, service, OFFERS, Buyer(), PLACEMENT)
    assert (found.seen, found.quote, found.steps()) == (None, None, (("not on sale", why),))
    assert found.offers[0].reason == NOT_LISTED


@pytest.mark.parametrize(
    ("match", "words"),
    [
        (Match(), "everything"),
        (Match(category="Instagram*"), 'category "Instagram*"'),
        (Match(service=17, group="gold"), 'service 17, group "gold"'),
        (Match(provider="acme", customer="bob"), 'provider "acme", customer "bob"'),
        (
            Match(kind=ServiceType.PACKAGE, cost_min=Decimal("0.1"), cost_max=Decimal(2)),
            'type "Package", cost from 0.10, cost below 2.00',
        ),
    ],
)
def test_a_match_in_words(match: Match, words: str) -> None:
    assert match_in_words(match) == words


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Rule(1, Match(), percent=Decimal("12.5")), "+12.5 %"),
        (Rule(1, Match(), percent=Decimal(-5), fixed=Decimal(1)), "-5 % and +1.00"),
        (Rule(1, Match(), fixed=Decimal("0.05")), "+0.05"),
        (Rule(1, Match(), rate=Decimal("1.2")), "a rate of 1.20"),
    ],
)
def test_a_markup_in_words(rule: Rule, words: str) -> None:
    assert markup_in_words(rule) == words
