"""Orders that a panel took and denied: whether our books show them in time (money.md 8, F14)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from gateway.domain.equation import TOLERANCE
from gateway.domain.equation_classes import SEEN_AGAIN_AFTER
from gateway.domain.money import EXACT, ZERO, total
from gateway.sandbox.orders import Order
from gateway.storage.witness import Raised


@dataclass(frozen=True, slots=True)
class Weighing:
    """A reading of a provider's balance, and what it left unexplained, in his currency.

    None: it could tell nothing, as something was on its way to him, or what is in doubt there may
    explain it.
    """

    provider: str
    at: datetime
    unexplained: Decimal | None


@dataclass(frozen=True, slots=True)
class Unknown:
    """An order of a panel that is none of ours; `lost_at`: since when it is booked as a loss."""

    order: Order
    lost_at: datetime | None

    def owed(self, at: datetime) -> Decimal:
        """What it was charged at a moment beyond all that was booked."""
        if self.order.received_at > at or (self.lost_at is not None and self.lost_at <= at):
            return ZERO
        return self.order.stand(at).charge


class Scales:
    """Holds what one provider's balance showed against what he really charged."""

    def __init__(
        self, unknown: Sequence[Unknown], weighings: Sequence[Weighing], raised: Sequence[Raised]
    ) -> None:
        """All of one provider."""
        self._unknown = unknown
        self._raised = raised
        self._pairs = [
            (one, other)
            for one, other in pairwise(weighings)
            if other.at - one.at >= SEEN_AGAIN_AFTER and self._shows(one) and self._shows(other)
        ]

    def found(self, each: Unknown) -> bool | None:
        """Whether the first two readings in a row that could show an order raised it.

        None: there were none. It costs nothing, is booked as a loss, or something else hid it.
        """
        for one, other in self._pairs:
            if min(each.owed(one.at), each.owed(other.at)) > TOLERANCE:
                return any(_spans(what, one.at, other.at) for what in self._raised)
        return None

    def at_the_end(self) -> Iterator[str]:
        """Whether what is open when all is over is what he charged too much."""
        if not self._pairs:
            return
        _, last = self._pairs[-1]
        owed = self._owed(last.at)
        still = [each for each in self._raised if each.closed_at is None]
        if owed > TOLERANCE and not any(_near(each.amount, owed) for each in still):
            told = ", ".join(str(each.amount) for each in still) or "nothing"
            yield f"{owed} was charged without an order, {told} is open"

    def _shows(self, weighing: Weighing) -> bool:
        """Whether it left open just what was charged for orders that nobody knows."""
        told = weighing.unexplained
        return told is not None and _near(told, self._owed(weighing.at))

    def _owed(self, at: datetime) -> Decimal:
        return total(each.owed(at) for each in self._unknown)


def _spans(raised: Raised, since: datetime, until: datetime) -> bool:
    return raised.opened_at <= until and (raised.closed_at is None or raised.closed_at > since)


def _near(one: Decimal, other: Decimal) -> bool:
    return abs(EXACT.subtract(one, other)) <= TOLERANCE
