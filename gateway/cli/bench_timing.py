"""How long things take, again and again, ours and the floor's in turn."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

NANOSECONDS = 10**9
SLOW_PERCENT = 99

Turn = Callable[[int], Awaitable[int]]
"""Does something for the n-th time; how many nanoseconds of it count."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One goal as it was measured: our rate and the floor's for each round, a second.

    `kept`: whether the absolute limit that `what` names was kept, too.
    """

    goal: str
    what: str
    rounds: Sequence[tuple[Decimal, Decimal]]
    wanted: Decimal
    kept: bool = True


async def timed(work: Awaitable[object]) -> int:
    """Nanoseconds that it takes."""
    began = time.monotonic_ns()
    await work
    return time.monotonic_ns() - began


async def times(turns: int, turn: Turn) -> list[int]:
    """What each turn takes, one after another."""
    return [await turn(number) for number in range(turns)]


def median(took: Sequence[int]) -> int:
    """Half of them took no longer."""
    return sorted(took)[len(took) // 2]


def slow(took: Sequence[int]) -> int:
    """Ninety-nine of a hundred took no longer."""
    return sorted(took)[min(len(took) * SLOW_PERCENT // 100, len(took) - 1)]


def rate(nanoseconds: int) -> Decimal:
    """So often a second."""
    return Decimal(NANOSECONDS) / max(nanoseconds, 1)


def milliseconds(nanoseconds: int) -> Decimal:
    """The same in milliseconds."""
    return Decimal(nanoseconds) / 1_000_000
