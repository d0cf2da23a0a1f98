"""An order keeps the offers that it was sold with, and a run the margin of the whole."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from gateway.domain.catalog import (
    Catalog,
    Denied,
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
from gateway.domain.sending import (
    CANCELED,
    JITTER_MILLISECONDS,
    Fruitless,
    GiveUp,
    Picked,
    Sale,
    after_run,
    pick,
    pick_run,
)
from gateway.domain.services import ServiceType

REF = OfferRef("acme", "1")
CATALOG = Catalog(
    1,
    {"acme": Provider("acme", "https://a.example/", "standard", "USD", "KEY")},
    {1: Service(1, "Likes", "Likes", (REF,))},
    Markup("USD", (Rule(1, Match(), percent=Decimal(5)),), {}),
)
OFFERS = {REF: Offer(REF, Listing("1", "n", "c", "Default", Decimal(1), 10, 5_000))}
ONE_RUN = Placement(1, ServiceType.DEFAULT, "https://a.example/", 1_000)


def test_a_run_of_an_order_without_runs_must_earn_its_own_margin_only() -> None:
    sale = Sale(ONE_RUN, (REF,), Decimal("1.05"), Decimal(5))
    assert isinstance(pick_run(CATALOG, OFFERS, sale, "USD"), Picked)
    assert isinstance(
        pick_run(CATALOG, OFFERS, replace(sale, charge=Decimal("1.0499")), "USD"), GiveUp
    )


def test_a_run_waits_no_longer_than_its_own_back_off_where_nobody_is_paused() -> None:
    assert after_run(Fruitless(REF, Outcome.NOT_SENT), 0, 0) == timedelta(seconds=1)
    busy = Fruitless(REF, Outcome.REFUSED, Code.UNAVAILABLE)
    assert after_run(busy, 0, 0) == timedelta(seconds=1)


def test_the_jitter_is_a_second_at_most_and_a_cancel_has_its_word() -> None:
    assert JITTER_MILLISECONDS == 1_000
    assert CANCELED == "canceled by the customer"


def test_what_the_catalog_says_of_a_service_holds_for_its_queued_orders() -> None:
    sale = Sale(ONE_RUN, (REF,), Decimal("1.05"), Decimal(5))
    denied = replace(CATALOG, markup=replace(CATALOG.markup, denied=Denied(("Likes",))))
    assert pick(denied, OFFERS, sale) == GiveUp('acme:1 is denied by category "Likes"')
    gone = replace(denied, services={})
    assert isinstance(pick(gone, OFFERS, sale), Picked)
    fed = replace(sale, placement=replace(ONE_RUN, runs=2, interval_minutes=5))
    without = replace(CATALOG, services={1: replace(CATALOG.services[1], drip_feed=False)})
    assert pick(without, OFFERS, fed) == GiveUp("acme:1 has no drip-feed")
