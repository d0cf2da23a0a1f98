"""Cancels: asked for an order that has not ended, they take effect after a while."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.domain.refusals import Code, Refusal
from gateway.sandbox.fates import Fates
from gateway.sandbox.marks import CANCEL_IGNORED, UNCANCELABLE, read_marks
from gateway.sandbox.orders import ENDS, MILLISECOND, Order, Orders

# in hundredths of an order's usual time
EFFECT_AFTER = 20


class CancelEnd(StrEnum):
    """What became of a request to cancel."""

    CANCELED = "canceled"
    TOO_LATE = "too late"
    IGNORED = "ignored"


@dataclass(slots=True, eq=False)
class Cancel:
    """A request to cancel. `end` is None until it takes effect; a promise is not a result."""

    order: Order
    asked_at: datetime
    due_at: datetime
    end: CancelEnd | None = None


class Cancels:
    """All requests to cancel, the last one of each order."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._cancels: dict[int, Cancel] = {}

    def __iter__(self) -> Iterator[Cancel]:
        return iter(self._cancels.values())

    def ask(self, order: Order, fates: Fates, now: datetime) -> None:
        """Cancel an order a fifth of the pace from now.

        Raises Refusal: its offer has no cancel, its link forbids it, it has ended, or it was asked
        for before.
        """
        marks = read_marks(order.taking.placement.link).bare
        if not order.taking.listing.cancel or UNCANCELABLE in marks:
            raise Refusal(Code.CANCEL_REFUSED)
        if order.stand(now).word in ENDS:
            raise Refusal(Code.CANCEL_REFUSED)
        asked = self._cancels.get(order.id)
        if asked is not None and asked.end in {None, CancelEnd.IGNORED}:
            raise Refusal(Code.CANCEL_IN_PROGRESS)
        due_at = now + fates.pace_milliseconds * EFFECT_AFTER // 100 * MILLISECOND
        cancel = Cancel(order, now, due_at)
        self._cancels[order.id] = cancel
        if CANCEL_IGNORED in marks:
            cancel.end = CancelEnd.IGNORED
        else:
            self._orders.later(due_at, lambda when: self._effect(cancel, when))

    def _effect(self, cancel: Cancel, when: datetime) -> None:
        ended = cancel.order.stand(when).word in ENDS
        cancel.end = CancelEnd.TOO_LATE if ended else CancelEnd.CANCELED
        self._orders.cut(cancel.order, when)
