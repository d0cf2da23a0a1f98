"""The figures of the lanes."""

from datetime import timedelta
from decimal import Decimal

from gateway.domain.lanes import (
    DOUBTFUL_AT_ONCE,
    GRACE,
    LOOK_AGAIN,
    SENT_AT_ONCE,
    STRICT_FOR,
    Lanes,
)

COST, OTHER = Decimal("0.9"), Decimal("1.8")


def test_how_long_lanes_are_held_and_looked_at() -> None:
    assert DOUBTFUL_AT_ONCE == 4
    assert timedelta(seconds=5) == SENT_AT_ONCE
    assert timedelta(minutes=1) <= GRACE <= timedelta(minutes=10)
    assert timedelta(seconds=10) == LOOK_AGAIN
    assert timedelta(hours=1) == STRICT_FOR


def test_a_cost_is_free_unless_it_is_taken_or_of_each_only_one_is_sent() -> None:
    for strict in (False, True):
        of = Lanes(strict=strict, taken=frozenset({OTHER}))
        assert of.are_free(COST, ())
        assert of.are_free(COST, {COST}) is not strict
        assert not of.are_free(OTHER, ())
        assert not of.are_free(OTHER, {OTHER})
