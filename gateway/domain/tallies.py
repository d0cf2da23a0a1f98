"""What the trade came to: sums of tallied transfers, by the hour or the day (pages.md)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from gateway.domain.money import EXACT, ZERO, total

_HUNDRED = Decimal(100)
_SHARE_STEP = Decimal("0.01")
_DAYS_STEP = Decimal("0.1")


class Window(StrEnum):
    """How far an overview looks back."""

    DAY = "24h"
    WEEK = "7d"
    MONTH = "30d"


SPANS: Mapping[Window, tuple[str, timedelta, int]] = {
    Window.DAY: ("hour", timedelta(hours=1), 24),
    Window.WEEK: ("day", timedelta(days=1), 7),
    Window.MONTH: ("day", timedelta(days=1), 30),
}
"""What one step of each is called, how long it is, and how many there are, the running one last."""


@dataclass(frozen=True, slots=True)
class Tally:
    """So many transfers of one kind, and what they came to: debits above 0, credits below.

    `account` and `entry`: kinds; `provider` and `category`: empty where there is none.
    """

    account: str
    entry: str
    at: datetime
    provider: str
    category: str
    transfers: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Trade:
    """Orders and money of some time, in house currency; each booked when it happened.

    `orders`: accepted from customers; `confirmed`: taken by a provider, which is when their charge
    counts. `cost` has roundings in it; `losses`: costs without a charge. `adjustments`: what we
    gave beside all this, below 0 what we found.
    """

    orders: int = 0
    confirmed: int = 0
    charge: Decimal = ZERO
    refunds: Decimal = ZERO
    cost: Decimal = ZERO
    losses: Decimal = ZERO
    adjustments: Decimal = ZERO

    @property
    def margin(self) -> Decimal:
        """Charge - refunds - cost - losses."""
        margin = EXACT.subtract(self.charge, self.refunds)
        return EXACT.subtract(EXACT.subtract(margin, self.cost), self.losses)

    @property
    def margin_percent(self) -> Decimal | None:
        """Of what was charged and kept, at two decimals; None where nothing was."""
        kept = EXACT.subtract(self.charge, self.refunds)
        if kept <= ZERO:
            return None
        percent = EXACT.divide(EXACT.multiply(self.margin, _HUNDRED), kept)
        return percent.quantize(_SHARE_STEP, context=EXACT)


def trade(tallies: Iterable[Tally]) -> Trade:
    """What some tallies come to together."""
    orders = confirmed = 0
    sums: dict[str, Decimal] = {}
    for each in tallies:
        if each.account == "held":
            orders += each.transfers
            continue
        if each.entry == "capture":
            confirmed += each.transfers
        sums[each.account] = EXACT.add(sums.get(each.account, ZERO), each.amount)
    return Trade(
        orders=orders,
        confirmed=confirmed,
        charge=EXACT.minus(sums.get("revenue", ZERO)),
        refunds=sums.get("refunds", ZERO),
        cost=EXACT.add(sums.get("cost", ZERO), sums.get("rounding", ZERO)),
        losses=sums.get("loss", ZERO),
        adjustments=sums.get("adjustment", ZERO),
    )


def together(trades: Sequence[Trade]) -> Trade:
    """What some come to in one."""
    return Trade(
        orders=sum(each.orders for each in trades),
        confirmed=sum(each.confirmed for each in trades),
        charge=total(each.charge for each in trades),
        refunds=total(each.refunds for each in trades),
        cost=total(each.cost for each in trades),
        losses=total(each.losses for each in trades),
        adjustments=total(each.adjustments for each in trades),
    )


def begin_of(window: Window, now: datetime) -> datetime:
    """When the first step of a window begins, in UTC."""
    span, step, count = SPANS[window]
    running = now.replace(minute=0, second=0, microsecond=0)
    if span == "day":
        running = running.replace(hour=0)
    return running - step * (count - 1)


def series(
    window: Window, now: datetime, tallies: Sequence[Tally]
) -> Sequence[tuple[datetime, Trade]]:
    """Every step of a window, the oldest first, those without a transfer too."""
    _, step, count = SPANS[window]
    begin = begin_of(window, now)
    by_step: dict[datetime, list[Tally]] = {}
    for each in tallies:
        by_step.setdefault(each.at, []).append(each)
    steps = [begin + step * number for number in range(count)]
    return [(at, trade(by_step.get(at, ()))) for at in steps]


def by(key: Callable[[Tally], str], tallies: Iterable[Tally]) -> Sequence[tuple[str, Trade]]:
    """The trade of each provider or category, losses first.

    What customers placed belongs to no provider before one takes it.
    """
    found: dict[str, list[Tally]] = {}
    for each in tallies:
        found.setdefault(key(each), []).append(each)
    sums = [(name, trade(of)) for name, of in found.items()]
    return sorted(sums, key=lambda each: (each[1].margin >= ZERO, _size(each[1]), each[0]))


def _size(of: Trade) -> Decimal:
    """The deepest loss first, then what earns most."""
    return of.margin if of.margin < ZERO else EXACT.minus(of.margin)


def share_percent(part: int, whole: int) -> Decimal | None:
    """At two decimals; None of nothing."""
    if not whole:
        return None
    return EXACT.divide(_HUNDRED * part, Decimal(whole)).quantize(_SHARE_STEP, context=EXACT)


def days_left(balance: Decimal | None, spent: Decimal, over_days: int) -> Decimal | None:
    """How long a balance lasts at the pace of so many days, at one decimal; None = no end seen."""
    if balance is None or spent <= ZERO:
        return None
    if balance <= ZERO:
        return ZERO
    days = EXACT.divide(EXACT.multiply(balance, Decimal(over_days)), spent)
    return days.quantize(_DAYS_STEP, context=EXACT)
