"""What a provider's refusals teach about how often he may be called (protocol.md 4.2)."""

from dataclasses import dataclass, replace
from datetime import datetime

from gateway.upstream.limits import (
    NANOSECONDS,
    TOLD_SECONDS_MAX,
    Pace,
    stated_pace,
    stated_wait_seconds,
)

MINUTE = 60 * NANOSECONDS
PAUSE_SECONDS = 5
PAUSE_SECONDS_MAX = 300
QUIET_MINUTES = 10
FORGOTTEN_AFTER = 60 * MINUTE
WORDS_CHARACTERS_MAX = 100


@dataclass(frozen=True, slots=True)
class Said:
    """What one refusal says: how long to wait, which pace to keep (None = nothing), its words."""

    wait_seconds: int | None
    pace: Pace | None
    words: str


def said(retry_after_seconds: int | None, text: str) -> Said:
    """A refusal's header and text; where both name a wait, the header counts."""
    seconds = stated_wait_seconds(text) if retry_after_seconds is None else retry_after_seconds
    words = "".join(c if c.isprintable() else " " for c in text[:WORDS_CHARACTERS_MAX])
    return Said(
        None if seconds is None else min(max(seconds, 0), TOLD_SECONDS_MAX),
        stated_pace(text),
        " ".join(words.split()) or "a refusal without words",
    )


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is kept to since a refusal: a pause, then a pace.

    `stated`: the pace that the provider himself named. `in_a_row`: refusals, each within a minute
    of the last one's pause. `paused_until` is a moment in steady nanoseconds, and quiet counts from
    it; `since` is for people.
    """

    pace: Pace
    stated: Pace | None
    paused_until: int
    in_a_row: int
    since: datetime
    words: str

    def forgotten(self, now: int) -> bool:
        """Whether an hour went by without a refusal."""
        return now - self.paused_until >= FORGOTTEN_AFTER

    def risen(self, now: int) -> int:
        """The whole minutes since ten quiet ones."""
        return max((now - self.paused_until) // MINUTE - QUIET_MINUTES, 0)

    def pace_at(self, now: int) -> Pace:
        """10 % more with each of those minutes, but never above what was stated."""
        minutes = self.risen(now)
        return self.pace.times(11**minutes, 10**minutes).bounded(self.stated)

    def bound_at(self, now: int, at_once: int) -> int:
        """How many of `at_once` calls may run: half, and one more with each of those minutes."""
        return min(max(at_once // 2, 1) + self.risen(now), at_once)

    def echoed(self, heard: Said, now: int) -> "Lesson":
        """A call that was under way at the refusal was refused too: perhaps a longer pause."""
        until = now + (heard.wait_seconds or 0) * NANOSECONDS
        return replace(self, paused_until=max(until, self.paused_until)).told(heard)

    def told(self, heard: Said) -> "Lesson":
        """The pace that a refusal names is taken over exactly, unless it was kept to already."""
        if heard.pace is None or heard.pace == self.stated:
            return self
        return replace(self, pace=heard.pace, stated=heard.pace, words=heard.words)


def learn(old: Lesson | None, heard: Said, slowed: Pace, now: int, since: datetime) -> Lesson:
    """The lesson of a refusal: the pause that it names, else 5 seconds, doubled while in a row.

    The pace that it names is taken over; where it names none, or one that was kept, `slowed`.
    """
    again = old is not None and now < old.paused_until + MINUTE
    in_a_row = old.in_a_row + 1 if old and again else 1
    pause = min(PAUSE_SECONDS << min(in_a_row - 1, 10), PAUSE_SECONDS_MAX)
    seconds = pause if heard.wait_seconds is None else heard.wait_seconds
    stated = old.stated if old else None
    until = now + seconds * NANOSECONDS
    return Lesson(slowed, stated, until, in_a_row, since, heard.words).told(heard)
