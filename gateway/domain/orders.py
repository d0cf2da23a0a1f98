"""Order states, their moves, and what customers see (money.md 2, protocol.md 6.1)."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from gateway.domain.money import ZERO, net_charge
from gateway.domain.observations import Observation, Word
from gateway.domain.services import TYPE_RULES, ServiceType


class State(StrEnum):
    """Where an order stands; the database refuses every move that is not in `EDGES`."""

    QUEUED = "queued"
    SENDING = "sending"
    UNCONFIRMED = "unconfirmed"
    REVIEW = "review"
    ACTIVE = "active"
    COMPLETED = "completed"
    PARTIAL = "partial"
    CANCELED = "canceled"
    FAILED = "failed"
    CLOSED = "closed"


HELD = frozenset({State.QUEUED, State.SENDING, State.UNCONFIRMED, State.REVIEW})
ENDED = frozenset({State.COMPLETED, State.PARTIAL, State.CANCELED})
POLLED = ENDED | {State.ACTIVE}

_MOVES: dict[State, tuple[State, ...]] = {
    State.QUEUED: (State.SENDING, State.ACTIVE, State.FAILED),
    State.SENDING: (State.ACTIVE, State.QUEUED, State.FAILED, State.UNCONFIRMED),
    State.UNCONFIRMED: (State.ACTIVE, State.QUEUED, State.FAILED, State.REVIEW),
    State.REVIEW: (State.ACTIVE, State.FAILED),
    State.ACTIVE: (State.COMPLETED, State.PARTIAL, State.CANCELED),
    State.COMPLETED: (State.ACTIVE, State.PARTIAL, State.CANCELED, State.CLOSED),
    State.PARTIAL: (State.ACTIVE, State.COMPLETED, State.CANCELED, State.CLOSED),
    State.CANCELED: (State.ACTIVE, State.COMPLETED, State.PARTIAL, State.CLOSED),
}
EDGES = frozenset((before, after) for before, afters in _MOVES.items() for after in afters)


class Progress(StrEnum):
    """How far an active order is."""

    PENDING = "pending"
    PROCESSING = "processing"
    IN_PROGRESS = "in_progress"


_WORD_OF_PROGRESS = {
    Progress.PENDING: Word.PENDING,
    Progress.PROCESSING: Word.PROCESSING,
    Progress.IN_PROGRESS: Word.IN_PROGRESS,
}
_WORD_OF_END = {
    State.COMPLETED: Word.COMPLETED,
    State.PARTIAL: Word.PARTIAL,
    State.CANCELED: Word.CANCELED,
}
# a subscription's own words, which mean no more than this of any other order
PROGRESS_OF = {word: progress for progress, word in _WORD_OF_PROGRESS.items()} | {
    Word.ACTIVE: Progress.IN_PROGRESS,
    Word.PAUSED: Progress.IN_PROGRESS,
}
END_OF = {word: state for state, word in _WORD_OF_END.items()} | {Word.EXPIRED: State.COMPLETED}


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one order when its state is told or judged.

    Quantities are totals over all runs or posts; a subscription's is its bound, of `posts` posts.
    `charge` is in house currency; `cost`, as expected at sending, and `cost_booked` are in the
    provider's. `runs` as agreed; `parts` of them have started, or so many posts have come, and
    `delivered` is how much they brought so far. `seen_word`: the provider's last word that we know.
    """

    id: int
    state: State
    progress: Progress | None
    closed_from: State | None
    charge: Decimal
    currency: str
    quantity: int
    charged_quantity: int
    start_count: int | None
    remains: int | None
    kind: ServiceType = ServiceType.DEFAULT
    cost: Decimal = ZERO
    cost_booked: Decimal = ZERO
    cost_currency: str = ""
    runs: int | None = None
    self_run: bool = False
    posts: int | None = None
    parts: int = 0
    delivered: int | None = None
    seen_word: Word | None = None

    @property
    def flat(self) -> bool:
        """Whether it is charged as one thing, so that it cannot end partly."""
        return TYPE_RULES[self.kind].flat

    @property
    def subscribes(self) -> bool:
        """Whether its quantity is a bound, of which only what its children deliver is paid."""
        return TYPE_RULES[self.kind].quantity == "bound"

    @property
    def net(self) -> Decimal:
        """What the customer pays as things stand: charge less refunds; 0 after a release."""
        if self.state is State.FAILED:
            return ZERO
        return net_charge(self.charge, self.quantity, self.charged_quantity)


def as_customers_see(order: Standing) -> Observation:
    """The status that a customer reads: never the provider's charge, currency or doubt."""
    state = order.closed_from or order.state
    if order.subscribes:
        return _subscription(order, state)
    if state in HELD:
        word, remains = Word.PENDING, order.quantity
    elif state is State.ACTIVE:
        word = _WORD_OF_PROGRESS[order.progress or Progress.PENDING]
        remains = order.quantity if order.remains is None else _clamp(order.remains, order.quantity)
    elif state is State.FAILED:
        word, remains = Word.CANCELED, order.quantity
    else:
        word = _WORD_OF_END[state]
        remains = 0 if state is State.COMPLETED else _left(order)
    return Observation(
        word, order.net, order.start_count, remains, order.currency, runs=_started(order, state)
    )


def _subscription(order: Standing, state: State) -> Observation:
    """An ordinary row: the charge for what its children delivered so far, the posts to come."""
    to_come = max(0, (order.posts or 0) - order.parts)
    charge = order.net
    if state in HELD or state is State.ACTIVE:
        so_far = _clamp(order.delivered or 0, order.charged_quantity)
        charge = net_charge(order.charge, order.quantity, so_far)
        running = Word.PAUSED if order.seen_word is Word.PAUSED else Word.ACTIVE
        word = Word.PENDING if state in HELD else running
    elif state is State.FAILED:
        word = Word.CANCELED
    elif state is State.COMPLETED and order.seen_word is Word.EXPIRED:
        word = Word.EXPIRED
    else:
        word = _WORD_OF_END[state]
        to_come = 0 if state is State.COMPLETED else to_come
    return Observation(word, charge, order.start_count, to_come, order.currency)


def _started(order: Standing, state: State) -> int | None:
    """How many runs have started; None where there are none, or their provider tells of none."""
    if order.runs is None:
        return None
    known = order.parts or order.self_run or state in HELD or state is State.FAILED
    return order.parts if known else None


def _left(order: Standing) -> int:
    if order.remains is None:
        return order.quantity - order.charged_quantity
    return _clamp(order.remains, order.quantity)


def _clamp(number: int, most: int) -> int:
    return max(0, min(number, most))
