"""How long an order in doubt is pursued, and what its pursuit leaves for a person."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from gateway.domain.evidence import (
    Calibration,
    Controls,
    Orphan,
    Scales,
    Scene,
    Suspect,
    Window,
)
from gateway.domain.judging import Judgement, Rule
from gateway.domain.observations import Word
from gateway.domain.orders import State
from gateway.domain.pursuit import (
    SHOWN_MAX,
    advice,
    again_after,
    evidence,
    goes_to_review,
    refunded_unproven,
)

LATE = timedelta(minutes=10)
MOMENT = timedelta(microseconds=1)
WAIT, OPEN = Judgement(Rule.WAIT, "why"), Judgement(Rule.OPEN, "why")
TAKEN = Judgement(Rule.OPEN, "why", surely_taken=True)
ACCEPTED = Judgement(Rule.ACCEPTED, "why", 15, surely_taken=True)
REFUSED = Judgement(Rule.NOT_ACCEPTED, "why")


@pytest.mark.parametrize(
    ("age", "seconds"),
    [
        (timedelta(), 20),
        (timedelta(minutes=2) - MOMENT, 20),
        (timedelta(minutes=2), 60),
        (LATE - timedelta(seconds=45), 45),
        (LATE - timedelta(seconds=5), 20),
        (LATE, 60),
        (LATE + timedelta(hours=1) - MOMENT, 60),
        (LATE + timedelta(hours=1), 300),
        (timedelta(hours=6) - MOMENT, 300),
        (timedelta(hours=6), 3_600),
        (timedelta(days=9), 3_600),
    ],
)
def test_the_older_the_doubt_the_later_it_is_looked_at_again(age: timedelta, seconds: int) -> None:
    assert again_after(age, LATE, State.UNCONFIRMED) == timedelta(seconds=seconds)
    assert again_after(age, LATE, State.FAILED) == timedelta(days=1)


@pytest.mark.parametrize(
    ("judgement", "early", "late"),
    [
        (WAIT, False, True),
        (OPEN, True, True),
        (TAKEN, True, True),
        (ACCEPTED, False, False),
        (REFUSED, False, False),
    ],
)
def test_a_person_is_asked_at_once_or_after_six_hours(
    judgement: Judgement, *, early: bool, late: bool
) -> None:
    assert goes_to_review(judgement, timedelta(hours=6) - MOMENT) is early
    assert goes_to_review(judgement, timedelta(hours=6)) is late


@pytest.mark.parametrize("judgement", [WAIT, OPEN])
def test_money_goes_back_unproven_after_the_hours_that_are_set(judgement: Judgement) -> None:
    day = timedelta(hours=24)
    assert refunded_unproven(judgement, day, 24) is True
    assert refunded_unproven(judgement, day - MOMENT, 24) is False
    assert refunded_unproven(judgement, timedelta(hours=1), 1) is True
    assert refunded_unproven(judgement, timedelta(days=999), 0) is False


@pytest.mark.parametrize("judgement", [ACCEPTED, REFUSED])
def test_what_is_decided_is_not_refunded_for_its_age(judgement: Judgement) -> None:
    assert refunded_unproven(judgement, timedelta(days=999), 24) is False


def test_of_what_was_surely_accepted_the_money_stays_for_a_week_at_least() -> None:
    week = timedelta(hours=168)
    assert refunded_unproven(TAKEN, week - MOMENT, 24) is False
    assert refunded_unproven(TAKEN, week, 24) is True
    assert refunded_unproven(TAKEN, week, 200) is False
    assert refunded_unproven(TAKEN, timedelta(hours=200), 200) is True


def test_what_an_operator_is_told_to_do() -> None:
    assert advice(ACCEPTED) == advice(REFUSED) == "why"
    assert advice(TAKEN) == "resolve --accepted: why"
    assert advice(OPEN) == advice(WAIT) == "look in the provider's panel for its link: why"


def suspect(order: int, cost: str = "0.9") -> Suspect:
    return Suspect(
        order=order,
        number=1,
        run=1,
        state=State.UNCONFIRMED,
        cost=Decimal(cost),
        quantity=1_000,
        exact=True,
        window=Window(10, 50),
        ripe=True,
        covered=False,
    )


def test_a_person_is_shown_all_that_a_judgement_rests_on() -> None:
    ours = suspect(7)
    scene = Scene(
        suspects=(suspect(5), ours, suspect(8, "1.8"), suspect(9)),
        orphans=(
            Orphan(10, None, None),
            Orphan(11, Decimal("0.90"), Word.PENDING),
            Orphan(12, None, None),
        ),
        calibration=Calibration(300, 2),
        controls=Controls(scoped=True, charges=False, why="charges are not told exactly"),
        scales=Scales(note="unexplained 0.9"),
    )
    assert evidence(scene, ours, OPEN) == {
        "rule": Rule.OPEN,
        "because": "why",
        "cost": "0.9",
        "window": [10, 50],
        "covered": False,
        "ripe": True,
        "unknown_orders": [
            {"id": 11, "charge": "0.90", "status": Word.PENDING},
            {"id": 12, "charge": "None", "status": None},
        ],
        "same_cost": [5, 9],
        "ids": "300 samples, 2 inversions",
        "controls": "charges are not told exactly",
        "balance": "unexplained 0.9",
    }


@pytest.mark.parametrize(("number", "late"), [(20, True), (19, None), (None, None)])
def test_it_is_shown_when_an_id_came_late(number: int | None, late: object) -> None:
    ours = replace(suspect(7), soon=20)
    scene = Scene((ours,), (Orphan(20, Decimal("0.9"), Word.PENDING),))
    taken = Judgement(Rule.ACCEPTED, "why", number)
    assert evidence(scene, ours, taken).get("late") is late
    assert "late" not in evidence(scene, suspect(7), taken)


def test_of_very_many_only_the_first_are_shown() -> None:
    ours = suspect(1)
    scene = Scene(
        suspects=(ours, *(suspect(order) for order in range(2, 40))),
        orphans=tuple(Orphan(number, None, None) for number in range(11, 49)),
        controls=Controls(scoped=True, charges=True),
    )
    shown = evidence(scene, ours, OPEN)
    assert SHOWN_MAX == 20
    assert shown["same_cost"] == list(range(2, 22))
    assert [each["id"] for each in shown["unknown_orders"]] == list(range(11, 31))
    assert shown["controls"] == "held"
