"""Children: the orders that the provider makes itself for a drip-feed or a subscription."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from gateway.domain.placements import Placement
from gateway.domain.refusals import Refusal
from gateway.sandbox.fates import Fates
from gateway.sandbox.marks import read_marks
from gateway.sandbox.orders import MILLISECOND, Order, Orders, Taking

CHILDREN_MAX = 10_000
# a child that cannot begin waits; however far the clock jumps, it is not tried a million times
RETRY = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Nursery:
    """Where children are made: one after another at the pace of the fates, charged as they begin.

    Each draws from a chance of its own, so that it depends on the seed and its parent alone.
    """

    orders: Orders
    fates: Callable[[], Fates]
    seed: str

    @property
    def pace(self) -> timedelta:
        """From the start of one child to the next."""
        return self.fates().pace_milliseconds * MILLISECOND

    def retry_at(self) -> datetime:
        """When something that cannot be done now is tried again."""
        return self.orders.settled_at + max(self.pace, RETRY)

    def chance(self, parent: Order, number: int) -> Random:
        """The chance of one child."""
        return Random(f"{self.seed}:{parent.id}:{number}")  # noqa: S311  a seed can replay it

    def begin(
        self, parent: Order, placement: Placement, charge: Decimal, chance: Random, when: datetime
    ) -> Order | None:
        """A child that begins now; None when it cannot be paid or there is no room for it."""
        marks = read_marks(placement.link)
        course = self.fates().draw(marks, placement.quantity, chance)
        taking = Taking(
            parent.taking.listing, placement, charge, flat=False, course=course, fault=None
        )
        try:
            return self.orders.take(taking, when, parent.id)
        except Refusal:
            return None
