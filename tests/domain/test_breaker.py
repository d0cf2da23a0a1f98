"""When a provider's breaker opens, whom it lets through, and when it closes."""

from datetime import timedelta

import pytest

from gateway.domain.breaker import Breaker, Close, Recent, Trip, allowed, heed, hush
from gateway.domain.outcomes import Outcome

CLOSED = Breaker()
OPEN = Breaker(1, timedelta(seconds=3))
OVER = Breaker(1, timedelta())
DOUBT = {Outcome.ACCEPTED, Outcome.UNCERTAIN}


@pytest.mark.parametrize(
    ("breaker", "under_way", "allowance"),
    [
        (CLOSED, 7, 8),
        (OPEN, 0, 0),
        (OVER, 0, 1),
        (OVER, 1, 0),
        (Breaker(4, timedelta(seconds=-9)), 0, 1),
    ],
)
def test_whom_it_lets_through(breaker: Breaker, under_way: int, allowance: int) -> None:
    assert allowed(breaker, 8, under_way) == allowance
    assert allowed(breaker, 0, under_way) == 0


@pytest.mark.parametrize(
    ("recent", "reason"),
    [
        (Recent(4, 9, 2), ""),
        (Recent(uncertain=5), "5 orders in doubt within a minute"),
        (Recent(not_sent=10), "10 orders could not be sent within a minute"),
        (Recent(unresolved=3), "3 orders unconfirmed"),
    ],
)
def test_when_it_opens(recent: Recent, reason: str) -> None:
    opened = Trip(1, timedelta(seconds=30), reason) if reason else None
    assert heed(CLOSED, recent, DOUBT) == opened
    assert heed(CLOSED, recent, {Outcome.NOT_SENT}) == opened
    assert heed(CLOSED, recent, {Outcome.ACCEPTED, Outcome.REFUSED}) is None


@pytest.mark.parametrize("end", [Outcome.ACCEPTED, Outcome.REFUSED])
def test_the_one_let_through_closes_it_once_there_is_an_answer(end: Outcome) -> None:
    assert isinstance(heed(OVER, Recent(), {end}), Close)
    assert heed(OPEN, Recent(), {end}) is None  # what was under way when it opened


def test_each_time_it_stays_open_for_twice_as_long_up_to_ten_minutes() -> None:
    pauses: list[int] = []
    breaker = OVER
    for _ in range(40):
        then = heed(breaker, Recent(), {Outcome.UNCERTAIN})
        assert isinstance(then, Trip)
        assert then.trips == breaker.trips + 1
        pauses.append(int(then.pause.total_seconds()))
        breaker = Breaker(then.trips, timedelta())
    assert pauses[:5] == [60, 120, 240, 480, 600]
    assert set(pauses[5:]) == {600}


def test_silence_opens_it_and_any_answer_closes_it_again() -> None:
    why = "3 orders without an answer for 10 seconds"
    assert hush(CLOSED) == Trip(1, timedelta(seconds=30), why)
    assert hush(OPEN) is hush(OVER) is None
    silent = Breaker(1, timedelta(seconds=3), silent=True)
    assert isinstance(heed(silent, Recent(), {Outcome.REFUSED}), Close)
    assert heed(silent, Recent(), DOUBT) is None
