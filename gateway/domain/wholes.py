"""What an order comes to by its provider's row and by its parts (money.md 7)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from gateway.domain.money import EXACT, ZERO
from gateway.domain.observations import Observation, Word
from gateway.domain.orders import END_OF, ENDED, PROGRESS_OF, Standing, State
from gateway.domain.parts import Part, amounts, charges, odd, sound_charge, units
from gateway.domain.targets import ROUNDING_MAX, Class, Finding


@dataclass(frozen=True, slots=True)
class Whole:
    """What is known of a whole order: `seen` is judged as any other observation.

    None = nothing is judged, as a part of what had ended says something that is not believed yet.
    `started`: runs or children so far; `delivered`: by what has ended; None = nobody tells.
    `word`: the provider's own.
    """

    seen: Observation | None
    started: int
    delivered: int | None = None
    word: Word | None = None
    findings: tuple[Finding, ...] = ()


def from_runs(
    order: Standing, parts: Sequence[Part], *, more: bool, unproven: int | None = None
) -> Whole:
    """A drip-feed that we run ourselves: it has no row of its own, its runs are all there is.

    `more`: runs are still to come; `unproven`: the run of which nobody knows whether it was taken.
    """
    findings = odd(order, parts)
    if unproven is not None:
        findings = (*findings, unproven_run(unproven))
    amount = min(amounts(order, parts), order.quantity)
    if _in_doubt(order, parts):
        seen = None
    elif more or not parts or not _all_ended(parts):
        seen = _going_on(order, parts, amount)
    else:
        seen = _end(order, parts, amount)
    return Whole(seen, len(parts), amount, seen.word if seen else None, findings)


def from_row(order: Standing, parts: Sequence[Part], row: Observation) -> Whole:
    """An order with a row of its own; `parts` are the children that it has named so far."""
    if order.subscribes:
        return _subscription(order, parts, row)
    started = max(order.parts, len(parts), min(row.runs or 0, order.runs or 0))
    silent = row.charge is None and row.remains is None
    if order.runs is None or not parts or not silent or row.word is None:
        return Whole(row, started, order.delivered, row.word)
    amount = min(amounts(order, parts), order.quantity)
    findings = (*odd(order, parts), *_beyond(order, len(parts), order.runs))
    if row.word in PROGRESS_OF:
        seen = replace(_going_on(order, parts, amount), word=row.word)
    elif _in_doubt(order, parts):
        seen = None
    elif not _all_ended(parts):
        seen = _going_on(order, parts, amount)
    else:
        if END_OF[row.word] is State.COMPLETED:
            # that is said of the runs, too, whose children it does not name
            done = order.runs if row.runs is None else min(row.runs, order.runs)
            unnamed = max(0, done - len(parts)) * (order.quantity // order.runs)
            amount = min(amount + unnamed, order.quantity)
        seen = _end(order, parts, amount)
    return Whole(seen, started, amount, row.word, findings)


def unproven_run(run: int) -> Finding:
    """What an operator must decide before an order goes on."""
    return Finding(Class.STUCK, f"run {run} is unconfirmed: later runs wait")


def _subscription(order: Standing, parts: Sequence[Part], row: Observation) -> Whole:
    """What its children brought, within the bound; without children, what its own charge tells."""
    row = replace(row, charge=sound_charge(row))
    amount = _subscribed(order, parts, row)
    charge, currency = row.charge, row.currency
    if parts and not charge:
        charge, currency = charges(order, parts)
    named = max(len(parts), len(row.children or ()))
    findings = (*odd(order, parts), *_beyond(order, named, order.posts or 0, charge))
    if row.word not in END_OF:
        seen = replace(row, charge=None, remains=None)
    elif _in_doubt(order, parts):
        seen = None
    elif not _all_ended(parts):
        seen = Observation(Word.IN_PROGRESS)
    else:
        remains = None if amount is None else order.quantity - amount
        seen = Observation(row.word, charge, row.start_count, remains, currency)
    return Whole(seen, len(parts), amount, row.word, findings)


def _subscribed(order: Standing, parts: Sequence[Part], row: Observation) -> int | None:
    if parts:
        return min(amounts(order, parts), order.quantity)
    by_charge = units(order, row)
    if by_charge is not None:
        return min(by_charge, order.quantity)
    # without a child a charge of nothing is nothing; of Completed it would be no explanation
    nothing = row.charge == ZERO and row.word is not Word.COMPLETED
    return 0 if nothing or row.children == () else None


def _all_ended(parts: Sequence[Part]) -> bool:
    return all(part.ended for part in parts)


def _in_doubt(order: Standing, parts: Sequence[Part]) -> bool:
    """Whether what had ended would go back for an answer that itself is not believed."""
    return order.state in ENDED and any(
        part.seen and not part.ended and part.seen.word not in PROGRESS_OF for part in parts
    )


def _going_on(order: Standing, parts: Sequence[Part], amount: int) -> Observation:
    done = amount
    for part in parts:
        left = part.seen.remains if part.seen and not part.ended else None
        if left is not None and part.quantity and 0 < left <= part.quantity:
            done += part.quantity - left
    return Observation(
        Word.IN_PROGRESS, start_count=_first(parts), remains=max(0, order.quantity - done)
    )


def _end(order: Standing, parts: Sequence[Part], amount: int) -> Observation:
    charge, currency = charges(order, parts)
    word = Word.PARTIAL if amount else Word.CANCELED
    if amount >= order.quantity:
        word = Word.COMPLETED
    return Observation(word, charge, _first(parts), order.quantity - amount, currency)


def _first(parts: Sequence[Part]) -> int | None:
    return parts[0].seen.start_count if parts and parts[0].seen else None


def _beyond(
    order: Standing, named: int, agreed: int, charge: Decimal | None = None
) -> tuple[Finding, ...]:
    """More than was agreed is our cost, never the customer's, until somebody has explained it."""
    rounding = EXACT.multiply(ROUNDING_MAX, Decimal(max(named, 1)))
    if charge is not None and charge > EXACT.add(order.cost, rounding):
        note = f"charged beyond the bound, for {named} children"
        return (Finding(Class.FOREIGN, note, order.cost, charge),)
    if named > agreed:
        return (Finding(Class.FOREIGN, f"{named} children, beyond the bound of {agreed}"),)
    return ()
