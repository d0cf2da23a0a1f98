from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from gateway.domain.catalog import (
    Catalog,
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
from gateway.domain.outcomes import Outcome
from gateway.domain.placements import Placement
from gateway.domain.refusals import Code
from gateway.domain.routing import EARNS_LESS
from gateway.domain.sending import (
    Again,
    Fruitless,
    GiveUp,
    Picked,
    Sale,
    after,
    after_run,
    pick,
    pick_run,
)
from gateway.domain.services import ServiceType

FIRST, SECOND = OfferRef("acme", "1"), OfferRef("euro", "2")
PLACEMENT = Placement(1, ServiceType.DEFAULT, "https://a.example/", 1000)
SALE = Sale(PLACEMENT, (FIRST, SECOND), Decimal("1.05"), Decimal(5))
CATALOG = Catalog(
    1,
    {
        "acme": Provider("acme", "https://a.example/", "standard", "USD", "KEY"),
        "euro": Provider("euro", "https://e.example/", "standard", "EUR", "KEY"),
    },
    {1: Service(1, "Likes", "Likes", (FIRST,))},
    Markup("USD", (Rule(1, Match(), percent=Decimal(5)),), {"EUR": Decimal("1.25")}),
)


def offers(
    first: str = "1", second: str = "0.8", quantity_max: int = 5000
) -> dict[OfferRef, Offer]:
    return {
        ref: Offer(ref, Listing(ref.offer, "n", "c", "Default", Decimal(rate), 10, quantity_max))
        for ref, rate in ((FIRST, first), (SECOND, second))
    }


def sale(*tried: OfferRef, tries: int = 0, offered: tuple[OfferRef, ...] = (FIRST, SECOND)) -> Sale:
    return Sale(PLACEMENT, offered, SALE.charge, SALE.margin_min_percent, tried, tries)


def test_the_first_offer_that_still_earns_the_minimum_is_picked() -> None:
    assert pick(CATALOG, offers(), SALE) == Picked(FIRST, Decimal(1), "USD", Decimal(1), Decimal(1))
    other = Picked(SECOND, Decimal("0.8"), "EUR", Decimal("1.25"), Decimal("0.8"))
    assert pick(CATALOG, offers(first="1.0001"), SALE) == other
    assert pick(CATALOG, offers(), SALE, without=(FIRST,)) == other
    assert pick(CATALOG, offers(), sale(FIRST)) == other


def test_who_gets_no_orders_just_now_comes_last() -> None:
    found = pick(CATALOG, offers(), sale(), shut={"acme"})
    assert isinstance(found, Picked)
    assert found.ref == SECOND
    alone = pick(CATALOG, offers(), sale(offered=(FIRST,)), shut={"acme"})
    assert isinstance(alone, Picked)
    assert alone.ref == FIRST


def test_a_service_that_left_the_catalog_is_still_delivered() -> None:
    gone = Catalog(2, CATALOG.providers, {}, CATALOG.markup)
    assert isinstance(pick(gone, offers(), SALE), Picked)


def test_giving_up_names_each_reason() -> None:
    found = pick(CATALOG, offers(first="2", quantity_max=999), SALE)
    assert found == GiveUp("acme:1 takes 10 to 999; euro:2 takes 10 to 999")
    dear = "earns less than the minimum margin"
    assert pick(CATALOG, offers("2", "2"), SALE) == GiveUp(f"acme:1 {dear}; euro:2 {dear}")
    assert pick(CATALOG, offers(), sale(FIRST, SECOND)) == GiveUp("every offer was tried")
    assert pick(CATALOG, {}, sale(offered=(FIRST,))) == GiveUp(
        "acme:1 is not in the provider's list"
    )


@pytest.mark.parametrize(("tries", "seconds"), [(0, 2), (1, 4)])
def test_what_was_not_sent_is_tried_again_with_the_same_offer(tries: int, seconds: int) -> None:
    found = after(CATALOG, offers(), sale(tries=tries), Fruitless(FIRST, Outcome.NOT_SENT), 250)
    wait = timedelta(seconds=seconds, milliseconds=250)
    assert found == Again(FIRST, (), tries + 1, wait)


def test_after_three_tries_not_sent_the_next_offer_is_taken() -> None:
    found = after(CATALOG, offers(), sale(tries=2), Fruitless(FIRST, Outcome.NOT_SENT), 0)
    assert found == Again(SECOND, (FIRST,), 0, timedelta())
    last = after(CATALOG, offers(), sale(FIRST, tries=2), Fruitless(SECOND, Outcome.NOT_SENT), 0)
    assert last == Again(SECOND, (FIRST,), 3, timedelta(seconds=8))


@pytest.mark.parametrize("code", [Code.FUNDS, Code.BAD_SERVICE, Code.UNAVAILABLE, Code.MIN])
def test_a_refusal_of_the_offer_leads_to_the_next_one(code: Code) -> None:
    found = after(CATALOG, offers(), SALE, Fruitless(FIRST, Outcome.REFUSED, code), 0)
    assert found == Again(SECOND, (FIRST,), 0, timedelta())


@pytest.mark.parametrize(
    ("code", "seconds"),
    [(Code.FUNDS, 60), (Code.MAINTENANCE, 60), (Code.UNAVAILABLE, 2), (Code.DUPLICATE_LINK, 2)],
)
def test_without_another_offer_an_order_waits_where_that_helps(code: Code, seconds: int) -> None:
    alone = sale(offered=(FIRST,))
    found = after(CATALOG, offers(), alone, Fruitless(FIRST, Outcome.REFUSED, code), 0)
    assert found == Again(FIRST, (), 1, timedelta(seconds=seconds))


def test_too_many_requests_wait_for_the_same_offer() -> None:
    found = after(CATALOG, offers(), SALE, Fruitless(FIRST, Outcome.REFUSED, Code.RATE_LIMIT), 5)
    assert found == Again(FIRST, (), 1, timedelta(seconds=60))


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (Code.BAD_LINK, "refused by acme:1: bad_link"),
        (None, "refused by acme:1: unseen"),
    ],
)
def test_a_wrong_placement_is_given_up_at_once(code: Code | None, reason: str) -> None:
    found = after(CATALOG, offers(), SALE, Fruitless(FIRST, Outcome.REFUSED, code), 0)
    assert found == GiveUp(reason)


def test_a_wrong_offer_without_another_is_given_up() -> None:
    alone = sale(offered=(FIRST,))
    found = after(CATALOG, offers(), alone, Fruitless(FIRST, Outcome.REFUSED, Code.BAD_SERVICE), 0)
    assert found == GiveUp("refused by acme:1: bad_service")


def test_a_pause_that_the_provider_asked_for_is_waited_for() -> None:
    alone = sale(offered=(FIRST,))
    told = Fruitless(FIRST, Outcome.REFUSED, Code.RATE_LIMIT, pause_seconds=900)
    found = after(CATALOG, offers(), alone, told, 0)
    assert found == Again(FIRST, (), 1, timedelta(seconds=900))
    busy = Fruitless(FIRST, Outcome.REFUSED, Code.DUPLICATE_LINK, pause_seconds=900)
    found = after(CATALOG, offers(), alone, busy, 0)
    assert found == Again(FIRST, (), 1, timedelta(seconds=2))


def test_an_offer_that_is_wrong_is_not_chosen_again_by_the_order() -> None:
    wrong = Fruitless(FIRST, Outcome.REFUSED, Code.BAD_SERVICE)
    found = after(CATALOG, offers(), SALE, wrong, 0)
    assert isinstance(found, Again)
    assert found.tried == (FIRST,)
    moved = sale(*found.tried)
    picked = pick(CATALOG, offers(), moved)
    assert isinstance(picked, Picked)
    assert picked.ref == SECOND
    again = after(CATALOG, offers(), moved, Fruitless(SECOND, Outcome.REFUSED, Code.MIN), 0)
    assert again == GiveUp("refused by euro:2: min")


DRIP = replace(PLACEMENT, quantity=333, runs=3, interval_minutes=5)
OF_RUNS = replace(SALE, placement=DRIP)


def dripping(*, drip_feed: bool | None, rate: str = "1") -> dict[OfferRef, Offer]:
    listing = Listing("1", "n", "c", "Default", Decimal(rate), 10, 5000, drip_feed=drip_feed)
    return {FIRST: Offer(FIRST, listing)}


@pytest.mark.parametrize("drip_feed", [True, False, None])
def test_a_drip_feed_is_passed_on_or_run_by_us(*, drip_feed: bool | None) -> None:
    found = pick(CATALOG, dripping(drip_feed=drip_feed), OF_RUNS)
    all_of_it, one = Decimal("0.999"), Decimal("0.333")
    sent = all_of_it if drip_feed else one
    assert found == Picked(FIRST, all_of_it, "USD", Decimal(1), sent, self_run=not drip_feed)


def test_a_run_goes_to_the_offer_that_took_the_first() -> None:
    found = pick_run(CATALOG, dripping(drip_feed=False), replace(OF_RUNS, offers=(FIRST,)), "USD")
    one = Decimal("0.333")
    assert found == Picked(FIRST, one, "USD", Decimal(1), one, self_run=True)


@pytest.mark.parametrize(
    ("found", "currency", "reason"),
    [
        ({}, "USD", "acme:1 is not in the provider's list"),
        (dripping(drip_feed=False, rate="1.0011"), "USD", f"acme:1 {EARNS_LESS}"),
        (dripping(drip_feed=False), "EUR", "acme:1 charges in USD, agreed was EUR"),
        (offers(quantity_max=332), "USD", "acme:1 takes 10 to 332"),
        (
            {FIRST: replace(dripping(drip_feed=False)[FIRST], state=OfferState.QUARANTINED)},
            *("USD", "acme:1 is quarantined"),
        ),
    ],
)
def test_a_run_is_not_sent_where_it_may_not_be(
    found: dict[OfferRef, Offer], currency: str, reason: str
) -> None:
    # 1.05 for 999: a run of 0.333 earns the minimum up to a rate of 1.001
    assert pick_run(CATALOG, found, replace(OF_RUNS, offers=(FIRST,)), currency) == GiveUp(reason)


@pytest.mark.parametrize(
    ("outcome", "code", "tries", "wait"),
    [
        (Outcome.NOT_SENT, None, 1, 2),
        (Outcome.NOT_SENT, None, 99, 900),
        (Outcome.REFUSED, Code.DUPLICATE_LINK, 3, 8),
        (Outcome.REFUSED, Code.FUNDS, 1, 60),
        (Outcome.REFUSED, Code.RATE_LIMIT, 10, 900),
    ],
)
def test_a_run_waits_where_that_helps(
    outcome: Outcome, code: Code | None, tries: int, wait: int
) -> None:
    assert after_run(Fruitless(FIRST, outcome, code), tries, 0) == timedelta(seconds=wait)


@pytest.mark.parametrize(
    ("outcome", "code", "tries", "reason"),
    [
        (Outcome.NOT_SENT, None, 100, "tried 100 times"),
        (Outcome.REFUSED, Code.FUNDS, 100, "tried 100 times"),
        (Outcome.REFUSED, Code.BAD_SERVICE, 1, "refused by acme:1: bad_service"),
        (Outcome.REFUSED, Code.BAD_LINK, 1, "refused by acme:1: bad_link"),
        (Outcome.REFUSED, None, 1, "refused by acme:1: unseen"),
    ],
)
def test_a_run_is_the_last_where_nothing_helps(
    outcome: Outcome, code: Code | None, tries: int, reason: str
) -> None:
    assert after_run(Fruitless(FIRST, outcome, code), tries, 0) == GiveUp(reason)


def test_a_pause_of_the_provider_holds_its_runs_too() -> None:
    told = Fruitless(FIRST, Outcome.REFUSED, Code.RATE_LIMIT, pause_seconds=3_600)
    assert after_run(told, 1, 250) == timedelta(hours=1)
