"""A drip-feed: charged whole at its start, delivered in runs that are orders of their own."""

from collections.abc import Sequence
from datetime import datetime

from gateway.domain.money import EXACT, ZERO, per_thousand
from gateway.domain.observations import Observation, Word
from gateway.sandbox.children import Nursery
from gateway.sandbox.orders import ENDS, GIVES_BACK, Order, Stand

_BEFORE_WORK = frozenset({Word.PENDING, Word.PROCESSING})


class Runs:
    """The runs of one order; each takes its charge over from what its parent was charged."""

    def __init__(self, parent: Order, nursery: Nursery) -> None:
        """Begins the first run."""
        placement = parent.taking.placement
        self.children: list[Order] = []
        self._parent = parent
        self._nursery = nursery
        self._placement = placement.one_run()
        self._charge = per_thousand(parent.taking.listing.rate, placement.quantity)
        self.left = placement.runs or 1
        self._by_hand: Word | None = None
        self._next(parent.received_at)

    def stand(self, now: datetime) -> Stand:
        """Where the drip-feed stands: what has not begun remains, and is charged."""
        stands = [child.stand(now) for child in self.children]
        charge = self._parent.charged
        remains = self._parent.quantity
        for child, at in zip(self.children, stands, strict=True):
            charge = EXACT.add(charge, at.charge)
            remains -= child.quantity - at.remains
        word = self._by_hand or self._word(stands, remains)
        return Stand(word, remains, stands[0].start_count if stands else None, charge)

    def told(self, now: datetime) -> Observation:
        """Its status, the runs that are done and those that have begun."""
        done = sum(child.stand(now).word in ENDS for child in self.children)
        ids = tuple(str(child.id) for child in self.children)
        return Observation(self.stand(now).word, children=ids, runs=done)

    def begin(self, when: datetime) -> bool:
        """Begin the next run."""
        if not self.left:
            return False
        orders, parent = self._nursery.orders, self._parent
        chance = self._nursery.chance(parent, len(self.children))
        orders.charge(parent, EXACT.subtract(parent.charged, self._charge))
        child = self._nursery.begin(parent, self._placement, self._charge, chance, when)
        if child is None:
            orders.charge(parent, EXACT.add(parent.charged, self._charge))
            return False
        self.children.append(child)
        self.left -= 1
        return True

    def cancel(self, when: datetime) -> None:
        """No further runs, and an end to those that are running."""
        self._by_hand = None
        self._stop()
        for child in self.children:
            self._nursery.orders.cut(child, when)

    def set_by_hand(self, word: Word) -> None:
        """An end by hand is one for the runs to come, too."""
        self._by_hand = word
        if word in GIVES_BACK:
            self._stop()
        elif word in ENDS:
            self.left = 0

    def _stop(self) -> None:
        self.left = 0
        self._nursery.orders.charge(self._parent, ZERO)

    def _next(self, when: datetime) -> None:
        began = self.begin(when)
        if self.left:
            again = when + self._nursery.pace if began else self._nursery.retry_at()
            self._nursery.orders.later(again, self._next)

    def _word(self, stands: Sequence[Stand], remains: int) -> Word:
        words = [at.word for at in stands]
        if self.left or not all(word in ENDS for word in words):
            first = words[0] if words else Word.PENDING
            return first if len(words) < 2 and first in _BEFORE_WORK else Word.IN_PROGRESS
        if remains == 0:
            return Word.COMPLETED
        return Word.PARTIAL if remains < self._parent.quantity else Word.CANCELED
