"""Who may ask for a refill or a cancel, and what follows each answer (protocol.md 6.2)."""

from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.observations import RefillSeen, RefillWord, Refused, Taken, Unclear
from gateway.domain.orders import State
from gateway.domain.refusals import Code, Refusal
from gateway.domain.requests import (
    OVER,
    WORD_OF,
    Grant,
    Kind,
    Past,
    RequestState,
    back_off,
    followed,
    forwarded,
    turned,
    why_no_cancel,
    why_no_refill,
)

NEW = Past()
GRANTED = Grant(possible=True)
DAY = timedelta(days=1)
NO_REFILL = Refusal(Code.REFILL_REFUSED)
NO_CANCEL = Refusal(Code.CANCEL_REFUSED)
ASKED, SENT, AT_WORK = RequestState.ASKED, RequestState.SENT, RequestState.IN_PROGRESS
DONE, NO = RequestState.COMPLETED, RequestState.REJECTED


@pytest.mark.parametrize(
    ("state", "ended_for", "past", "grant", "refusal"),
    [
        (State.COMPLETED, DAY, NEW, GRANTED, None),
        (State.COMPLETED, DAY, Past(2), GRANTED, None),
        (State.COMPLETED, DAY, Past(3), GRANTED, NO_REFILL),
        (State.COMPLETED, DAY, Past(1, open=True), GRANTED, Refusal(Code.REFILL_IN_PROGRESS)),
        (State.COMPLETED, DAY, NEW, Grant(possible=False), NO_REFILL),
        (State.COMPLETED, 30 * DAY, NEW, Grant(possible=True, days=30), None),
        (State.COMPLETED, 30.1 * DAY, NEW, Grant(possible=True, days=30), NO_REFILL),
        (State.COMPLETED, 0.9 * DAY, NEW, Grant(possible=True, after_hours=24), NO_REFILL),
        (State.COMPLETED, DAY, NEW, Grant(possible=True, after_hours=24), None),
        (State.PARTIAL, DAY, NEW, GRANTED, NO_REFILL),
        (State.PARTIAL, DAY, NEW, Grant(possible=True, partial=True), None),
        *((state, None, NEW, GRANTED, NO_REFILL) for state in (State.QUEUED, State.ACTIVE)),
        *((state, DAY, NEW, GRANTED, NO_REFILL) for state in (State.CANCELED, State.FAILED)),
    ],
)
def test_who_gets_a_refill(
    state: State, ended_for: timedelta | None, past: Past, grant: Grant, refusal: Refusal | None
) -> None:
    assert why_no_refill(state, None, ended_for, past, grant) == refusal


@pytest.mark.parametrize(
    ("closed_too", "end"), list(product((True, False), (State.COMPLETED, None)))
)
def test_a_closed_order_only_where_its_provider_tells_of_refills(
    *, closed_too: bool, end: State | None
) -> None:
    grant = Grant(possible=True, closed_too=closed_too)
    granted = why_no_refill(State.CLOSED, end, 90 * DAY, NEW, grant) is None
    assert granted is (closed_too and end is State.COMPLETED)


@pytest.mark.parametrize("state", list(State))
def test_who_may_cancel(state: State) -> None:
    before_the_start = {State.QUEUED, State.SENDING, State.UNCONFIRMED, State.REVIEW}
    possible = why_no_cancel(state, NEW, possible=True)
    impossible = why_no_cancel(state, NEW, possible=False)
    assert possible == (None if state in before_the_start | {State.ACTIVE} else NO_CANCEL)
    assert impossible == (None if state in before_the_start else NO_CANCEL)
    again = why_no_cancel(state, Past(1, open=True), possible=True)
    assert again == Refusal(Code.CANCEL_IN_PROGRESS)


def test_nobody_asks_for_ever() -> None:
    assert why_no_cancel(State.ACTIVE, Past(9), possible=True) is None
    assert why_no_cancel(State.ACTIVE, Past(10), possible=True) == NO_CANCEL


@pytest.mark.parametrize(
    ("state", "before", "after", "refunded", "then"),
    [
        (SENT, State.COMPLETED, State.COMPLETED, False, SENT),
        (SENT, State.COMPLETED, State.ACTIVE, False, AT_WORK),
        (AT_WORK, State.ACTIVE, State.ACTIVE, False, AT_WORK),
        (AT_WORK, State.ACTIVE, State.COMPLETED, False, DONE),
        (AT_WORK, State.ACTIVE, State.PARTIAL, False, DONE),
        (AT_WORK, State.ACTIVE, State.PARTIAL, True, NO),
        (SENT, State.ACTIVE, State.COMPLETED, False, DONE),
        (SENT, State.PARTIAL, State.COMPLETED, False, SENT),
        (SENT, State.COMPLETED, State.CANCELED, False, NO),
        (ASKED, State.COMPLETED, State.ACTIVE, False, ASKED),
        (ASKED, State.COMPLETED, State.PARTIAL, True, NO),
    ],
)
def test_an_order_tells_how_its_refill_goes(
    state: RequestState, before: State, after: State, *, refunded: bool, then: RequestState
) -> None:
    assert turned(Kind.REFILL, state, before, after, refunded=refunded, by_id=False) is then
    # where the provider tells by an id, only the end of the guarantee counts
    by_id = turned(Kind.REFILL, state, before, after, refunded=refunded, by_id=True)
    assert by_id is (NO if then is NO else state)


@pytest.mark.parametrize("state", [ASKED, SENT])
@pytest.mark.parametrize("after", list(State))
def test_a_cancel_ends_with_its_order(state: RequestState, after: State) -> None:
    then = turned(Kind.CANCEL, state, State.ACTIVE, after, refunded=False, by_id=False)
    if after in (State.CANCELED, State.PARTIAL, State.FAILED):
        assert then is DONE
    else:
        assert then is (NO if after is State.COMPLETED else state)


@pytest.mark.parametrize(
    ("kind", "already"),
    [(Kind.REFILL, Code.REFILL_IN_PROGRESS), (Kind.CANCEL, Code.CANCEL_IN_PROGRESS)],
)
def test_what_is_taken_note_of(kind: Kind, already: Code) -> None:
    taken = forwarded(kind, Taken("77"), 1, DAY)
    assert (taken.state, taken.request) == (SENT, "77")
    known = forwarded(kind, Refused(already, "already"), 1, DAY)
    assert (known.state, known.request, known.note) == (SENT, None, "already")


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (None, ASKED),
        (Unclear("HTTP 502"), ASKED),
        (Refused(Code.RATE_LIMIT, "slow down"), ASKED),
        (Refused(Code.MAINTENANCE, "later"), ASKED),
        (Refused(Code.BAD_KEY, "Invalid API key"), ASKED),
        (Refused(Code.BAD_ACTION, "Incorrect request"), NO),
        (Refused(Code.REFILL_REFUSED, "no"), NO),
        (Refused(Code.CANCEL_REFUSED, "no"), NO),
        (Refused(None, "the moon is full"), NO),
    ],
)
@pytest.mark.parametrize("kind", list(Kind))
def test_what_is_not_granted(
    kind: Kind, answer: Refused | Unclear | None, state: RequestState
) -> None:
    step = forwarded(kind, answer, 3, DAY)
    assert step.state is state
    assert step.note
    assert (step.wait > timedelta()) is (state is ASKED)
    assert bool(step.unseen) is (isinstance(answer, Refused) and answer.code is None)


def test_an_order_that_is_not_there_yet_is_asked_for_again_within_the_hour() -> None:
    unknown = Refused(Code.ORDER_NOT_FOUND, "Incorrect order ID")
    assert forwarded(Kind.CANCEL, unknown, 1, timedelta(minutes=59)).state is ASKED
    assert forwarded(Kind.CANCEL, unknown, 1, timedelta(minutes=60)).state is NO


def test_a_refill_goes_where_its_provider_says() -> None:
    words = {
        RefillWord.PENDING: SENT,
        RefillWord.IN_PROGRESS: AT_WORK,
        RefillWord.COMPLETED: DONE,
        RefillWord.REJECTED: NO,
    }
    for word, state in words.items():
        assert followed(SENT, RefillSeen(word), DAY).state is state
    odd = followed(AT_WORK, RefillSeen(None, "Levitating"), DAY)
    assert (odd.state, odd.wait, odd.unseen) == (AT_WORK, DAY, "Levitating")
    for answer in (None, Unclear("HTTP 502"), Refused(Code.REFILL_NOT_FOUND, "?")):
        assert followed(SENT, answer, DAY).state is SENT


def test_customers_read_a_word_for_every_state() -> None:
    assert set(WORD_OF) == set(RequestState)
    assert {state for state in RequestState if WORD_OF[state] is RefillWord.PENDING} == {
        ASKED,
        SENT,
    }
    assert {DONE, NO} == OVER


@given(st.integers(min_value=-1, max_value=10**9))
def test_the_wait_grows_and_ends(tries: int) -> None:
    assert timedelta(seconds=20) <= back_off(tries) <= back_off(tries + 1) <= timedelta(hours=1)
