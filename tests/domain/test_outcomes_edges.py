"""The figures of trying again, and that every consequence says yes or no."""

from datetime import timedelta

from gateway.domain.outcomes import (
    BACK_OFF_AT_MOST_SECONDS,
    FINAL,
    NOT_SENT_BEFORE_NEXT_OFFER,
    OFFER_IS_WRONG,
    PROVIDER_CANNOT,
    QUEUED_AT_MOST,
    RUN_BACK_OFF_AT_MOST_SECONDS,
    RUN_LATE_AT_MOST,
    RUN_TRIES_MAX,
    Consequence,
    back_off,
    consequence,
)
from gateway.domain.refusals import Code


def test_how_often_and_how_long_it_is_tried() -> None:
    assert NOT_SENT_BEFORE_NEXT_OFFER == 3
    assert timedelta(minutes=30) == QUEUED_AT_MOST
    assert (BACK_OFF_AT_MOST_SECONDS, RUN_BACK_OFF_AT_MOST_SECONDS) == (60, 900)
    assert timedelta(days=1) == RUN_LATE_AT_MOST
    assert RUN_TRIES_MAX == 100
    assert back_off(10**9, 0, 10**9) == timedelta(seconds=1_024)


def test_what_follows_is_told_in_full() -> None:
    final = Consequence(next_offer=False, waits=False, pauses_provider=False, resync=False)
    wrong = Consequence(next_offer=True, waits=False, pauses_provider=False, resync=True)
    cannot = Consequence(next_offer=True, waits=True, pauses_provider=True, resync=False)
    assert (final, wrong, cannot) == (FINAL, OFFER_IS_WRONG, PROVIDER_CANNOT)
    assert consequence(None) == consequence(Code.BAD_LINK) == final
    assert consequence(Code.MIN) == wrong
    assert consequence(Code.FUNDS) == cannot
