"""Among how many orders an amount is sought, how exactly, and after how long."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from gateway.domain.equation import CANDIDATES_MAX, TOLERANCE, Equation
from gateway.domain.equation_classes import (
    OF_THE_EQUATION,
    SEEN_AGAIN_AFTER,
    Moved,
    finding,
)
from gateway.domain.targets import Class


def lacking(amount: str) -> Equation:
    return Equation(
        provider="acme",
        currency="USD",
        balance=Decimal(100) - Decimal(amount),
        prepaid=Decimal(100),
        level=Decimal(0),
        quiet=True,
        absolute=True,
        read_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def kind(amount: str, lowered: list[Moved]) -> Class:
    found = finding(lacking(amount), lacking(amount), [], lowered)
    assert found is not None
    return found.kind


def test_the_figures() -> None:
    assert timedelta(minutes=5) == SEEN_AGAIN_AFTER
    assert set(OF_THE_EQUATION) == {
        Class.UNCHARGED,
        Class.REFUND_OWED,
        Class.FOREIGN,
        Class.UNKNOWN_CREDIT,
    }


def test_of_twenty_orders_several_together_are_told_and_of_more_only_one() -> None:
    moved = [Moved(order, Decimal(2) ** order) for order in range(CANDIDATES_MAX)]
    assert kind("3", moved) is Class.REFUND_OWED
    many = [*moved, Moved(99, Decimal(2) ** 30)]
    assert kind("3", many) is Class.FOREIGN
    assert kind("4", many) is Class.REFUND_OWED


@pytest.mark.parametrize(
    ("off", "named"),
    [(TOLERANCE, Class.REFUND_OWED), (2 * TOLERANCE, Class.FOREIGN)],
)
def test_of_very_many_one_is_named_that_is_off_by_its_rounding(off: Decimal, named: Class) -> None:
    many = [Moved(order, Decimal(7) + 3 * order) for order in range(CANDIDATES_MAX + 1)]
    for sign in (1, -1):
        assert kind(str(Decimal(7) + sign * off), many) is named
