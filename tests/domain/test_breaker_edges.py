"""The figures by which a breaker judges."""

from datetime import timedelta

from gateway.domain.breaker import WINDOW, Breaker, Recent, Trip, heed
from gateway.domain.outcomes import Outcome


def test_a_minute_is_looked_at() -> None:
    assert timedelta(minutes=1) == WINDOW


def test_the_reason_of_another_trip_is_kept() -> None:
    then = heed(Breaker(1, timedelta()), Recent(), {Outcome.UNCERTAIN})
    assert isinstance(then, Trip)
    assert then.reason == "the one order let through failed, too"
