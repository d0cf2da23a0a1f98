"""The balance equation: what our books say that a provider holds for us, against what he says."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from gateway.domain.money import EXACT, ZERO, total

TOLERANCE = Decimal("0.0001")
"""What a provider's rounding may come to, for each order."""
CANDIDATES_MAX = 20
"""Of so many orders every choice is tried; of more only the bounds are held."""


@dataclass(frozen=True, slots=True)
class Equation:
    """One reading of a provider's balance beside the ledger at that moment, in his currency.

    `prepaid` is what the ledger says that he holds for us: funds less costs, what was set aside as
    unexplained included. `level` is what is not counted: 0 where it is `absolute`, as we booked
    what was paid in; else what stood open at the first quiet reading. `quiet`: nothing was on its
    way to him, or booked for him, while he was asked.
    """

    provider: str
    currency: str
    balance: Decimal
    prepaid: Decimal
    level: Decimal
    quiet: bool
    absolute: bool
    read_at: datetime

    @property
    def unexplained(self) -> Decimal:
        """Above 0: he took so much more than we booked. Below 0: he took less, or gave."""
        return EXACT.subtract(EXACT.subtract(self.prepaid, self.balance), self.level)


def explanation(amount: Decimal, costs: Sequence[Decimal]) -> tuple[int, ...] | None:
    """Which of these costs come to an amount, by their places; None when no choice of them does.

    The amount is off by `TOLERANCE` at most for each one chosen, and for none at least once. Of
    more than `CANDIDATES_MAX` all places are named when the amount is between 0 and their sum.
    """
    if len(costs) > CANDIDATES_MAX:
        whole = total(costs)
        slack = EXACT.multiply(TOLERANCE, Decimal(len(costs)))
        within = amount.copy_negate() <= TOLERANCE and EXACT.subtract(amount, whole) <= slack
        return tuple(range(len(costs))) if within else None
    return _chosen(amount, costs)


Choices = dict[tuple[Decimal, int], tuple[int, ...]]
"""What some places come to and how many they are; of equal choices one is enough."""


def _chosen(amount: Decimal, costs: Sequence[Decimal]) -> tuple[int, ...] | None:
    """Tried by halves: of 20 costs that is 2 x 2^10 sums, where all at once were 2^20."""
    half = len(costs) // 2
    left = _choices(costs, range(half))
    right = sorted(_choices(costs, range(half, len(costs))).items())
    sums = [taken for (taken, _), _ in right]
    slack_max = EXACT.multiply(TOLERANCE, Decimal(max(1, len(costs))))
    for (taken, count), places in left.items():
        rest = EXACT.subtract(amount, taken)
        for at in range(bisect_left(sums, EXACT.subtract(rest, slack_max)), len(right)):
            (more, others), chosen = right[at]
            over = EXACT.subtract(more, rest)
            if over > slack_max:
                break
            if abs(over) <= EXACT.multiply(TOLERANCE, Decimal(max(1, count + others))):
                return (*places, *chosen)
    return None


def _choices(costs: Sequence[Decimal], places: range) -> Choices:
    choices: Choices = {(ZERO, 0): ()}
    for place in places:
        for (taken, count), chosen in list(choices.items()):
            choices.setdefault((EXACT.add(taken, costs[place]), count + 1), (*chosen, place))
    return choices
