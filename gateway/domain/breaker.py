"""When a provider gets no orders for a while, by how the last ones ended (money.md 5)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from gateway.domain.outcomes import Outcome

WINDOW = timedelta(seconds=60)
UNCERTAIN_MAX = 5
NOT_SENT_MAX = 10
UNRESOLVED_MAX = 3
SILENT_MAX = 3
SILENT = timedelta(seconds=10)
SILENCE = f"{SILENT_MAX} orders without an answer for {SILENT.seconds} seconds"
PAUSE = timedelta(seconds=30)
PAUSE_MAX = timedelta(minutes=10)

OURS = "ours"
"""The code of an attempt that was held back on this side: it says nothing of the provider."""
DOUBTFUL = frozenset({Outcome.UNCERTAIN, Outcome.NOT_SENT})
"""Ends by which a breaker opens; both others show that somebody is there."""


@dataclass(frozen=True, slots=True)
class Recent:
    """Attempts of the last minute that ended in doubt, and orders of which nobody knows yet.

    Only what happened since the breaker closed last.
    """

    uncertain: int = 0
    not_sent: int = 0
    unresolved: int = 0


@dataclass(frozen=True, slots=True)
class Breaker:
    """`trips` in a row; `left` until one order is let through, at or below 0 that is now.

    None: closed, orders go as they come. `silent`: it opened before any attempt had ended.
    """

    trips: int = 0
    left: timedelta | None = None
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Trip:
    """The breaker opens for a while, and why."""

    trips: int
    pause: timedelta
    reason: str


class Close:
    """The breaker closes."""


def allowed(breaker: Breaker, limit: int, under_way: int) -> int:
    """How many orders may begin, of at most `limit`: one alone once the pause is over."""
    if breaker.left is None:
        return limit
    return min(limit, 1) if breaker.left <= timedelta() and not under_way else 0


def heed(breaker: Breaker, recent: Recent, ended: Collection[Outcome]) -> Trip | Close | None:
    """What follows for the breaker when attempts have ended; None: it stays as it is."""
    doubt = not DOUBTFUL.isdisjoint(ended)
    if breaker.left is None:
        reason = _too_much(recent) if doubt else ""
        return _trip(breaker, reason) if reason else None
    if breaker.left > timedelta():  # what was under way when it opened
        return Close() if breaker.silent and not doubt else None
    return _trip(breaker, "the one order let through failed, too") if doubt else Close()


def hush(breaker: Breaker) -> Trip | None:
    """What follows when nobody has answered for `SILENT`, long before those calls end."""
    return _trip(breaker, SILENCE) if breaker.left is None else None


def _too_much(recent: Recent) -> str:
    if recent.uncertain >= UNCERTAIN_MAX:
        return f"{recent.uncertain} orders in doubt within a minute"
    if recent.not_sent >= NOT_SENT_MAX:
        return f"{recent.not_sent} orders could not be sent within a minute"
    if recent.unresolved >= UNRESOLVED_MAX:
        return f"{recent.unresolved} orders unconfirmed"
    return ""


def _trip(breaker: Breaker, reason: str) -> Trip:
    pause = min(PAUSE * 2 ** min(breaker.trips, 10), PAUSE_MAX)
    return Trip(breaker.trips + 1, pause, reason)
