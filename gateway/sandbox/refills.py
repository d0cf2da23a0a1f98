"""Refills: asked for an order that has ended, done after a while, and they move no money."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from gateway.dialects.fields import ID_PATTERN
from gateway.domain.observations import RefillWord, Word
from gateway.domain.refusals import Code, Refusal
from gateway.sandbox.fates import Fates
from gateway.sandbox.marks import REFILL_REJECTED, read_marks
from gateway.sandbox.orders import MILLISECOND, ORDERS_MAX, Order

FIRST_REFILL = 7_001
# in hundredths of a refill's whole time
IN_PROGRESS_FROM = 30
REFILL_ENDS = frozenset({RefillWord.COMPLETED, RefillWord.REJECTED})
_ENDED = frozenset({Word.COMPLETED, Word.PARTIAL})


@dataclass(slots=True, eq=False)
class Refill:
    """A refill and how it goes; `by_hand` outdoes its course."""

    id: int
    order: Order
    asked_at: datetime
    milliseconds: int
    rejected: bool
    by_hand: RefillWord | None = None

    @property
    def ends_at(self) -> datetime:
        """When its course ends."""
        return self.asked_at + self.milliseconds * MILLISECOND

    def word(self, now: datetime) -> RefillWord:
        """How it stands now. One that is rejected never began."""
        if self.by_hand is not None:
            return self.by_hand
        elapsed = (now - self.asked_at) // MILLISECOND
        if elapsed >= self.milliseconds:
            return RefillWord.REJECTED if self.rejected else RefillWord.COMPLETED
        begun = elapsed * 100 >= self.milliseconds * IN_PROGRESS_FROM
        return RefillWord.IN_PROGRESS if begun and not self.rejected else RefillWord.PENDING


class Refills:
    """All refills under rising ids of their own."""

    def __init__(self) -> None:
        self._refills: dict[int, Refill] = {}
        self._last: dict[int, Refill] = {}

    def __iter__(self) -> Iterator[Refill]:
        return iter(self._refills.values())

    def find(self, refill: str) -> Refill | None:
        """The refill under the id that a text spells exactly."""
        return self._refills.get(int(refill)) if ID_PATTERN.fullmatch(refill) else None

    def is_running(self, order: Order, now: datetime) -> bool:
        """Whether an order is being refilled now."""
        last = self._last.get(order.id)
        return last is not None and last.word(now) is RefillWord.IN_PROGRESS

    def ask(self, order: Order, fates: Fates, now: datetime) -> Refill:
        """Refill an order that has ended, at the pace of the fates.

        Raises Refusal: its offer has no refill, it has not ended, or another refill has not.
        """
        if not order.taking.listing.refill or order.stand(now).word not in _ENDED:
            raise Refusal(Code.REFILL_REFUSED)
        last = self._last.get(order.id)
        if last is not None and last.word(now) not in REFILL_ENDS:
            raise Refusal(Code.REFILL_IN_PROGRESS)
        if len(self._refills) >= ORDERS_MAX:
            raise Refusal(Code.MAINTENANCE)
        number = FIRST_REFILL + len(self._refills)
        rejected = REFILL_REJECTED in read_marks(order.taking.placement.link).bare
        refill = Refill(number, order, now, fates.pace_milliseconds, rejected)
        self._refills[number] = self._last[order.id] = refill
        return refill
