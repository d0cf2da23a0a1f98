"""The figures of the refund brakes, and where exactly they begin."""

from datetime import timedelta

import pytest

from gateway.domain.brakes import AGAIN_SECONDS_MAX, BRAKES, WAITS_AT_MOST, orders_enough


def test_a_braked_refund_is_seen_again_within_minutes_and_given_within_a_day() -> None:
    assert timedelta(minutes=5) == timedelta(seconds=AGAIN_SECONDS_MAX)
    assert timedelta(days=1) == WAITS_AT_MOST


@pytest.mark.parametrize(("turned", "enough"), [(1, 20), (2, 40), (3, 60)])
def test_with_no_order_more_than_needed_it_is_known_that_few_turned(
    turned: int, enough: int
) -> None:
    assert orders_enough(BRAKES, turned) == enough
