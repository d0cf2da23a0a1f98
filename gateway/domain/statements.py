"""A customer's days: what he had, what came and went, and what he has (money.md 7)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from gateway.domain.money import EXACT, ZERO


@dataclass(frozen=True, slots=True)
class Moves:
    """What moved a customer's available balance on one day (UTC), each with its sign."""

    day: date
    top_ups: Decimal
    charges: Decimal
    adjustments: Decimal


@dataclass(frozen=True, slots=True)
class Day:
    """Opening + top-ups - net charges + adjustments = closing.

    Net charges: what was held, less what was released or refunded, whenever it was held.
    """

    day: date
    opening: Decimal
    top_ups: Decimal
    net_charges: Decimal
    adjustments: Decimal
    closing: Decimal


def days(moves: Iterable[Moves]) -> Sequence[Day]:
    """The days on which something moved, oldest first; each opens as the one before closed."""
    told: list[Day] = []
    opening = ZERO
    for each in moves:
        closing = opening
        for amount in (each.top_ups, each.charges, each.adjustments):
            closing = EXACT.add(closing, amount)
        net = EXACT.minus(each.charges)
        told.append(Day(each.day, opening, each.top_ups, net, each.adjustments, closing))
        opening = closing
    return told
