"""What an observation books: entries for the difference to the target, and when to look again."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from gateway.domain.money import EXACT, ZERO, net_charge
from gateway.domain.observations import Observation
from gateway.domain.orders import Progress, Standing, State
from gateway.domain.postings import CostTerms, Entry, cost, refund
from gateway.domain.targets import Class, Finding, Wait, target

_PACES = (
    (timedelta(hours=1), 0),
    (timedelta(hours=6), 300),
    (timedelta(days=1), 1_800),
    (timedelta(days=3), 21_600),
)
_SLOWEST_SECONDS = 86_400

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
        return Booking(
            order.state,
            order.progress,
            order.charged_quantity,
            order.cost_booked,
            (),
            (*beyond, *to.findings),
        )
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


def _believable(seen: Observation) -> tuple[Observation, tuple[Finding, ...]]:
    if seen.charge is None or seen.charge < CHARGE_BELOW:
        return seen, ()
    found = Finding(Class.FORMAT, f"a charge of {seen.charge:f} is beyond all reason")
    return replace(seen, charge=None), (found,)


def pace_seconds(poll_seconds: int, age: timedelta, ended_for: timedelta | None) -> int:
    """When to look again: the older the order, or its end, the later (money.md 7)."""
    if ended_for is not None:
        age = max(ended_for, timedelta(hours=1))
    for until, seconds in _PACES:
        if age < until:
            return max(poll_seconds, seconds)
    return max(poll_seconds, _SLOWEST_SECONDS)
