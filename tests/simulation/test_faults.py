"""Eighteen faults, drawn in their shares."""

from collections import Counter
from decimal import Decimal
from random import Random

import pytest

from gateway.simulation.faults import Dice, Fault, each_at


def dice(shares: dict[str, Decimal]) -> Dice:
    return Dice(shares, Random(1))  # noqa: S311  a seed


def test_there_are_eighteen() -> None:
    assert len(Fault) == 18


def test_each_strikes_in_its_share() -> None:
    drawn = dice(each_at(Decimal("0.05")))
    struck = Counter(drawn.of_attempt() for _ in range(20_000))
    assert set(struck) == {*Fault, None} - {Fault.CRASH_BEFORE_CLAIM}
    assert all(800 < count < 1_200 for fault, count in struck.items() if fault)
    assert 800 < sum(drawn.before_claim() for _ in range(20_000)) < 1_200


def test_in_calm_nothing_strikes() -> None:
    drawn = dice(each_at(Decimal("0.05")))
    drawn.calm = True
    assert not any(drawn.of_attempt() or drawn.before_claim() for _ in range(1_000))


@pytest.mark.parametrize(
    ("shares", "why"),
    [
        ({"nonsense": Decimal("0.1")}, "unknown fault 'nonsense'"),
        (each_at(Decimal("0.06")), "above 1"),
        ({"late": Decimal(-1)}, "not within 0 and 1"),
    ],
)
def test_bad_shares_are_refused_in_words(shares: dict[str, Decimal], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        dice(shares)
