from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    fits,
)
from gateway.domain.placements import Placement
from gateway.domain.pricing import (
    Rated,
    conversion_of,
    cost_with,
    earns_enough,
    fits_buyer,
    margin_percent,
    quote,
    rate_service,
    service_type,
)
from gateway.domain.services import ServiceType

ANYBODY = Buyer()
EVERYTHING = Match()


def provider(name: str, currency: str = "USD") -> Provider:
    return Provider(name, f"https://{name}.example/api/v2", "standard", currency, "KEY")


def catalog(*rules: Rule, conversion: str | None = None) -> Catalog:
    markup = Markup("USD", rules, {"EUR": Decimal(conversion)} if conversion else {})
    providers = {"acme": provider("acme"), "euro": provider("euro", "EUR")}
    return Catalog(7, providers, {}, markup)


def offer(rate: str, by: str = "acme", kind: str = "Default") -> Offer:
    listing = Listing("101", "Followers", "theirs", kind, Decimal(rate), 50, 10_000)
    return Offer(OfferRef(by, "101"), listing)


SERVICE = Service(17, "Likes", "Instagram likes", (OfferRef("acme", "101"),))


def rated(found: Rated | None) -> Rated:
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("rule", "cost", "exact", "rate"),
    [
        (Rule(1, EVERYTHING, percent=Decimal(40)), "0.90", "1.26", "1.26"),
        (Rule(1, EVERYTHING, percent=Decimal(0)), "0.90", "0.90", "0.90"),
        (Rule(1, EVERYTHING, fixed=Decimal("0.05")), "0.90", "0.95", "0.95"),
        (
            Rule(1, EVERYTHING, percent=Decimal("12.5"), fixed=Decimal("0.01")),
            "0.1837",
            "0.2166625",
            "0.2167",
        ),
        (Rule(1, EVERYTHING, percent=Decimal(-10), fixed=Decimal(1)), "0.90", "1.81", "1.81"),
        (Rule(1, EVERYTHING, rate=Decimal("2.00005")), "0.90", "2.00005", "2.0001"),
        (
            Rule(1, EVERYTHING, percent=Decimal(25), round_up_to=Decimal("0.05")),
            "0.90",
            "1.125",
            "1.15",
        ),
        (
            Rule(1, EVERYTHING, percent=Decimal(25), round_up_to=Decimal(1)),
            "0.02375",
            "0.0296875",
            "1",
        ),
    ],
)
def test_a_rule_makes_the_rate_exactly(rule: Rule, cost: str, exact: str, rate: str) -> None:
    found = rated(rate_service(catalog(rule), SERVICE, offer(cost), ANYBODY))
    assert (found.rule, found.cost_rate, found.conversion) == (rule, Decimal(cost), 1)
    assert found.cost_rate_house == Decimal(cost)
    assert (found.rate_exact, found.rate) == (Decimal(exact), Decimal(rate))


def test_another_currency_is_converted_first() -> None:
    rule = Rule(1, EVERYTHING, percent=Decimal(10))
    found = rated(
        rate_service(catalog(rule, conversion="1.16"), SERVICE, offer("0.90", "euro"), ANYBODY)
    )
    assert (found.cost_rate, found.conversion) == (Decimal("0.90"), Decimal("1.16"))
    assert (found.cost_rate_house, found.rate) == (Decimal("1.044"), Decimal("1.1484"))


def test_without_a_conversion_or_a_provider_there_is_no_rate() -> None:
    rule = Rule(1, EVERYTHING, percent=Decimal(10))
    assert rate_service(catalog(rule), SERVICE, offer("0.90", "euro"), ANYBODY) is None
    assert rate_service(catalog(rule), SERVICE, offer("0.90", "gone"), ANYBODY) is None
    assert conversion_of(catalog(rule), "acme") == 1
    assert conversion_of(catalog(rule, conversion="1.16"), "euro") == Decimal("1.16")


def test_the_first_rule_that_matches_wins() -> None:
    rules = (
        Rule(1, Match(category="Telegram*"), percent=Decimal(1)),
        Rule(2, Match(category="Instagram*"), percent=Decimal(2)),
        Rule(3, EVERYTHING, percent=Decimal(3)),
    )
    assert rated(rate_service(catalog(*rules), SERVICE, offer("1"), ANYBODY)).rule.number == 2
    other = replace(SERVICE, category="YouTube")
    assert rated(rate_service(catalog(*rules), other, offer("1"), ANYBODY)).rule.number == 3
    assert rate_service(catalog(rules[0]), SERVICE, offer("1"), ANYBODY) is None


@pytest.mark.parametrize(
    ("match", "holds"),
    [
        (EVERYTHING, True),
        (Match(provider="acme"), True),
        (Match(provider="ACME"), True),
        (Match(provider="a*"), True),
        (Match(provider="euro"), False),
        (Match(category="instagram likes"), True),
        (Match(category="Instagram"), False),
        (Match(category="*like?"), True),
        (Match(service=17), True),
        (Match(service=18), False),
        (Match(kind=ServiceType.DEFAULT), True),
        (Match(kind=ServiceType.PACKAGE), False),
        (Match(group="gold"), True),
        (Match(group="silver"), False),
        (Match(customer="b?b"), True),
        (Match(customer="alice"), False),
        (Match(cost_min=Decimal("0.90")), True),
        (Match(cost_min=Decimal("0.91")), False),
        (Match(cost_max=Decimal("0.91")), True),
        (Match(cost_max=Decimal("0.90")), False),
        (Match(provider="acme", category="Instagram*", service=17, group="gold"), True),
        (Match(provider="acme", category="Instagram*", service=17, group="silver"), False),
    ],
)
def test_all_that_a_match_names_must_hold(match: Match, *, holds: bool) -> None:
    rules = (Rule(1, match, percent=Decimal(1)), Rule(2, EVERYTHING, percent=Decimal(2)))
    found = rated(rate_service(catalog(*rules), SERVICE, offer("0.90"), Buyer("bob", "gold")))
    assert found.rule.number == (1 if holds else 2)


def test_the_cost_of_a_match_is_in_house_currency() -> None:
    rules = (
        Rule(1, Match(cost_max=Decimal(1)), percent=Decimal(1)),
        Rule(2, EVERYTHING, percent=Decimal(2)),
    )
    found = rate_service(
        catalog(*rules, conversion="1.16"), SERVICE, offer("0.90", "euro"), ANYBODY
    )
    assert rated(found).rule.number == 2


@pytest.mark.parametrize(
    ("match", "holds"),
    [
        (EVERYTHING, True),
        (Match(group="gold"), True),
        (Match(customer="bob"), True),
        (Match(group="gold", customer="alice"), False),
        (Match(group="silver", customer="bob"), False),
        (Match(service=99), True),
    ],
)
def test_whom_a_rule_is_meant_for(match: Match, *, holds: bool) -> None:
    assert fits_buyer(match, Buyer("bob", "gold")) is holds


def test_patterns_fit_in_any_case() -> None:
    assert fits("INSTAGRAM*", "instagram likes")
    assert fits("strasse", "STRASSE")
    assert not fits("Instagram", "Instagram likes")


def test_the_documents_type_wins_over_the_providers_word() -> None:
    assert service_type(SERVICE, offer("1", kind="custom_comments")) is ServiceType.CUSTOM_COMMENTS
    assert service_type(SERVICE, offer("1", kind="livestream")) is None
    named = replace(SERVICE, kind=ServiceType.PACKAGE)
    assert service_type(named, offer("1", kind="livestream")) is ServiceType.PACKAGE


PLAIN = Placement(17, ServiceType.DEFAULT, "https://a.example/", 50)
DRIP = replace(PLAIN, quantity=333, runs=7, interval_minutes=30)
COMMENTS = replace(PLAIN, kind=ServiceType.CUSTOM_COMMENTS, quantity=3, comments=("a", "b", "c"))
PACKAGE = replace(PLAIN, kind=ServiceType.PACKAGE, quantity=1)


@pytest.mark.parametrize(
    ("placement", "charge", "cost"),
    [
        (PLAIN, "0.063", "0.045"),
        (DRIP, "2.93706", "2.0979"),
        (COMMENTS, "0.00378", "0.0027"),
        (PACKAGE, "1.26", "0.90"),
        (replace(PLAIN, quantity=1), "0.00126", "0.0009"),
    ],
)
def test_a_quote_is_rate_by_quantity(placement: Placement, charge: str, cost: str) -> None:
    shop = catalog(Rule(1, EVERYTHING, percent=Decimal(40)))
    found = rated(rate_service(shop, SERVICE, offer("0.90"), ANYBODY))
    quoted = quote(shop, found, found.offer, placement)
    assert quoted is not None
    assert (quoted.charge, quoted.cost, quoted.cost_house) == (
        Decimal(charge),
        Decimal(cost),
        Decimal(cost),
    )
    assert (quoted.cost_currency, quoted.conversion) == ("USD", 1)
    assert quoted.margin == Decimal(charge) - Decimal(cost)
    assert quoted.rated is found


def test_a_quote_rounds_the_charge_up_at_six_decimals_and_costs_at_twelve() -> None:
    rule = Rule(1, EVERYTHING, percent=Decimal(0), round_up_to=Decimal("0.000000001"))
    shop = catalog(rule, conversion="1.161616")
    found = rated(rate_service(shop, SERVICE, offer("0.0000123451"), ANYBODY))
    quoted = quote(shop, found, offer("0.0123456789", "euro"), replace(PLAIN, quantity=7))
    assert quoted is not None
    assert quoted.charge == Decimal("0.000001")
    assert quoted.cost == Decimal("0.000086419753")
    assert quoted.cost_house == Decimal("0.000100386568")
    assert (quoted.cost_currency, quoted.conversion) == ("EUR", Decimal("1.161616"))


def test_there_is_no_quote_with_a_currency_that_nobody_converts() -> None:
    shop = catalog(Rule(1, EVERYTHING, percent=Decimal(0)))
    found = rated(rate_service(shop, SERVICE, offer("1"), ANYBODY))
    assert quote(shop, found, offer("1", "euro"), PLAIN) is None
    assert cost_with(shop, offer("1", "euro"), PLAIN) is None


@pytest.mark.parametrize(
    ("charge", "cost", "minimum", "enough"),
    [
        ("1.05", "1", "5", True),
        ("1.049999", "1", "5", False),
        ("1", "1", "0", True),
        ("0.999999", "1", "0", False),
        ("0", "0", "5", True),
        ("1.125", "1", "12.5", True),
    ],
)
def test_the_margin_guard(charge: str, cost: str, minimum: str, *, enough: bool) -> None:
    assert earns_enough(Decimal(charge), Decimal(cost), Decimal(minimum)) is enough


@pytest.mark.parametrize(
    ("charge", "cost", "percent"),
    [
        ("0.25", "0.20", "20.00"),
        ("1.26", "1.30", "-3.17"),
        ("3", "2", "33.33"),
        ("0", "5", "0"),
        ("0.000001", "1e25", "-999999999999999999999999999999900.00"),
    ],
)
def test_the_margin_is_a_share_of_the_charge(charge: str, cost: str, percent: str) -> None:
    assert margin_percent(Decimal(charge), Decimal(cost)) == Decimal(percent)


RATES = st.integers(1, 10**12).map(lambda parts: Decimal(parts).scaleb(-9))
PERCENTS = st.integers(0, 10**6).map(lambda parts: Decimal(parts).scaleb(-3))


@given(RATES, PERCENTS, RATES, st.integers(1, 10**9), st.sampled_from(["0.0001", "0.03", "1"]))
def test_a_charge_is_never_below_the_exact_markup_and_close_to_it(
    cost: Decimal, percent: Decimal, fixed: Decimal, quantity: int, step: str
) -> None:
    rule = Rule(1, EVERYTHING, percent, fixed, round_up_to=Decimal(step))
    shop = catalog(rule)
    listed = replace(offer("1"), listing=replace(offer("1").listing, rate=cost))
    found = rated(rate_service(shop, SERVICE, listed, ANYBODY))
    exact = Fraction(cost) * (1 + Fraction(percent) / 100) + Fraction(fixed)
    assert Fraction(found.rate) == ceil(exact / Fraction(step)) * Fraction(step)
    quoted = quote(shop, found, listed, replace(PLAIN, quantity=quantity))
    assert quoted is not None
    charge = Fraction(found.rate) * quantity / 1000
    assert Fraction(quoted.charge) == Fraction(ceil(charge * 10**6), 10**6)
    assert quoted.charge >= quoted.cost_house
