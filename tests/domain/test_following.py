from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from gateway.domain.following import (
    Booking,
    booking,
    pace_seconds,
    spelled,
    standing_still,
    vanished,
    worth_keeping,
)
from gateway.domain.observations import Observation, Refused, Word
from gateway.domain.orders import Progress, Standing, State
from gateway.domain.postings import CostTerms, cost, refund
from gateway.domain.refusals import Code
from gateway.domain.targets import Class, Finding
from tests.domain.standings import ORDER

TERMS = CostTerms("acme", "USD", "USD", Decimal(1))


def booked(order: Standing, seen: Observation, equal_for: timedelta = timedelta()) -> Booking:
    return booking(order, TERMS, 7, seen, key="seen:3", equal_for=equal_for)


def test_a_partial_end_refunds_and_corrects_the_cost_once() -> None:
    seen = Observation(Word.PARTIAL, Decimal("0.7587"), None, 157, "USD")
    found = booked(ORDER, seen)
    lowered = cost(TERMS, Decimal("0.90"), Decimal("0.7587"), "seen:3:cost")
    assert lowered is not None
    assert found == Booking(
        state=State.PARTIAL,
        progress=None,
        charged_quantity=843,
        cost_booked=Decimal("0.7587"),
        entries=(
            refund(7, "USD", Decimal("0.19782"), "seen:3", "Partial"),
            lowered,
        ),
        findings=(),
    )
    now = replace(
        ORDER,
        state=found.state,
        progress=None,
        charged_quantity=843,
        cost_booked=found.cost_booked,
    )
    assert booked(now, seen).entries == ()


def test_progress_books_nothing() -> None:
    found = booked(ORDER, Observation(Word.IN_PROGRESS, Decimal(5), 10, 3))
    assert found == Booking(State.ACTIVE, Progress.IN_PROGRESS, 1000, Decimal("0.90"), (), ())


def test_waiting_leaves_all_as_it_is() -> None:
    found = booked(ORDER, Observation(None, raw_word="Odd"))
    finding = Finding(Class.FORMAT, "unknown status 'Odd'")
    assert found == Booking(State.ACTIVE, Progress.PENDING, 1000, Decimal("0.90"), (), (finding,))


def test_an_order_that_stands_still_keeps_all() -> None:
    ended = replace(ORDER, state=State.PARTIAL, progress=None, charged_quantity=7)
    finding = Finding(Class.FORMAT, "odd")
    assert standing_still(ended, (finding,)) == Booking(
        State.PARTIAL, None, 7, Decimal("0.90"), (), (finding,)
    )


@pytest.mark.parametrize(
    ("seen", "text"),
    [
        (Observation(Word.PARTIAL, Decimal("0.50"), 3, 7), "Partial charge 0.50 remains 7"),
        (Observation(Word.PENDING, Decimal("8e-5")), "Pending charge 0.00008 remains ?"),
        (Observation(None, raw_word="Odd" * 99), "Odd" * 66 + "Od"),
    ],
)
def test_an_observation_in_a_line(seen: Observation, text: str) -> None:
    assert spelled(seen) == text


@pytest.mark.parametrize(
    ("word", "remains", "kept"),
    [
        (Word.IN_PROGRESS, 5, 5),
        (Word.IN_PROGRESS, 0, None),
        (Word.PENDING, 1_001, None),
        (Word.PAUSED, -1, None),
        (None, 5, 5),
        (Word.PENDING, None, None),
        (Word.COMPLETED, 0, 0),
        (Word.EXPIRED, 0, 0),
        (Word.PARTIAL, 5_000, 5_000),
    ],
)
def test_nothing_remains_only_at_an_end(
    word: Word | None, remains: int | None, kept: int | None
) -> None:
    assert worth_keeping(1_000, Observation(word, remains=remains)) == kept


def test_an_id_that_is_not_known_three_times_is_odd_after_an_hour() -> None:
    unknown, other = Refused(Code.ORDER_NOT_FOUND, "no"), Refused(None, "hm")
    found = (Finding(Class.VANISHED, "status refused: no"),)
    assert vanished(unknown, timedelta(minutes=59), 3) == ()
    assert vanished(unknown, timedelta(minutes=60), 2) == ()
    assert vanished(unknown, timedelta(minutes=60), 3) == found
    assert vanished(other, timedelta(), 99) == ()
    assert vanished(other, timedelta(days=9), 4) == (Finding(Class.VANISHED, "status refused: hm"),)


def test_a_completed_order_that_costs_as_expected_books_nothing() -> None:
    found = booked(ORDER, Observation(Word.COMPLETED, Decimal("0.90"), 1, 0, "USD"))
    assert (found.state, found.entries, found.findings) == (State.COMPLETED, (), ())


@pytest.mark.parametrize(
    ("age", "ended_for", "seconds"),
    [
        (timedelta(), None, 60),
        (timedelta(minutes=59), None, 60),
        (timedelta(hours=1), None, 300),
        (timedelta(hours=6), None, 1_800),
        (timedelta(days=1), None, 21_600),
        (timedelta(days=3), None, 86_400),
        (timedelta(days=99), None, 86_400),
        (timedelta(minutes=5), timedelta(), 300),
        (timedelta(days=9), timedelta(minutes=2), 300),
        (timedelta(days=9), timedelta(days=2), 21_600),
    ],
)
def test_the_older_an_order_the_later_the_next_look(
    age: timedelta, ended_for: timedelta | None, seconds: int
) -> None:
    assert pace_seconds(60, age, ended_for) == seconds


def test_no_pace_is_faster_than_the_providers_own() -> None:
    assert pace_seconds(7_200, timedelta(hours=2), None) == 7_200
    assert pace_seconds(90_000, timedelta(days=9), None) == 90_000
