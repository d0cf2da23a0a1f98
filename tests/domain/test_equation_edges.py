"""Where exactly an amount is no longer explained."""

from decimal import Decimal

import pytest

from gateway.domain.equation import CANDIDATES_MAX, TOLERANCE, explanation

MANY = [Decimal(1)] * (CANDIDATES_MAX + 1)


def test_what_is_off_by_all_that_may_be_is_still_explained() -> None:
    assert explanation(1 - TOLERANCE, [Decimal(1)]) == (0,)
    assert explanation(1 - 2 * TOLERANCE, [Decimal(1)]) is None
    assert explanation(3 - 2 * TOLERANCE, [Decimal(1), Decimal(2)]) == (0, 1)


@pytest.mark.parametrize(
    ("amount", "explained"),
    [("-0.0001", True), ("-0.000101", False), ("21.0021", True), ("21.002101", False)],
)
def test_of_many_the_bounds_are_a_rounding_beyond_nothing_and_all(
    amount: str, *, explained: bool
) -> None:
    assert (explanation(Decimal(amount), MANY) is not None) is explained
