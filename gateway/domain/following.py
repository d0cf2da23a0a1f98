"""What an observation books: entries for the difference to the target, and when to look again."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from gateway.domain.money import EXACT, ZERO, net_charge, plain
from gateway.domain.observations import Observation, Refused
from gateway.domain.orders import END_OF, Progress, Standing, State
from gateway.domain.postings import CostTerms, Entry, cost, refund
from gateway.domain.targets import (
    VANISHED_GRACE,
    VANISHED_TIMES,
    Class,
    Finding,
    Wait,
    target,
)

_PACES = (
    (timedelta(hours=1), 0),
    (timedelta(hours=6), 300),
    (timedelta(days=1), 1_800),
    (timedelta(days=3), 21_600),
)
_SLOWEST_SECONDS = 86_400
REFILLING_SECONDS_MAX = 300

PUT_RIGHT_AT_ONCE = frozenset({Class.ROUNDING, Class.RATE_MOVED})
"""The posting that comes with such a finding also puts it right: it is told once, with it."""

CHARGE_BELOW = Decimal(10) ** 12
"""From here on a provider's charge is no amount of money: the ledger could not hold its sums."""


@dataclass(frozen=True, slots=True)
class Booking:
    """Where an order stands after an observation, and the entries that bring the books there."""

    state: State
    progress: Progress | None
    charged_quantity: int
    cost_booked: Decimal
    entries: tuple[Entry, ...]
    findings: tuple[Finding, ...]


def booking(
    order: Standing,
    terms: CostTerms,
    customer: int,
    seen: Observation,
    *,
    key: str,
    equal_for: timedelta,
) -> Booking:
    """Post to the target: an answer that was booked already yields no entry."""
    seen, beyond = _believable(seen)
    to = target(order, seen, equal_for)
    if isinstance(to, Wait):
        return standing_still(order, (*beyond, *to.findings))
    net = net_charge(order.charge, order.quantity, to.charged_quantity)
    back = EXACT.subtract(order.net, net)
    entries: list[Entry] = []
    if back > ZERO:
        entries.append(refund(customer, order.currency, back, key, str(seen.word)))
    now = order.cost_booked if to.cost is None else to.cost
    if correction := cost(terms, order.cost_booked, now, f"{key}:cost"):
        entries.append(correction)
    news = (each for each in to.findings if correction or each.kind not in PUT_RIGHT_AT_ONCE)
    return Booking(
        to.state, to.progress, to.charged_quantity, now, tuple(entries), (*beyond, *news)
    )


def standing_still(order: Standing, findings: tuple[Finding, ...] = ()) -> Booking:
    """Nothing is booked and nothing changes."""
    return Booking(
        order.state, order.progress, order.charged_quantity, order.cost_booked, (), findings
    )


def _believable(seen: Observation) -> tuple[Observation, tuple[Finding, ...]]:
    if seen.charge is None or seen.charge < CHARGE_BELOW:
        return seen, ()
    found = Finding(Class.FORMAT, f"a charge of {seen.charge:f} is beyond all reason")
    return replace(seen, charge=None), (found,)


def spelled(seen: Observation) -> str:
    """What an observation says, in a line: by it two are told to be the same."""
    charge = "?" if seen.charge is None else plain(seen.charge)
    remains = "?" if seen.remains is None else str(seen.remains)
    return f"{seen.word or seen.raw_word} charge {charge} remains {remains}"[:200]


def worth_keeping(quantity: int, seen: Observation) -> int | None:
    """`remains`, but for 0 before the end: in some panels that is not known, never done."""
    if seen.word in END_OF:
        return seen.remains
    return seen.remains if seen.remains and 0 < seen.remains <= quantity else None


def is_denied(age: timedelta, times: int) -> bool:
    """Whether it is believed that a provider tells nothing of an order (money.md 7, D6).

    `age` of the order; `times` that its provider refused to tell within a day.
    """
    return age >= VANISHED_GRACE and times >= VANISHED_TIMES


def vanished(seen: Refused, age: timedelta, times: int) -> tuple[Finding, ...]:
    """A provider that no longer knows an order: never a refund by itself (money.md 7, D6)."""
    if not is_denied(age, times):
        return ()
    return (Finding(Class.VANISHED, f"status refused: {seen.text}"),)


def pace_seconds(poll_seconds: int, age: timedelta, ended_for: timedelta | None) -> int:
    """When to look again: the older the order, or its end, the later (money.md 7)."""
    if ended_for is not None:
        age = max(ended_for, timedelta(hours=1))
    for until, seconds in _PACES:
        if age < until:
            return max(poll_seconds, seconds)
    return max(poll_seconds, _SLOWEST_SECONDS)


def quick_seconds(poll_seconds: int, open_for: timedelta) -> int:
    """When to look again at the latest while a refill is open: its order tells how it goes."""
    pace = min(pace_seconds(poll_seconds, open_for, None), REFILLING_SECONDS_MAX)
    return max(poll_seconds, pace)


def evidence(seen: Observation) -> dict[str, str | int | None]:
    """What an observation says, for the event that follows from it."""
    return {
        "status": seen.word or seen.raw_word,
        "charge": None if seen.charge is None else str(seen.charge),
        "remains": seen.remains,
        "currency": seen.currency,
    }
