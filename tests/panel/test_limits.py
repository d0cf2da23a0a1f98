"""An even pace per customer, in bounded memory (money.md 9, API4)."""

import pytest

from gateway.domain.refusals import Code, Refusal
from gateway.panel.limits import NANOSECONDS, Pace, TooMany, Turns


class Clock:
    def __init__(self) -> None:
        self.now = 5 * NANOSECONDS

    def __call__(self) -> int:
        return self.now


def taken(turns: Turns, customer: int, calls: int) -> int:
    """How many of these calls at one moment were let through."""
    passed = 0
    for _ in range(calls):
        try:
            turns.take(customer)
        except TooMany:
            continue
        passed += 1
    return passed


def test_a_burst_and_then_the_pace() -> None:
    clock = Clock()
    turns = Turns(Pace(per_second=10, burst=30), customers_max=100, nanoseconds=clock)

    assert taken(turns, 1, 50) == 30
    clock.now += NANOSECONDS
    assert taken(turns, 1, 50) == 10
    clock.now += 100 * NANOSECONDS
    assert taken(turns, 1, 50) == 30


def test_a_refusal_says_when_to_come_again() -> None:
    clock = Clock()
    turns = Turns(Pace(per_second=1, burst=2), customers_max=100, nanoseconds=clock)
    assert taken(turns, 1, 2) == 2

    with pytest.raises(TooMany) as caught:
        turns.take(1)

    assert caught.value == Refusal(Code.RATE_LIMIT)
    assert caught.value.retry_after_seconds == 1
    clock.now += caught.value.retry_after_seconds * NANOSECONDS
    assert taken(turns, 1, 2) == 1


def test_customers_do_not_share_a_bucket() -> None:
    turns = Turns(Pace(per_second=1, burst=2), customers_max=100, nanoseconds=Clock())

    assert taken(turns, 1, 5) == 2
    assert taken(turns, 2, 5) == 2


def test_a_full_map_forgets_whom_it_has_not_seen_longest() -> None:
    turns = Turns(Pace(per_second=1, burst=1), customers_max=2, nanoseconds=Clock())
    assert taken(turns, 1, 1) == 1
    assert taken(turns, 2, 1) == 1
    assert taken(turns, 1, 1) == 0

    assert taken(turns, 3, 1) == 1  # in the place of 2

    assert taken(turns, 1, 1) == 0
    assert taken(turns, 2, 1) == 1
