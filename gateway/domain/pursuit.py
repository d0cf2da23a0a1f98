"""How long an order in doubt is pursued, how often, and what ends it (money.md 2, T10 and T12)."""

from datetime import timedelta
from typing import Any

from gateway.domain.evidence import Scene, Suspect
from gateway.domain.judging import Judgement, Rule
from gateway.domain.orders import State

REVIEW_AFTER = timedelta(hours=6)
TAKEN_AT_MOST = timedelta(hours=168)
"""Of an order that was surely accepted an operator has so long to find the id."""

SHOWN_MAX = 20

_AT_FIRST = timedelta(minutes=2)
_QUICK = timedelta(seconds=20)
_STEADY = timedelta(minutes=1)
_SLOW = timedelta(minutes=5)
_RARE = timedelta(hours=1)
_WATCHING = timedelta(days=1)


def again_after(age: timedelta, late: timedelta, state: State) -> timedelta:
    """When to look again at an attempt that ended so long ago."""
    if state is State.FAILED:
        return _WATCHING
    if age < _AT_FIRST:
        return _QUICK
    if age < late:
        return max(_QUICK, min(_STEADY, late - age))
    if age < late + timedelta(hours=1):
        return _STEADY
    return _SLOW if age < REVIEW_AFTER else _RARE


def goes_to_review(judgement: Judgement, age: timedelta) -> bool:
    """Whether only a person can decide it: by R3 at once, else after six hours in vain."""
    undecided = judgement.rule is Rule.WAIT and age >= REVIEW_AFTER
    return judgement.rule is Rule.OPEN or undecided


def refunded_unproven(judgement: Judgement, age: timedelta, refund_hours: int) -> bool:
    """Whether the customer gets his money back though nothing is proven; 0 hours = never (T12).

    One that was surely accepted is being delivered: it waits for a week at least.
    """
    if not refund_hours or judgement.rule not in (Rule.WAIT, Rule.OPEN):
        return False
    after = timedelta(hours=refund_hours)
    return age >= (max(after, TAKEN_AT_MOST) if judgement.surely_taken else after)


def advice(judgement: Judgement) -> str:
    """What an operator should do about one that is not decided."""
    if judgement.rule in (Rule.ACCEPTED, Rule.NOT_ACCEPTED):
        return judgement.because
    if judgement.surely_taken:
        return f"resolve --accepted: {judgement.because}"
    return f"look in the provider's panel for its link: {judgement.because}"


def evidence(scene: Scene, suspect: Suspect, judgement: Judgement) -> dict[str, Any]:
    """All that a judgement rests on, so that a person can judge anew; amounts as texts.

    `late`: what was found had not been executed within a minute.
    """
    inside = [each for each in scene.orphans if suspect.window.holds(each.number)]
    rivals = [
        each.order
        for each in scene.suspects
        if each.order != suspect.order and each.cost == suspect.cost
    ]
    number, soon = judgement.number, suspect.soon
    late = {"late": True} if number is not None and soon is not None and number >= soon else {}
    return {
        **late,
        "rule": judgement.rule,
        "because": judgement.because,
        "cost": str(suspect.cost),
        "window": [suspect.window.low, suspect.window.high],
        "covered": suspect.covered,
        "ripe": suspect.ripe,
        "unknown_orders": [
            {"id": each.number, "charge": str(each.charge), "status": each.word}
            for each in inside[:SHOWN_MAX]
        ],
        "same_cost": rivals[:SHOWN_MAX],
        "ids": f"{scene.calibration.samples} samples, {scene.calibration.inversions} inversions",
        "controls": scene.controls.why or "held",
        "balance": scene.scales.note,
    }
