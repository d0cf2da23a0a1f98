"""Which orders are followed, and what of a subscription its customer is told."""

from dataclasses import replace
from decimal import Decimal

from gateway.domain.orders import ENDED, POLLED, State, as_customers_see
from gateway.domain.services import ServiceType
from tests.domain.standings import RUNS

POSTS = replace(RUNS, kind=ServiceType.SUBSCRIPTIONS, runs=None, self_run=False, posts=5, parts=2)


def test_what_is_active_or_has_ended_is_followed() -> None:
    assert frozenset({*ENDED, State.ACTIVE}) == POLLED


def test_a_subscription_tells_where_it_began_and_how_many_posts_are_to_come() -> None:
    told = as_customers_see(replace(POSTS, start_count=17))
    assert (told.start_count, told.remains, told.currency) == (17, 3, "USD")
    assert as_customers_see(replace(POSTS, parts=9)).remains == 0
    assert as_customers_see(replace(POSTS, posts=None, parts=0)).remains == 0
    half = as_customers_see(replace(POSTS, delivered=1_500))
    assert half.charge == Decimal("2.025")
