"""Parts of orders: runs that we send one by one, children that a provider makes (money.md 7)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from gateway.domain.following import CHARGE_BELOW, is_denied
from gateway.domain.money import EXACT, LEDGER_STEP, ZERO, round_up
from gateway.domain.observations import Observation, Refused, Word
from gateway.domain.orders import END_OF, PROGRESS_OF, Standing
from gateway.domain.targets import Class, Finding, Wait, delivered

CHILDREN_MAX = 10_000
"""More children than these are not followed, whatever a provider names."""


@dataclass(frozen=True, slots=True)
class Part:
    """A provider's order behind one of ours, as it was last seen; None = not yet.

    `quantity` is what it was to bring, None for a subscription's child: that may be anything up to
    the most of a post. `ended`: its end is believed. `refused`: why its provider tells nothing.
    """

    number: int
    quantity: int | None
    seen: Observation | None = None
    ended: bool = False
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """A part after an answer: whether that is what was seen before, and matters to its order."""

    part: Part
    same: bool
    matters: bool


def look(
    order: Standing,
    part: Part,
    answer: Observation | Refused,
    *,
    equal_for: timedelta,
    age: timedelta,
    times: int = 0,
) -> Look:
    """What an answer to `status` makes of a part.

    `equal_for`: since when the last answer has been the same; `age`: since the part is known;
    `times` that an answer was refused within a day, this one included.
    """
    if isinstance(answer, Refused):
        believed = answer.text or "without a word"
        after = replace(part, refused=believed if is_denied(age, times) else part.refused)
        return Look(after, same=True, matters=after.refused != part.refused)
    seen = replace(answer, charge=sound_charge(answer))
    same = part.seen is not None and _facts(part.seen) == _facts(seen)
    brought = _brought(order, part, seen, equal_for if same else timedelta())
    ended = seen.word in END_OF and isinstance(brought, int)
    after = replace(part, seen=seen, ended=ended, refused="")
    told = not same and (ended or seen.word not in PROGRESS_OF)
    return Look(after, same, told or (ended, "") != (part.ended, part.refused))


def sound_charge(seen: Observation) -> Decimal | None:
    """A charge to the ledger's last digit; None where it is no amount of money."""
    if seen.charge is None or not ZERO <= seen.charge < CHARGE_BELOW:
        return None
    return round_up(seen.charge, LEDGER_STEP)


def units(order: Standing, seen: Observation) -> int | None:
    """For how much a charge is, at the cost that was agreed, rounded up; None when it is silent."""
    charge = sound_charge(seen)
    if not charge or order.cost <= ZERO or seen.currency not in (None, order.cost_currency):
        return None
    count, rest = EXACT.divmod(EXACT.multiply(charge, Decimal(order.quantity)), order.cost)
    return int(count) + (rest > ZERO)


def amounts(order: Standing, parts: Sequence[Part]) -> int:
    """What all parts that have ended brought; an end that is believed stays so."""
    found = 0
    for part in parts:
        if part.ended and part.seen:
            brought = _brought(order, part, part.seen, timedelta.max)
            found += 0 if isinstance(brought, Wait) else brought
    return found


def charges(order: Standing, parts: Sequence[Part]) -> tuple[Decimal | None, str | None]:
    """The sum when all are known, and a currency that is not the one agreed, if any names it."""
    total = ZERO
    currency: str | None = None
    for part in parts:
        if part.seen is None or part.seen.charge is None:
            return None, None
        total = EXACT.add(total, part.seen.charge)
        if part.seen.currency not in (None, order.cost_currency):
            currency = part.seen.currency
    return total, currency


def odd(order: Standing, parts: Sequence[Part]) -> tuple[Finding, ...]:
    """What is odd about single parts, one of a class."""
    found: dict[Class, Finding] = {}
    for part in parts:
        for finding in _of_one(order, part):
            note = f"part {part.number}: {finding.note}"
            found.setdefault(finding.kind, replace(finding, note=note))
    return tuple(found.values())


def _facts(seen: Observation) -> tuple[Word | str, Decimal | None, int | None]:
    return seen.word or seen.raw_word, seen.charge, seen.remains


def _brought(order: Standing, part: Part, seen: Observation, equal_for: timedelta) -> int | Wait:
    """How much an ended part delivered; a subscription's child at most what it was charged for."""
    if part.quantity is not None:
        return delivered(part.quantity, seen, equal_for, flat=order.flat)
    most = order.quantity // max(order.posts or 1, 1)
    by_word = delivered(most, seen, equal_for)
    by_charge = units(order, seen)
    if by_charge is None or (isinstance(by_word, Wait) and seen.word is Word.CANCELED):
        return by_word
    return min(by_charge, most if isinstance(by_word, Wait) else by_word)


def _of_one(order: Standing, part: Part) -> tuple[Finding, ...]:
    seen = part.seen
    if part.refused:
        return (Finding(Class.VANISHED, f"status refused: {part.refused}"),)
    if seen is None or seen.word in PROGRESS_OF:
        return ()
    if seen.word is None:
        return (Finding(Class.FORMAT, f"unknown status {seen.raw_word!r}"),)
    if not part.ended:
        brought = _brought(order, part, seen, timedelta())
        return brought.findings if isinstance(brought, Wait) else ()
    if seen.charge and seen.word is Word.CANCELED and not amounts(order, (part,)):
        return (Finding(Class.REFUND_OWED, "Canceled, and still charged", ZERO, seen.charge),)
    return ()
