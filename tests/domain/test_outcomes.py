from datetime import timedelta

import pytest

from gateway.domain.outcomes import (
    FINAL,
    RUN_BACK_OFF_AT_MOST_SECONDS,
    back_off,
    consequence,
    pause_seconds,
)
from gateway.domain.refusals import Code, Refusal

PROVIDER_CANNOT = (
    *(Code.BAD_KEY, Code.KEY_SCOPE, Code.BAD_ACTION, Code.NOT_POST),
    *(Code.FUNDS, Code.MAINTENANCE),
)
OFFER_IS_WRONG = (Code.BAD_SERVICE, Code.MIN, Code.MAX, Code.BAD_QUANTITY)
OFFER_IS_BUSY = (Code.UNAVAILABLE, Code.DUPLICATE_LINK)
PLACEMENT_IS_WRONG = (
    *(Code.BAD_LINK, Code.BAD_PARAMS, Code.MISSING, Code.TOO_LARGE, Code.TOO_MANY_IDS),
    # no answer to an add, so that nothing can be hoped for from asking again
    *(Code.ORDER_NOT_FOUND, Code.REUSED_REQUEST_ID, Code.REFILL_NOT_FOUND),
    *(Code.REFILL_REFUSED, Code.REFILL_IN_PROGRESS, Code.CANCEL_REFUSED, Code.CANCEL_IN_PROGRESS),
)


def test_what_follows_every_code_is_decided() -> None:
    decided = (
        *(*PROVIDER_CANNOT, *OFFER_IS_WRONG, *OFFER_IS_BUSY, *PLACEMENT_IS_WRONG),
        Code.RATE_LIMIT,
    )
    assert sorted(decided) == sorted(Code)


@pytest.mark.parametrize("code", PROVIDER_CANNOT)
def test_a_provider_that_cannot_is_paused_and_the_next_offer_tried(code: Code) -> None:
    follows = consequence(code)
    assert (follows.next_offer, follows.waits, follows.pauses_provider) == (True, True, True)
    assert not follows.resync


@pytest.mark.parametrize("code", OFFER_IS_WRONG)
def test_a_wrong_offer_is_read_again_and_not_waited_for(code: Code) -> None:
    follows = consequence(code)
    assert (follows.next_offer, follows.waits, follows.resync) == (True, False, True)
    assert not follows.pauses_provider


@pytest.mark.parametrize("code", [*PLACEMENT_IS_WRONG, None])
def test_a_wrong_placement_and_an_unseen_sentence_end_the_order(code: Code | None) -> None:
    assert consequence(code) == FINAL
    assert not FINAL.next_offer
    assert not FINAL.waits


def test_too_many_requests_wait_for_the_same_provider() -> None:
    follows = consequence(Code.RATE_LIMIT)
    assert (follows.next_offer, follows.waits, follows.pauses_provider) == (False, True, True)


@pytest.mark.parametrize("code", OFFER_IS_BUSY)
def test_an_offer_that_is_busy_is_passed_by_or_waited_for(code: Code) -> None:
    follows = consequence(code)
    assert (follows.next_offer, follows.waits, follows.pauses_provider) == (True, True, False)


@pytest.mark.parametrize(
    ("tries", "seconds"), [(0, 1), (1, 2), (2, 4), (5, 32), (6, 60), (7, 60), (10**9, 60)]
)
def test_the_wait_doubles_up_to_a_minute(tries: int, seconds: int) -> None:
    assert back_off(tries, 0) == timedelta(seconds=seconds)
    assert back_off(tries, 250) == timedelta(seconds=seconds, milliseconds=250)


def test_a_run_waits_up_to_a_quarter_of_an_hour() -> None:
    waits = [back_off(tries, 0, RUN_BACK_OFF_AT_MOST_SECONDS) for tries in (1, 6, 9, 10, 99)]
    assert [wait.seconds for wait in waits] == [2, 64, 512, 900, 900]


@pytest.mark.parametrize(
    ("told", "seconds"), [(None, 60), (0, 1), (5, 5), (3_600, 3_600), (86_400, 3_600), (-3, 1)]
)
def test_a_provider_is_left_alone_as_long_as_it_says(told: int | None, seconds: int) -> None:
    assert pause_seconds(told) == seconds


def test_refusals_are_equal_by_code_and_detail() -> None:
    assert Refusal(Code.MIN, "50") == Refusal(Code.MIN, "50")
    assert Refusal(Code.MIN, "50") != Refusal(Code.MIN, "60")
    assert Refusal(Code.MIN, "50") != Refusal(Code.MAX, "50")
    assert Refusal(Code.MIN) != Code.MIN
    assert len({Refusal(Code.MIN, "50"), Refusal(Code.MIN, "50"), Refusal(Code.MIN)}) == 2
    assert str(Refusal(Code.MIN, "50")) == "min: 50"
    assert str(Refusal(Code.BAD_LINK)) == "bad_link"
