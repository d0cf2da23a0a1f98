"""Fates: how an order goes on after it was taken, drawn from a seed or asked for by its link."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from random import Random

from gateway.domain.observations import Word
from gateway.sandbox.marks import Marks
from gateway.sandbox.shares import Shares, check_shares

PACE_MILLISECONDS = 5_000
PACE_MILLISECONDS_MAX = 7 * 24 * 3_600_000
START_COUNT_MAX = 50_000
# in hundredths of an order's whole time
PROCESSING_FROM = 15
IN_PROGRESS_FROM = 30


class Fate(StrEnum):
    """How an order ends."""

    COMPLETED = "completed"
    PARTIAL = "partial"
    CANCELED = "canceled"


END_WORDS = {
    Fate.COMPLETED: Word.COMPLETED,
    Fate.PARTIAL: Word.PARTIAL,
    Fate.CANCELED: Word.CANCELED,
}
USUAL: Mapping[str, Decimal] = {
    Fate.COMPLETED: Decimal("0.8"),
    Fate.PARTIAL: Decimal("0.1"),
    Fate.CANCELED: Decimal("0.1"),
}


@dataclass(frozen=True, slots=True)
class Course:
    """One order's way from the beginning to its end, fixed when it is taken."""

    fate: Fate
    quantity: int
    delivered: int
    start_count: int
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Step:
    """Where an order stands. The start count is None until the work begins."""

    word: Word
    remains: int
    start_count: int | None


def step(course: Course, elapsed_milliseconds: int) -> Step:
    """Where an order stands so long after it was taken; while in progress `remains` falls."""
    if elapsed_milliseconds >= course.milliseconds:
        remains = course.quantity - course.delivered
        return Step(END_WORDS[course.fate], remains, course.start_count)
    hundredths = elapsed_milliseconds * 100
    if hundredths < course.milliseconds * PROCESSING_FROM:
        return Step(Word.PENDING, course.quantity, None)
    begins = course.milliseconds * IN_PROGRESS_FROM
    if hundredths < begins:
        return Step(Word.PROCESSING, course.quantity, course.start_count)
    done = course.delivered * (hundredths - begins) // (course.milliseconds * 100 - begins)
    return Step(Word.IN_PROGRESS, course.quantity - done, course.start_count)


class Fates:
    """Draws a course for each order. One seed gives one row of courses."""

    def __init__(
        self,
        shares: Mapping[str, Decimal] | None = None,
        pace_milliseconds: int = PACE_MILLISECONDS,
        seed: str = "",
    ) -> None:
        """`shares` by fate, together at most 1; what is missing to 1 completes.

        Raises ValueError for an unknown fate, a bad share or a bad pace.
        """
        self._chance = Random(f"{seed}:fates")  # noqa: S311  chance that a seed can replay
        self.share(USUAL if shares is None else shares)
        self.walk(pace_milliseconds)

    def share(self, shares: Mapping[str, Decimal]) -> None:
        """Other shares from now on. Raises ValueError."""
        check_shares("fate", Fate, shares)
        self._shares = Shares(shares)

    def walk(self, pace_milliseconds: int) -> None:
        """Another pace from now on: orders take three to five quarters of it. Raises ValueError."""
        if not 0 <= pace_milliseconds <= PACE_MILLISECONDS_MAX:
            raise ValueError(f"a pace of {pace_milliseconds} ms is not within 0 and 7 days")
        self._pace_milliseconds = pace_milliseconds

    @property
    def pace_milliseconds(self) -> int:
        """From the start of one run or post to the next, and about what an order takes."""
        return self._pace_milliseconds

    def draw(self, marks: Marks, quantity: int, chance: Random | None = None) -> Course:
        """A course for an order. A single thing cannot end partly: it completes.

        `chance`: that of a child, whose course must not depend on when others were ordered.
        """
        chance = chance or self._chance
        drawn = self._shares.draw(chance)
        fate = Fate(drawn) if drawn else Fate.COMPLETED
        for word in (*marks.bare, marks.fate):
            if word in END_WORDS:
                fate = Fate(word)
        part = chance.randint(10, 90)
        start_count = chance.randint(0, START_COUNT_MAX)
        milliseconds = self._pace_milliseconds * chance.randint(75, 125) // 100
        delivered = {Fate.COMPLETED: quantity, Fate.CANCELED: 0}.get(
            fate, min(quantity - 1, max(1, quantity * part // 100))
        )
        if fate is Fate.PARTIAL and quantity == 1:
            fate, delivered = Fate.COMPLETED, 1
        return Course(fate, quantity, delivered, start_count, milliseconds)
