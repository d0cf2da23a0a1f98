"""The orders that the sandbox really took, and what it charged for them."""

import heapq
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from gateway.dialects.fields import ID_PATTERN
from gateway.domain.catalog import Listing
from gateway.domain.money import EXACT, ZERO
from gateway.domain.observations import Word
from gateway.domain.placements import Placement
from gateway.domain.refusals import Code, Refusal
from gateway.sandbox.fates import Course, Fate, step
from gateway.sandbox.faults import Fault

FIRST_ORDER = 50_001
STRIDE_MAX = 7
ORDERS_MAX = 1_000_000

_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Stand:
    """Where an order stands at a moment: what `status` says of it."""

    word: Word
    remains: int
    start_count: int | None
    charge: Decimal


@dataclass(frozen=True, slots=True)
class Taking:
    """All that is known of an order when it is taken. `charge` is exact, never rounded."""

    listing: Listing
    placement: Placement
    charge: Decimal
    flat: bool
    course: Course
    fault: Fault | None


@dataclass(slots=True)
class Order:
    """A taken order. `charged` is what the balance bears; `by_hand` outdoes its course."""

    id: int
    taking: Taking
    received_at: datetime
    charged: Decimal
    replied: bool = False
    by_hand: Stand | None = None

    @property
    def quantity(self) -> int:
        """Over all runs."""
        return self.taking.placement.quantity_total

    @property
    def ends_at(self) -> datetime:
        """When its course ends."""
        return self.received_at + self.taking.course.milliseconds * _MILLISECOND

    def stand(self, now: datetime) -> Stand:
        """Where it stands now; a clock that went backwards shows the beginning."""
        if self.by_hand is not None:
            return self.by_hand
        elapsed = max(0, (now - self.received_at) // _MILLISECOND)
        at = step(self.taking.course, elapsed)
        return Stand(at.word, at.remains, at.start_count, self.charge_at(at.word, at.remains))

    def charge_at(self, word: Word, remains: int) -> Decimal:
        """The exact charge of a status: in full until an end gives something back."""
        if word is Word.CANCELED:
            return ZERO
        if word is not Word.PARTIAL or self.taking.flat:
            return self.taking.charge
        delivered = Decimal(self.quantity - remains)
        return EXACT.divide(EXACT.multiply(self.taking.charge, delivered), Decimal(self.quantity))


class Orders:
    """All orders under rising ids, and the balance that they are charged to."""

    def __init__(self, balance: Decimal, seed: str) -> None:
        self.balance = balance
        self._chance = Random(f"{seed}:ids")  # noqa: S311  chance that a seed can replay
        self._next = FIRST_ORDER
        self._orders: dict[int, Order] = {}
        self._ending: list[tuple[datetime, int]] = []
        self._links: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._orders)

    def __iter__(self) -> Iterator[Order]:
        return iter(self._orders.values())

    @property
    def duplicates(self) -> Sequence[str]:
        """The links that were ordered more than once."""
        return [link for link, times in self._links.items() if times > 1]

    def find(self, order: str) -> Order | None:
        """The order under the id that a text spells exactly."""
        return self._orders.get(int(order)) if ID_PATTERN.fullmatch(order) else None

    def take(self, taking: Taking, now: datetime) -> Order:
        """Charge and book an order. Raises Refusal: no funds, or no room for more orders."""
        if len(self._orders) >= ORDERS_MAX:
            raise Refusal(Code.MAINTENANCE)
        if taking.charge > self.balance:
            raise Refusal(Code.FUNDS)
        order = Order(self._next, taking, now, ZERO)
        self._next += self._chance.randint(1, STRIDE_MAX)
        self._orders[order.id] = order
        self._links[taking.placement.link] += 1
        self._charge(order, taking.charge)
        if taking.course.fate is not Fate.COMPLETED:
            heapq.heappush(self._ending, (order.ends_at, order.id))
        return order

    def settle(self, now: datetime) -> None:
        """Give back what the orders that have ended by now were charged too much."""
        while self._ending and self._ending[0][0] <= now:
            order = self._orders[heapq.heappop(self._ending)[1]]
            self._charge(order, order.stand(now).charge)

    def set_by_hand(self, order: Order, stand: Stand) -> None:
        """From now on the order stands so, and is charged so."""
        order.by_hand = stand
        self._charge(order, stand.charge)

    def _charge(self, order: Order, amount: Decimal) -> None:
        self.balance = EXACT.add(self.balance, EXACT.subtract(order.charged, amount))
        order.charged = amount
