"""How well an offer serves: what is measured of it, and what an attempt says of it (pages.md)."""

from dataclasses import dataclass
from decimal import Decimal

from gateway.domain.orders import Progress, State
from gateway.domain.refusals import Code
from gateway.domain.tallies import share_percent

OF_THE_PLACEMENT = frozenset({Code.BAD_LINK, Code.BAD_PARAMS, Code.MISSING, Code.DUPLICATE_LINK})
"""Refusals that say nothing of an offer: what was asked for was wrong."""
DAYS = 30
"""So far back an offer's quality is measured."""


@dataclass(frozen=True, slots=True)
class Quality:
    """An offer as it fulfilled one service in the last 30 days.

    The times run from the moment at which the provider took an order, in seconds: the means of the
    days' medians, each day by the number of its orders; None = not known yet. `tries` are attempts
    with a known end, `refused` those that were refused for a reason of the offer's.
    """

    service: int
    provider: str
    offer: str
    completed: int
    partial: int
    canceled: int
    start_seconds: int | None
    end_seconds: int | None
    tries: int
    refused: int

    @property
    def ended(self) -> int:
        """Orders that ended."""
        return self.completed + self.partial + self.canceled

    @property
    def partial_percent(self) -> Decimal | None:
        """Of the orders that ended."""
        return share_percent(self.partial, self.ended)

    @property
    def canceled_percent(self) -> Decimal | None:
        """Of the orders that ended."""
        return share_percent(self.canceled, self.ended)

    @property
    def refused_percent(self) -> Decimal | None:
        """Of the attempts."""
        return share_percent(self.refused, self.tries)


def has_started(state: State, progress: Progress | None, start_count: int | None) -> bool:
    """Whether an observation shows that delivery began; 0 is what many say before they know."""
    if state is State.ACTIVE:
        return progress is Progress.IN_PROGRESS or bool(start_count)
    return state in (State.COMPLETED, State.PARTIAL)
