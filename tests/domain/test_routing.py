from dataclasses import dataclass, replace
from decimal import Decimal

import pytest

from gateway.domain.catalog import (
    Buyer,
    Catalog,
    Denied,
    Listing,
    Markup,
    Match,
    Offer,
    OfferRef,
    OfferState,
    Provider,
    Rule,
    Service,
)
from gateway.domain.placements import QUANTITY_MAX, Placement
from gateway.domain.routing import (
    EARNS_LESS,
    NOT_LISTED,
    Sellable,
    denied,
    field_not_carried,
    quoted,
    route,
    sellable,
    sold_through,
    why_denied,
    why_not,
    why_not_live,
)
from gateway.domain.services import ServiceType

ANYBODY = Buyer()
FIRST = OfferRef("acme", "101")
SECOND = OfferRef("other", "55")
SERVICE = Service(1, "Followers, worldwide", "Instagram followers", (FIRST, SECOND))
PLACEMENT = Placement(1, ServiceType.DEFAULT, "https://a.example/", 100)
RULE = Rule(1, Match(), percent=Decimal(25), margin_min_percent=Decimal(5))


def offer(ref: OfferRef = FIRST, rate: str = "1", **listed: object) -> Offer:
    listing = Listing(ref.offer, "Real people", "Social", "Default", Decimal(rate), 50, 10_000)
    return Offer(ref, replace(listing, **listed))


def catalog(*rules: Rule, **markup: object) -> Catalog:
    providers = {
        name: Provider(name, "https://a.example/", "standard", currency, "KEY")
        for name, currency in (("acme", "USD"), ("other", "USD"), ("euro", "EUR"))
    }
    return Catalog(1, providers, {1: SERVICE}, replace(Markup("USD", rules or (RULE,)), **markup))


def offers(*each: Offer) -> dict[OfferRef, Offer]:
    return {one.ref: one for one in each}


def sold(service: Service = SERVICE, *each: Offer) -> Sellable:
    found = sellable(catalog(), service, offers(*each) if each else offers(offer()), ANYBODY)
    assert found is not None
    return found


def test_a_service_is_sold_as_its_first_live_offer() -> None:
    seen = sold(SERVICE, offer(), offer(SECOND, "2"))
    assert (seen.rated.offer.ref, seen.rated.rate) == (FIRST, Decimal("1.25"))
    assert (seen.service, seen.kind) == (SERVICE, ServiceType.DEFAULT)
    assert (seen.quantity_min, seen.quantity_max) == (50, 10_000)


@pytest.mark.parametrize(
    "first",
    [
        replace(offer(), state=OfferState.QUARANTINED),
        replace(offer(), state=OfferState.VANISHED),
        offer(kind_word="Livestream"),
        offer(rate="0"),
        offer(rate="1e12"),
        offer(quantity_min=500, quantity_max=499),
        None,
    ],
)
def test_an_offer_that_is_not_live_is_passed_over(first: Offer | None) -> None:
    seen = sellable(
        catalog(), SERVICE, offers(*([first] if first else []), offer(SECOND, "2")), ANYBODY
    )
    assert seen is not None
    assert (seen.rated.offer.ref, seen.rated.rate) == (SECOND, Decimal("2.5"))


def test_nothing_is_sold_without_a_live_offer_or_when_switched_off() -> None:
    assert sellable(catalog(), SERVICE, {}, ANYBODY) is None
    assert sellable(catalog(), replace(SERVICE, enabled=False), offers(offer()), ANYBODY) is None


def test_the_largest_rate_that_is_sold() -> None:
    rule = Rule(1, Match(), percent=Decimal(0))
    assert sellable(catalog(rule), SERVICE, offers(offer(rate="999999999999.9999")), ANYBODY)


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (None, NOT_LISTED),
        (offer(OfferRef("gone", "1")), "its provider is not in the catalog"),
        (replace(offer(), state=OfferState.QUARANTINED), "is quarantined"),
        (replace(offer(), state=OfferState.VANISHED), "is vanished"),
        (offer(name="ADULT things"), 'is denied by word "adult"'),
        (offer(kind_word="Livestream"), "is of type 'Livestream', which is not sold here"),
        (offer(OfferRef("euro", "1")), "has no conversion for its currency"),
        (offer(category="rule 2 only", rate="7"), "no rule of the markup matches"),
        (offer(rate="0"), "its rate would be 0.00"),
        (offer(quantity_max=10), "leaves no quantity between 50 and 10"),
    ],
)
def test_why_a_service_cannot_be_sold_through_an_offer(found: Offer | None, why: str) -> None:
    rule = replace(RULE, match=Match(cost_max=Decimal(7)))
    shop = catalog(rule, denied=Denied(words=("adult",)))
    assert sold_through(shop, SERVICE, found, ANYBODY) == why


def test_a_live_offer_has_no_reason_against_it() -> None:
    assert why_not_live(catalog(), SERVICE, offer()) == ""
    assert isinstance(sold_through(catalog(), SERVICE, offer(), ANYBODY), Sellable)


@pytest.mark.parametrize(
    ("ours", "theirs", "seen"),
    [
        ((None, None), (50, 10_000), (50, 10_000)),
        ((100, 500), (50, 10_000), (100, 500)),
        ((1, 10**9), (50, 10_000), (50, 10_000)),
        ((None, None), (0, 10**12), (1, QUANTITY_MAX)),
        ((50, 50), (50, 50), (50, 50)),
    ],
)
def test_bounds_are_the_narrower_of_both(
    ours: tuple[int | None, int | None], theirs: tuple[int, int], seen: tuple[int, int]
) -> None:
    service = replace(SERVICE, quantity_min=ours[0], quantity_max=ours[1])
    found = sold(service, offer(quantity_min=theirs[0], quantity_max=theirs[1]))
    assert (found.quantity_min, found.quantity_max) == seen


def test_a_package_is_sold_one_at_a_time() -> None:
    found = sold(
        SERVICE, offer(kind_word="package", quantity_min=5, quantity_max=9, drip_feed=True)
    )
    assert (found.quantity_min, found.quantity_max, found.drip_feed) == (1, 1, False)
    assert found.kind is ServiceType.PACKAGE


@pytest.mark.parametrize(
    ("ours", "theirs", "sold_as"),
    [
        (None, None, False),
        (None, True, True),
        (None, False, False),
        (True, None, True),
        (True, True, True),
        (True, False, False),
        (False, None, False),
        (False, True, False),
        (False, False, False),
    ],
)
def test_a_flag_is_sold_where_nobody_says_no(
    *, ours: bool | None, theirs: bool | None, sold_as: bool
) -> None:
    service = replace(SERVICE, drip_feed=ours, refill=ours, cancel=ours)
    found = sold(service, offer(refill=theirs, cancel=theirs))
    assert (found.refill, found.cancel) == (sold_as, sold_as)


@pytest.mark.parametrize("theirs", [None, True, False])
def test_a_drip_feed_is_sold_where_we_say_so_or_the_offer_does(*, theirs: bool | None) -> None:
    # what the offer cannot run, we run ourselves
    assert sold(replace(SERVICE, drip_feed=True), offer(drip_feed=theirs)).drip_feed
    assert not sold(replace(SERVICE, drip_feed=False), offer(drip_feed=theirs)).drip_feed
    assert sold(SERVICE, offer(drip_feed=theirs)).drip_feed is (theirs is True)


def test_each_flag_is_its_own() -> None:
    found = sold(SERVICE, offer(drip_feed=True, refill=False, cancel=True))
    assert (found.drip_feed, found.refill, found.cancel) == (True, False, True)
    found = sold(SERVICE, offer(drip_feed=False, refill=True, cancel=False))
    assert (found.drip_feed, found.refill, found.cancel) == (False, True, False)


@pytest.mark.parametrize(
    ("placement", "listed", "why"),
    [
        (PLACEMENT, offer(), ""),
        (replace(PLACEMENT, quantity=50), offer(), ""),
        (replace(PLACEMENT, quantity=10_000), offer(), ""),
        (replace(PLACEMENT, quantity=49), offer(), "takes 50 to 10000"),
        (replace(PLACEMENT, quantity=10_001), offer(), "takes 50 to 10000"),
        (PLACEMENT, offer(kind_word="Package"), "is of type Package"),
        (replace(PLACEMENT, runs=2, interval_minutes=5), offer(), ""),
        (replace(PLACEMENT, runs=2, interval_minutes=5), offer(drip_feed=False), ""),
        (replace(PLACEMENT, runs=500, interval_minutes=5), offer(drip_feed=True), ""),
        (
            replace(PLACEMENT, kind=ServiceType.PACKAGE, quantity=1),
            offer(kind_word="Package"),
            "",
        ),
        (
            replace(PLACEMENT, kind=ServiceType.CUSTOM_COMMENTS, quantity=3),
            offer(kind_word="Custom Comments"),
            "takes 50 to 10000",
        ),
    ],
)
def test_what_an_offer_can_carry(placement: Placement, listed: Offer, why: str) -> None:
    assert why_not(catalog(), SERVICE, listed, placement) == why


@dataclass(frozen=True)
class Mute:
    """A dialect that stumbles over a field of every order."""

    field: str
    refills: bool = False
    cancels: bool = False

    def why_not_carry(self, placement: Placement) -> str:
        """Always one."""
        return f"no {self.field} {placement.kind}"

    def field_not_carried(self, placement: Placement) -> str:
        """Always the same."""
        assert not placement.runs
        return self.field


@pytest.mark.parametrize(
    ("first", "second", "field"),
    [("comments", "comments", "comments"), ("comments", "", ""), ("", "comments", "")],
)
def test_the_field_that_no_offer_carries(first: str, second: str, field: str) -> None:
    shop = replace(catalog(), speech={"acme": Mute(first), "other": Mute(second)})
    placement = replace(PLACEMENT, runs=2, interval_minutes=5)
    both = offers(offer(), offer(SECOND))
    assert field_not_carried(shop, sold(), both, placement) == field
    assert field_not_carried(shop, sold(), offers(offer()), placement) == first
    assert field_not_carried(shop, sold(), {}, placement) == ""
    assert field_not_carried(catalog(), sold(), both, placement) == ""


def test_an_offer_that_is_not_listed_or_not_live_carries_nothing() -> None:
    assert why_not(catalog(), SERVICE, None, PLACEMENT) == NOT_LISTED
    gone = replace(offer(), state=OfferState.VANISHED)
    assert why_not(catalog(), SERVICE, gone, PLACEMENT) == "is vanished"


def test_an_order_goes_to_the_first_offer_that_can_take_it() -> None:
    both = offers(offer(), offer(SECOND, "0.5"))
    found = route(catalog(), sold(), both, PLACEMENT)
    assert found is not None
    assert found.offer.ref == FIRST
    assert (found.charge, found.cost) == (Decimal("0.125"), Decimal("0.1"))


def test_the_charge_stays_when_another_offer_takes_the_order() -> None:
    both = offers(offer(quantity_max=99), offer(SECOND, "1.1"))
    found = route(catalog(), sold(), both, PLACEMENT)
    assert found is not None
    assert found.offer.ref == SECOND
    assert (found.charge, found.cost) == (Decimal("0.125"), Decimal("0.11"))


@pytest.mark.parametrize(
    ("rate", "takes"),
    [("1.19047619047", True), ("1.190477", False), ("1.25", False), ("1.26", False), ("9", False)],
)
def test_an_offer_that_earns_less_than_the_minimum_is_passed_over(
    rate: str, *, takes: bool
) -> None:
    seen = sold(SERVICE, offer())
    found = route(catalog(), seen, offers(offer(FIRST, rate)), PLACEMENT)
    if takes:
        assert found is not None
        assert found.charge == Decimal("0.125")
    else:
        assert found is None
        assert quoted(catalog(), seen, offer(FIRST, rate), PLACEMENT) == EARNS_LESS


def test_failover_counts_the_cost_in_house_currency() -> None:
    euro = OfferRef("euro", "7")
    service = replace(SERVICE, offers=(euro, FIRST))
    shop = catalog(conversion={"EUR": Decimal("1.2")})
    seen = sellable(shop, service, offers(offer(euro, "1")), ANYBODY)
    assert seen is not None
    assert seen.rated.rate == Decimal("1.5")
    found = quoted(shop, seen, offer(euro, "1.2"), PLACEMENT)
    assert found == EARNS_LESS
    found = quoted(shop, seen, offer(FIRST, "1.42"), PLACEMENT)
    assert not isinstance(found, str)
    assert (found.charge, found.cost_house) == (Decimal("0.15"), Decimal("0.142"))


def test_where_nothing_takes_it_each_offer_has_its_reason() -> None:
    both = offers(replace(offer(), state=OfferState.QUARANTINED), offer(SECOND, quantity_min=101))
    seen = sold()
    assert route(catalog(), seen, both, PLACEMENT) is None
    whys = [quoted(catalog(), seen, each, PLACEMENT) for each in both.values()]
    assert whys == ["is quarantined", "takes 101 to 10000"]
    assert quoted(catalog(), seen, None, PLACEMENT) == NOT_LISTED


@pytest.mark.parametrize(
    ("rules", "why"),
    [
        (Denied(), ""),
        (Denied(categories=("instagram*",)), 'category "instagram*"'),
        (Denied(categories=("SOCIAL",)), 'category "SOCIAL"'),
        (Denied(categories=("followers",)), ""),
        (Denied(types=("default",)), 'type "default"'),
        (Denied(types=("D*",)), 'type "D*"'),
        (Denied(types=("*Comments",)), ""),
        (Denied(words=("Real P",)), 'word "Real P"'),
        (Denied(words=("WORLD",)), 'word "WORLD"'),
        (Denied(words=("gram",)), 'word "gram"'),
        (Denied(words=("soc",)), 'word "soc"'),
        (Denied(words=("followers, worldwide real",)), ""),
        (Denied(("x",), ("y",), ("z",)), ""),
        (Denied(("x", "Social"), ("Default",), ("real",)), 'category "Social"'),
    ],
)
def test_the_deny_filter_reads_both_sides_words(rules: Denied, why: str) -> None:
    assert why_denied(rules, SERVICE, offer()) == why
    assert denied(rules, SERVICE, offer()) is bool(why)


def test_the_deny_filter_reads_a_type_in_any_spelling() -> None:
    comments = offer(kind_word="custom_comments")
    assert why_denied(Denied(types=("Custom-Comments",)), SERVICE, comments)
    named = replace(SERVICE, kind=ServiceType.CUSTOM_COMMENTS)
    assert why_denied(Denied(types=("custom comments",)), named, offer())


def test_the_deny_filter_holds_without_an_offer() -> None:
    assert why_denied(Denied(words=("worldwide",)), SERVICE, None) == 'word "worldwide"'
    assert why_denied(Denied(words=("real",)), SERVICE, None) == ""
    assert why_denied(Denied(types=("*",)), SERVICE, None) == ""
    assert why_denied(Denied(categories=("Social",)), SERVICE, None) == ""
