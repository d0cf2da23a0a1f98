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
    Provider,
    Rule,
    Service,
)
from gateway.domain.outcomes import Outcome
from gateway.domain.placements import Placement
from gateway.domain.refusals import Code
from gateway.domain.sending import Again, GiveUp, Picked, Sale, after, pick
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
    assert pick(CATALOG, offers(), SALE) == Picked(FIRST, Decimal(1), "USD", Decimal(1))
    other = Picked(SECOND, Decimal("0.8"), "EUR", Decimal("1.25"))
    assert pick(CATALOG, offers(first="1.0001"), SALE) == other
    assert pick(CATALOG, offers(), SALE, without=(FIRST,)) == other
    assert pick(CATALOG, offers(), sale(FIRST)) == other


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
    found = after(CATALOG, offers(), sale(tries=tries), (FIRST, Outcome.NOT_SENT, None), 250)
    wait = timedelta(seconds=seconds, milliseconds=250)
    assert found == Again(FIRST, (), tries + 1, wait)


def test_after_three_tries_not_sent_the_next_offer_is_taken() -> None:
    found = after(CATALOG, offers(), sale(tries=2), (FIRST, Outcome.NOT_SENT, None), 0)
    assert found == Again(SECOND, (FIRST,), 0, timedelta())
    last = after(CATALOG, offers(), sale(FIRST, tries=2), (SECOND, Outcome.NOT_SENT, None), 0)
    assert last == Again(SECOND, (FIRST,), 3, timedelta(seconds=8))


@pytest.mark.parametrize("code", [Code.FUNDS, Code.BAD_SERVICE, Code.UNAVAILABLE, Code.MIN])
def test_a_refusal_of_the_offer_leads_to_the_next_one(code: Code) -> None:
    found = after(CATALOG, offers(), SALE, (FIRST, Outcome.REFUSED, code), 0)
    assert found == Again(SECOND, (FIRST,), 0, timedelta())


@pytest.mark.parametrize(
    ("code", "seconds"),
    [(Code.FUNDS, 60), (Code.MAINTENANCE, 60), (Code.UNAVAILABLE, 2), (Code.DUPLICATE_LINK, 2)],
)
def test_without_another_offer_an_order_waits_where_that_helps(code: Code, seconds: int) -> None:
    alone = sale(offered=(FIRST,))
    found = after(CATALOG, offers(), alone, (FIRST, Outcome.REFUSED, code), 0)
    assert found == Again(FIRST, (), 1, timedelta(seconds=seconds))


def test_too_many_requests_wait_for_the_same_offer() -> None:
    found = after(CATALOG, offers(), SALE, (FIRST, Outcome.REFUSED, Code.RATE_LIMIT), 5)
    assert found == Again(FIRST, (), 1, timedelta(seconds=60))


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (Code.BAD_LINK, "refused by acme:1: bad_link"),
        (None, "refused by acme:1: unseen"),
    ],
)
def test_a_wrong_placement_is_given_up_at_once(code: Code | None, reason: str) -> None:
    found = after(CATALOG, offers(), SALE, (FIRST, Outcome.REFUSED, code), 0)
    assert found == GiveUp(reason)


def test_a_wrong_offer_without_another_is_given_up() -> None:
    alone = sale(offered=(FIRST,))
    found = after(CATALOG, offers(), alone, (FIRST, Outcome.REFUSED, Code.BAD_SERVICE), 0)
    assert found == GiveUp("refused by acme:1: bad_service")
