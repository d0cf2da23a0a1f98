"""The orders that the sandbox really took, and what it charged for them."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Protocol

from gateway.dialects.fields import ID_PATTERN
from gateway.domain.catalog import Listing
from gateway.domain.money import EXACT, ZERO
from gateway.domain.observations import Observation, Word
from gateway.domain.placements import Placement
from gateway.domain.refusals import Code, Refusal
from gateway.sandbox.fates import Course, Fate, step
from gateway.sandbox.faults import Fault

FIRST_ORDER = 50_001
STRIDE_MAX = 7
ORDERS_MAX = 1_000_000
ENDS = frozenset({Word.COMPLETED, Word.PARTIAL, Word.CANCELED, Word.EXPIRED})
GIVES_BACK = frozenset({Word.PARTIAL, Word.CANCELED})

MILLISECOND = timedelta(milliseconds=1)

Act = Callable[[datetime], None]


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


class Family(Protocol):
    """What stands behind an order that is made of others."""

    @property
    def children(self) -> Sequence["Order"]:
        """Those that have begun, in order."""
        ...

    @property
    def left(self) -> int:
        """How many may still begin."""
        ...

    def stand(self, now: datetime) -> Stand:
        """Where the parent stands, its charge being what all of them are charged."""
        ...

    def told(self, now: datetime) -> Observation:
        """What `status` says of the parent where it names its children, and no charge."""
        ...

    def begin(self, when: datetime) -> bool:
        """Begin one more child at once; False when none is to come, or none can be paid."""
        ...

    def cancel(self, when: datetime) -> None:
        """A cancel takes effect: no more children."""
        ...

    def set_by_hand(self, word: Word) -> None:
        """From now on the parent says so; all else stays that of its children."""
        ...


@dataclass(slots=True, eq=False)
class Order:
    """A taken order. `charged` is what the balance bears; `fixed` outdoes its course.

    Of an order with a family `charged` is only what waits for children that have not begun.
    """

    id: int
    taking: Taking
    received_at: datetime
    charged: Decimal
    replied: bool = False
    fixed: Stand | None = None
    parent: int | None = None
    family: Family | None = None

    @property
    def quantity(self) -> int:
        """Over all runs."""
        return self.taking.placement.quantity_total

    @property
    def ends_at(self) -> datetime:
        """When its course ends."""
        return self.received_at + self.taking.course.milliseconds * MILLISECOND

    def stand(self, now: datetime) -> Stand:
        """Where it stands now; a clock that went backwards shows the beginning."""
        if self.family is not None:
            return self.family.stand(now)
        if self.fixed is not None:
            return self.fixed
        elapsed = max(0, (now - self.received_at) // MILLISECOND)
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
    """All orders under rising ids, the balance that they are charged to, and what falls due."""

    def __init__(self, balance: Decimal, seed: str) -> None:
        self.balance = balance
        self.settled_at = datetime.min.replace(tzinfo=UTC)
        self._chance = Random(f"{seed}:ids")  # noqa: S311  chance that a seed can replay
        self._next = FIRST_ORDER
        self._orders: dict[int, Order] = {}
        self._due: list[tuple[datetime, int, Act]] = []
        self._dues = 0
        self._links: Counter[str] = Counter()

    def __iter__(self) -> Iterator[Order]:
        """Those that callers placed."""
        return (order for order in self._orders.values() if order.parent is None)

    @property
    def children(self) -> Iterator[Order]:
        """Those that were made for others."""
        return (order for order in self._orders.values() if order.parent is not None)

    @property
    def duplicates(self) -> Sequence[str]:
        """The links that were ordered more than once."""
        return [link for link, times in self._links.items() if times > 1]

    def find(self, order: str) -> Order | None:
        """The order under the id that a text spells exactly."""
        return self._orders.get(int(order)) if ID_PATTERN.fullmatch(order) else None

    def number_next(self, order: int) -> None:
        """The next order gets this id, as others took those before; ValueError if it is taken."""
        if order in self._orders:
            raise ValueError(f"id {order} is taken")
        self._next = order

    def take(self, taking: Taking, now: datetime, parent: int | None = None) -> Order:
        """Charge and book an order. Raises Refusal: no funds, or no room for more orders."""
        if len(self._orders) >= ORDERS_MAX:
            raise Refusal(Code.MAINTENANCE)
        if taking.charge > self.balance:
            raise Refusal(Code.FUNDS)
        order = Order(self._next, taking, now, ZERO, parent=parent)
        self._next += self._chance.randint(1, STRIDE_MAX)
        self._orders[order.id] = order
        if parent is None:
            self._links[taking.placement.link] += 1
        self.charge(order, taking.charge)
        if taking.course.fate is not Fate.COMPLETED:
            self.later(order.ends_at, lambda when: self._end(order, when))
        return order

    def later(self, when: datetime, act: Act) -> None:
        """Have something done once it is due, told when that was."""
        heapq.heappush(self._due, (when, self._dues, act))
        self._dues += 1

    def settle(self, now: datetime) -> None:
        """Do all that has fallen due by now, in the order of its time."""
        self.settled_at = max(self.settled_at, now)
        while self._due and self._due[0][0] <= now:
            when, _, act = heapq.heappop(self._due)
            act(when)

    def set_by_hand(self, order: Order, stand: Stand) -> None:
        """From now on the order, which has no family, stands so and is charged so."""
        order.fixed = stand
        self.charge(order, stand.charge)

    def cut(self, order: Order, when: datetime) -> None:
        """End what has not ended: canceled, or partial with what was delivered until then."""
        at = order.stand(when)
        if at.word in ENDS:
            return
        if order.family is not None:
            order.family.cancel(when)
            return
        word = Word.PARTIAL if at.remains < order.quantity else Word.CANCELED
        charge = order.charge_at(word, at.remains)
        self.set_by_hand(order, replace(at, word=word, charge=charge))

    def charge(self, order: Order, amount: Decimal) -> None:
        """Charge so much for an order in place of what it was charged before."""
        self.balance = EXACT.add(self.balance, EXACT.subtract(order.charged, amount))
        order.charged = amount

    def _end(self, order: Order, when: datetime) -> None:
        """Give back what an order that has ended was charged too much."""
        if order.family is None:
            self.charge(order, order.stand(when).charge)
