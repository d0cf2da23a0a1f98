"""From an observation to what the books should say: the target, never the step (money.md 7)."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from gateway.domain.money import EXACT, LEDGER_STEP, ZERO, round_up, share_up
from gateway.domain.observations import Observation, Word
from gateway.domain.orders import END_OF, ENDED, PROGRESS_OF, Progress, Standing, State

ROUNDING_MAX = Decimal("0.0001")
EQUAL_AGAIN_AFTER = timedelta(minutes=10)
STUCK_AFTER = timedelta(hours=72)
VANISHED_GRACE = timedelta(minutes=60)
VANISHED_TIMES = 3


class Class(StrEnum):
    """Classes of discrepancy (money.md 7)."""

    ROUNDING = "D1"
    RATE_MOVED = "D2"
    UNCHARGED = "D3"
    REFUND_OWED = "D4"
    FOREIGN = "D5"
    VANISHED = "D6"
    STUCK = "D7"
    BACKWARDS = "D8"
    FORMAT = "D9"
    UNKNOWN_CREDIT = "D10"
    NET = "D11"
    BALANCE = "D12"


@dataclass(frozen=True, slots=True)
class Finding:
    """What an observation shows to be odd. Amounts are in the provider's currency."""

    kind: Class
    note: str
    expected: Decimal | None = None
    seen: Decimal | None = None


def difference_of(expected: Decimal | None, seen: Decimal | None) -> Decimal | None:
    """What is seen less what is expected; None where no amount is known."""
    return None if expected is None or seen is None else EXACT.subtract(seen, expected)


@dataclass(frozen=True, slots=True)
class Target:
    """Where an order should stand. `cost` None = leave what is booked."""

    state: State
    progress: Progress | None
    charged_quantity: int
    cost: Decimal | None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing is posted: it must be seen once more, or says nothing that we can use."""

    findings: tuple[Finding, ...] = ()


def target(order: Standing, seen: Observation, equal_for: timedelta) -> Target | Wait:
    """Where an order should stand after an observation.

    `equal_for`: since when the same observation is being seen; zero when it is new.
    """
    if seen.word is None:
        return Wait((Finding(Class.FORMAT, f"unknown status {seen.raw_word!r}"),))
    if seen.word in PROGRESS_OF:
        odd = (*_backwards(order, seen), *_stuck(seen, equal_for), *_foreign_money(order, seen))
        return Target(State.ACTIVE, PROGRESS_OF[seen.word], order.charged_quantity, None, odd)
    if order.subscribes:
        amount = _of_the_bound(order, seen)
    else:
        amount = delivered(order.quantity, seen, equal_for, flat=order.flat)
    if isinstance(amount, Wait):
        return amount
    cost, findings = _cost(order, seen, amount)
    return Target(
        state=END_OF[seen.word],
        progress=None,
        charged_quantity=min(order.charged_quantity, amount),  # a refund given is not taken back
        cost=cost,
        findings=(*_backwards(order, seen), *findings),
    )


def delivered(
    quantity: int, seen: Observation, equal_for: timedelta, *, flat: bool = False
) -> int | Wait:
    """How much was delivered of what ended with this observation (money.md 7)."""
    if END_OF.get(seen.word or Word.PENDING) is State.COMPLETED:
        return quantity
    if seen.word is Word.PARTIAL:
        return _delivered_partly(quantity, seen, flat=flat)
    if seen.charge == ZERO or seen.remains == quantity:
        return 0
    if not flat and seen.remains is not None and 0 < seen.remains < quantity:
        return quantity - seen.remains
    return 0 if equal_for >= EQUAL_AGAIN_AFTER else Wait()


def _delivered_partly(quantity: int, seen: Observation, *, flat: bool) -> int | Wait:
    if flat:
        return Wait((Finding(Class.FORMAT, "a flat rate cannot end partly: refund by hand"),))
    if seen.remains is None:
        return Wait((Finding(Class.FORMAT, "partial, but remains is missing or not a number"),))
    return max(0, min(quantity - seen.remains, quantity))


def _of_the_bound(order: Standing, seen: Observation) -> int | Wait:
    """A subscription, whatever its last word, delivered what its children did."""
    if seen.remains is None:
        note = f"{seen.word}, but neither children nor a charge tell what was delivered"
        return Wait((Finding(Class.FORMAT, note),))
    return max(0, min(order.quantity - seen.remains, order.quantity))


def _stuck(seen: Observation, equal_for: timedelta) -> tuple[Finding, ...]:
    """Some panels show their own faults as Pending, for ever: only somebody there can tell."""
    if seen.word is not Word.PENDING or equal_for < STUCK_AFTER:
        return ()
    hours = STUCK_AFTER // timedelta(hours=1)
    return (Finding(Class.STUCK, f"Pending without any change for {hours} hours"),)


def _cost(order: Standing, seen: Observation, amount: int) -> tuple[Decimal, tuple[Finding, ...]]:
    """The provider's own charge where it can be trusted, else our expectation of it."""
    expected = share_up(order.cost, amount, order.quantity, LEDGER_STEP)
    if found := _foreign_money(order, seen):
        return order.cost_booked, found
    if seen.charge is None or seen.charge < ZERO:
        return expected, ()
    charge = round_up(seen.charge, LEDGER_STEP)
    if charge == expected:
        return charge, ()
    if abs(EXACT.subtract(charge, expected)) <= ROUNDING_MAX and amount:
        kind, note = Class.ROUNDING, "the provider rounds otherwise"
    elif charge > expected and _owes(order, seen, amount, charge):
        kind, note = Class.REFUND_OWED, f"{seen.word}, and still charged"
    else:
        kind, note = Class.RATE_MOVED, "the provider charged another rate"
    return charge, (Finding(kind, note, expected, charge),)


def _foreign_money(order: Standing, seen: Observation) -> tuple[Finding, ...]:
    if seen.currency in (None, order.cost_currency):
        return ()
    note = f"charged in {seen.currency}, agreed in {order.cost_currency}"
    return (Finding(Class.FORMAT, note),)


def _owes(order: Standing, seen: Observation, amount: int, charge: Decimal) -> bool:
    """Whether a provider kept what it did not deliver (D4): not lowered, or not lowered enough.

    A subscription is charged by its children, each of which is judged by itself.
    """
    if amount == order.quantity or order.subscribes:
        return False
    return seen.word is Word.CANCELED or not amount or charge >= order.cost


def _backwards(order: Standing, seen: Observation) -> tuple[Finding, ...]:
    if order.state not in ENDED or seen.word is None or END_OF.get(seen.word) is order.state:
        return ()
    return (Finding(Class.BACKWARDS, f"was {order.state}, now {seen.word}"),)
