"""Locked orders after a look: what is booked, what is odd, and when to look again."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from gateway.domain.brakes import AGAIN_SECONDS_MAX
from gateway.domain.catalog import Provider
from gateway.domain.following import (
    PUT_RIGHT_AT_ONCE,
    Booking,
    booking,
    evidence,
    pace_seconds,
    quick_seconds,
    spelled,
    standing_still,
    worth_keeping,
)
from gateway.domain.observations import Observation
from gateway.domain.orders import State
from gateway.domain.parts import Part
from gateway.domain.targets import Class, Finding
from gateway.domain.wholes import Whole
from gateway.storage.parts import Asked, Known, PartKey
from gateway.storage.polling import Followed, Seen
from gateway.storage.requests import Turn

CLOSE_DAYS = 30
DENIED_SECONDS_MAX = 1_800

_TOLD_WITH_THE_MOVE = PUT_RIGHT_AT_ONCE | {Class.REFUND_OWED, Class.BACKWARDS}


@dataclass(frozen=True, slots=True)
class Round:
    """What one settling works with: locked orders, their parts, since when a refill is open.

    `observed`: orders of which, or of a part of which, something was told just now.
    """

    provider: Provider
    followed: Mapping[int, Followed]
    parts: dict[int, dict[int, Known]]
    refilling: Mapping[int, timedelta]
    observed: Collection[int] = frozenset()

    def known(self, order: int) -> list[Part]:
        """The parts of an order, as they were seen last."""
        return [each.part for _, each in sorted(self.parts.get(order, {}).items())]

    def is_new(self, asked: Asked) -> bool:
        """Whether nobody has seen it since it was asked about: an older answer tells nothing."""
        order, part = asked.key.order, asked.key.part
        if not part:
            return order in self.followed and self.followed[order].seen == asked.seen
        known = self.parts.get(order, {}).get(part)
        return known is not None and known.seen == asked.seen


@dataclass(frozen=True, slots=True)
class Judged:
    """An order after a look, what is booked for it, and all that is odd about it.

    `again`: it was seen as it was the last time.
    """

    followed: Followed
    seen: Seen
    booked: Booking
    findings: tuple[Finding, ...]
    observed: Observation | None
    again: bool

    @property
    def turn(self) -> Turn:
        """What became of the order, for what is asked for it."""
        before, after = self.followed.standing, self.booked
        refunded = after.charged_quantity < before.charged_quantity
        return Turn(before.id, before.state, after.state, refunded=refunded)

    @property
    def still(self) -> tuple[Finding, ...]:
        """What stays open: an id that came twice for a run is not explained by other runs."""
        if self.followed.unproven is None:
            return self.findings
        return (*self.findings, Finding(Class.FOREIGN, ""))


def judge(round_: Round, followed: Followed, whole: Whole) -> Judged:
    """What an order's books come to when this is what is known of it."""
    before, seen = followed.standing, whole.seen
    booked, again = standing_still(before), False
    if seen is not None:
        key, again = f"seen:{followed.seen + 1}", followed.seen_as == spelled(seen)
        equal_for = followed.equal_for if again else timedelta()
        booked = booking(
            before, followed.terms, followed.customer, seen, key=key, equal_for=equal_for
        )
    findings = (*booked.findings, *whole.findings)
    if before.id in round_.refilling and booked.state is State.ACTIVE:
        findings = tuple(each for each in findings if each.kind is not Class.BACKWARDS)
    row = Seen(
        order=before.id,
        before=before.state,
        state=booked.state,
        progress=booked.progress,
        charged_quantity=booked.charged_quantity,
        cost_booked=booked.cost_booked,
        seen=followed.seen + 1,
        seen_as=spelled(seen) if seen else followed.seen_as,
        seen_word=whole.word,
        start_count=seen.start_count if seen else None,
        remains=worth_keeping(before.quantity, seen) if seen else None,
        delivered=whole.delivered,
        parts=whole.started,
        poll_seconds=pace(round_, followed, booked.state),
        evidence=evidence(seen) if seen else None,
    )
    return Judged(followed, row, booked, findings, seen, again)


def held_back(round_: Round, judged: Judged, why: str) -> Judged:
    """An order that keeps its state and its money until its end was seen once more."""
    before = judged.followed.standing
    waits = Finding(Class.REFUND_OWED, f"{why}: not given before it is seen once more")
    kept = (each for each in judged.findings if each.kind not in _TOLD_WITH_THE_MOVE)
    row = replace(
        judged.seen,
        state=before.state,
        progress=before.progress,
        charged_quantity=before.charged_quantity,
        cost_booked=before.cost_booked,
        seen_word=None,
        remains=None,
        delivered=before.delivered,
        poll_seconds=soon(round_, pace(round_, judged.followed, before.state), AGAIN_SECONDS_MAX),
    )
    return replace(judged, seen=row, booked=standing_still(before), findings=(waits, *kept))


def pace(round_: Round, followed: Followed, now: State) -> int:
    """In how many seconds an order is looked at again."""
    before = followed.standing.state
    ended_for = None
    if now is not State.ACTIVE:
        ended_for = followed.ended_for if now is before else timedelta()
    seconds = pace_seconds(round_.provider.poll_seconds, followed.age, ended_for)
    return _quick(round_, followed.standing.id, seconds)


def pace_of_part(round_: Round, key: PartKey, known: Known, now: Part) -> int | None:
    """The same of a part; None = never again."""
    ended_for = None
    if now.ended:
        ended_for = known.ended_for or timedelta()
        if ended_for > timedelta(days=CLOSE_DAYS) and key.order not in round_.refilling:
            return None
    seconds = pace_seconds(round_.provider.poll_seconds, known.age, ended_for)
    return _quick(round_, key.order, seconds)


def soon(round_: Round, seconds: int, at_most: int) -> int:
    """What is in doubt is looked at sooner, though not faster than its provider's own pace."""
    return min(seconds, max(round_.provider.poll_seconds, at_most))


def _quick(round_: Round, order: int, seconds: int) -> int:
    if (open_for := round_.refilling.get(order)) is None:
        return seconds
    return min(seconds, quick_seconds(round_.provider.poll_seconds, open_for))
