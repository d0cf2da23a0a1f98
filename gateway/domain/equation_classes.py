"""Which discrepancy it is that a balance equation leaves open (money.md 7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from gateway.domain.equation import CANDIDATES_MAX, TOLERANCE, Equation, explanation
from gateway.domain.money import EXACT, ZERO, plain
from gateway.domain.targets import Class, Finding

SEEN_AGAIN_AFTER = timedelta(minutes=5)
"""So long after each other two quiet readings must leave something open before it counts."""

OF_THE_EQUATION = (Class.UNCHARGED, Class.REFUND_OWED, Class.FOREIGN, Class.UNKNOWN_CREDIT)
"""The classes that a whole provider can be in, and leaves by an equation that holds."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What was booked for an order about the time when the equation ceased to hold."""

    order: int
    amount: Decimal


def holds(equation: Equation, doubtful: Sequence[Decimal]) -> bool:
    """Whether nothing is left open but what orders in doubt may have cost."""
    return explanation(equation.unexplained, doubtful) is not None


def finding(
    latest: Equation, before: Equation, accepted: Sequence[Moved], lowered: Sequence[Moved]
) -> Finding | None:
    """What two quiet equations in a row leave open; None when it is not the same direction.

    Of the two the smaller amount counts. `accepted`: costs that were booked just before it was
    first seen; `lowered`: by how much costs came down then. Amounts are his balance as our books
    have it, and as he says.
    """
    if (latest.unexplained > ZERO) is not (before.unexplained > ZERO):
        return None
    amount = min(latest.unexplained, before.unexplained, key=abs)
    expected = EXACT.add(latest.balance, amount)
    if amount > ZERO:
        named = _named(amount, lowered)
        kind = Class.REFUND_OWED if named else Class.FOREIGN
        what = "as if he had not credited what he gave back" if named else "charged without order"
    else:
        named = _named(abs(amount), accepted)
        kind = Class.UNCHARGED if named else Class.UNKNOWN_CREDIT
        what = "as if he had not charged" if named else "credited, and nobody knows for what"
    of = f" for {_listed(named)}" if named else ""
    note = f"{plain(abs(amount))} {latest.currency} {what}{of}"
    return Finding(kind, note, expected, latest.balance)


def _named(amount: Decimal, moved: Sequence[Moved]) -> list[int]:
    """The orders whose amounts it is; of very many only a single one can be told."""
    if len(moved) > CANDIDATES_MAX:
        near = [each for each in moved if abs(EXACT.subtract(each.amount, amount)) <= TOLERANCE]
        return [near[-1].order] if near else []
    places = explanation(amount, [each.amount for each in moved])
    return [moved[place].order for place in places or ()]


def _listed(orders: Sequence[int]) -> str:
    return f"order{'s' * (len(orders) > 1)} {', '.join(str(each) for each in sorted(orders))}"
