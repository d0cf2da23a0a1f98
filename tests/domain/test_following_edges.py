"""What is told once and what each time, charges beyond reason, and when to look again."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from gateway.domain.following import (
    CHARGE_BELOW,
    PUT_RIGHT_AT_ONCE,
    REFILLING_SECONDS_MAX,
    Booking,
    booking,
    evidence,
    pace_seconds,
    quick_seconds,
    spelled,
    worth_keeping,
)
from gateway.domain.observations import Observation, Word
from gateway.domain.orders import Standing, State
from gateway.domain.postings import CostTerms, refund
from gateway.domain.targets import EQUAL_AGAIN_AFTER, Class, Finding
from tests.domain.standings import ORDER

TERMS = CostTerms("acme", "USD", "USD", Decimal(1))


def booked(order: Standing, seen: Observation, equal_for: timedelta = timedelta()) -> Booking:
    return booking(order, TERMS, 7, seen, key="seen:3", equal_for=equal_for)


def test_a_cancel_that_does_not_say_how_much_is_believed_once_it_was_seen_for_long_enough() -> None:
    seen = Observation(Word.CANCELED, Decimal("0.9"))
    early = booked(ORDER, seen, EQUAL_AGAIN_AFTER - timedelta(seconds=1))
    assert (early.state, early.entries) == (State.ACTIVE, ())
    late = booked(ORDER, seen, EQUAL_AGAIN_AFTER)
    assert (late.state, late.charged_quantity) == (State.CANCELED, 0)
    assert late.entries[0] == refund(7, "USD", Decimal("1.26"), "seen:3", "Canceled")


def test_what_a_posting_puts_right_is_told_with_it_and_not_again() -> None:
    assert frozenset({Class.ROUNDING, Class.RATE_MOVED}) == PUT_RIGHT_AT_ONCE
    for charge, kind in (("0.90005", Class.ROUNDING), ("1.05", Class.RATE_MOVED)):
        seen = Observation(Word.COMPLETED, Decimal(charge), remains=0)
        first = booked(ORDER, seen)
        assert [each.kind for each in first.findings] == [kind]
        assert len(first.entries) == 1
        again = booked(replace(ORDER, cost_booked=first.cost_booked), seen)
        assert (again.findings, again.entries) == ((), ())


def test_what_no_posting_puts_right_is_told_each_time() -> None:
    seen = Observation(Word.PARTIAL, Decimal("0.90"), remains=500)
    for order in (ORDER, replace(ORDER, state=State.PARTIAL, charged_quantity=500)):
        found = booked(order, seen)
        assert [each.kind for each in found.findings] == [Class.REFUND_OWED]
        assert found.cost_booked == Decimal("0.90")


def test_a_charge_that_no_ledger_could_hold_is_told_and_not_used() -> None:
    assert Decimal(1_000_000_000_000) == CHARGE_BELOW
    found = booked(ORDER, Observation(Word.COMPLETED, CHARGE_BELOW))
    note = "a charge of 1000000000000 is beyond all reason"
    assert found.findings == (Finding(Class.FORMAT, note),)
    assert (found.state, found.cost_booked, found.entries) == (
        State.COMPLETED,
        Decimal("0.90"),
        (),
    )
    dear = CHARGE_BELOW - Decimal("0.01")
    assert booked(ORDER, Observation(Word.COMPLETED, dear)).cost_booked == dear


def test_what_is_not_told_is_spelled_as_a_question_mark() -> None:
    seen = Observation(Word.PARTIAL, None, None, None)
    assert spelled(seen) == "Partial charge ? remains ?"
    told = replace(seen, charge=Decimal("0.5"), remains=7)
    assert spelled(told) == "Partial charge 0.50 remains 7"


@pytest.mark.parametrize(
    ("remains", "kept"),
    [(None, None), (-1, None), (0, None), (1, 1), (1_000, 1_000), (1_001, None)],
)
def test_before_the_end_only_a_part_is_worth_keeping(remains: int | None, kept: int | None) -> None:
    assert worth_keeping(1_000, Observation(Word.PENDING, remains=remains)) == kept
    assert worth_keeping(1_000, Observation(Word.PARTIAL, remains=remains)) == remains


def test_the_end_is_looked_at_no_more_often_than_an_order_of_an_hour() -> None:
    assert pace_seconds(30, timedelta(days=2), timedelta()) == 300
    assert pace_seconds(30, timedelta(), timedelta(days=2)) == 21_600


@pytest.mark.parametrize(
    ("poll_seconds", "open_for", "seconds"),
    [
        (60, timedelta(minutes=59), 60),
        (60, timedelta(hours=1), 300),
        (60, timedelta(days=2), 300),
        (600, timedelta(days=2), 600),
        (600, timedelta(0), 600),
    ],
)
def test_an_open_refill_is_looked_at_within_five_minutes_or_at_its_providers_pace(
    poll_seconds: int, open_for: timedelta, seconds: int
) -> None:
    assert REFILLING_SECONDS_MAX == 300
    assert quick_seconds(poll_seconds, open_for) == seconds


def test_the_event_keeps_what_was_said_exactly() -> None:
    seen = Observation(Word.PARTIAL, Decimal("0.10"), 5, 7, "USD")
    assert evidence(seen) == {
        "status": Word.PARTIAL,
        "charge": "0.10",
        "remains": 7,
        "currency": "USD",
    }
    assert evidence(Observation(None, raw_word="Odd")) == {
        "status": "Odd",
        "charge": None,
        "remains": None,
        "currency": None,
    }
