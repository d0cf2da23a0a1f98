"""Order states, their moves, and what customers see (money.md 2, protocol.md 6.1)."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from gateway.domain.money import ZERO, net_charge
from gateway.domain.observations import Observation, Word


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


PROGRESS_OF = {
    Word.PENDING: Progress.PENDING,
    Word.PROCESSING: Progress.PROCESSING,
    Word.IN_PROGRESS: Progress.IN_PROGRESS,
}
END_OF = {
    Word.COMPLETED: State.COMPLETED,
    Word.PARTIAL: State.PARTIAL,
    Word.CANCELED: State.CANCELED,
}
_WORD_OF_PROGRESS = {progress: word for word, progress in PROGRESS_OF.items()}
_WORD_OF_END = {state: word for word, state in END_OF.items()}


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one order when its state is told or judged.

    Quantities are totals over all runs. `charge` is in house currency; `cost`, as expected at
    sending, and `cost_booked` are in the provider's.
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
    flat: bool = False
    cost: Decimal = ZERO
    cost_booked: Decimal = ZERO
    cost_currency: str = ""

    @property
    def net(self) -> Decimal:
        """What the customer pays as things stand: charge less refunds; 0 after a release."""
        if self.state is State.FAILED:
            return ZERO
        return net_charge(self.charge, self.quantity, self.charged_quantity)


def as_customers_see(order: Standing) -> Observation:
    """The status that a customer reads: never the provider's charge, currency or doubt."""
    state = order.closed_from or order.state
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
    return Observation(word, order.net, order.start_count, remains, order.currency)


def _left(order: Standing) -> int:
    if order.remains is None:
        return order.quantity - order.charged_quantity
    return _clamp(order.remains, order.quantity)


def _clamp(remains: int, quantity: int) -> int:
    return max(0, min(remains, quantity))
