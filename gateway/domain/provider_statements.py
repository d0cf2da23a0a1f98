"""A provider's account as we keep it, by the day: what he held, what came and went (money.md 7)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from gateway.domain.money import EXACT, ZERO


@dataclass(frozen=True, slots=True)
class Moved:
    """What entries of one kind moved on a day (UTC), with its sign as he holds it for us.

    `low` and `high`: the first and the last transaction that did.
    """

    day: date
    entry: str
    amount: Decimal
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Told:
    """What his balance was at the end of a day, by his own word, and what of it is unexplained."""

    balance: Decimal
    unexplained: Decimal


@dataclass(frozen=True, slots=True)
class Day:
    """Opening + funds + costs + corrections + others = closing, in his currency.

    `costs` are below 0, `corrections` of them have either sign; `others`: losses, what was set
    aside or written off. `told` None: he was not asked. `low` and `high`: as of `Moved`, or 0.
    """

    day: date
    opening: Decimal
    funds: Decimal = ZERO
    costs: Decimal = ZERO
    corrections: Decimal = ZERO
    others: Decimal = ZERO
    told: Told | None = None
    low: int = 0
    high: int = 0

    @property
    def closing(self) -> Decimal:
        """What he held by our books at the end."""
        closing = self.opening
        for amount in (self.funds, self.costs, self.corrections, self.others):
            closing = EXACT.add(closing, amount)
        return closing


_COLUMN = {"fund": "funds", "cost": "costs", "correction": "corrections"}


def statement(opening: Decimal, moves: Iterable[Moved], told: Mapping[date, Told]) -> Sequence[Day]:
    """The days on which something moved or was told, oldest first; each opens as one closed."""
    by_day: dict[date, list[Moved]] = {day: [] for day in told}
    for each in moves:
        by_day.setdefault(each.day, []).append(each)
    days: list[Day] = []
    for day in sorted(by_day):
        row = Day(day, opening, told=told.get(day))
        for each in by_day[day]:
            row = _with(row, each)
        days.append(row)
        opening = row.closing
    return days


def _with(day: Day, moved: Moved) -> Day:
    name = _COLUMN.get(moved.entry, "others")
    low = min(day.low, moved.low) if day.low else moved.low
    high = max(day.high, moved.high)
    sums = {each: getattr(day, each) for each in ("funds", "costs", "corrections", "others")}
    sums[name] = EXACT.add(sums[name], moved.amount)
    return replace(day, low=low, high=high, **sums)
