"""Where exactly an amount is no longer explained, and the figures of what is left open."""

from datetime import timedelta
from decimal import Decimal

import pytest

from gateway.domain.equation import CANDIDATES_MAX, TOLERANCE, explanation
from gateway.domain.equation_classes import OF_THE_EQUATION, SEEN_AGAIN_AFTER
from gateway.domain.targets import Class

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


def test_the_figures_of_what_an_equation_leaves_open() -> None:
    assert timedelta(minutes=5) == SEEN_AGAIN_AFTER
    assert set(OF_THE_EQUATION) == {
        Class.UNCHARGED,
        Class.REFUND_OWED,
        Class.FOREIGN,
        Class.UNKNOWN_CREDIT,
    }
