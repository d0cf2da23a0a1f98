"""Give a customer what is not his payment, or take it: goodwill, or a correction (money.md 6)."""

from dataclasses import dataclass
from decimal import Decimal

from gateway.domain.money import EXACT, LEDGER_STEP, ZERO, plain
from gateway.domain.operators import Actor
from gateway.domain.reasons import NoReason, reason_of
from gateway.domain.second import second_needed
from gateway.operations import Backends
from gateway.storage import adjusting, adjustments, customers_listed, deeds
from gateway.storage.adjustments import Adjustment, Proposal, Short, TokenTaken
from gateway.storage.database import Connection
from gateway.storage.deeds import Deed

__all__ = [
    "Adjustment",
    "NoReason",
    "NotAlone",
    "Short",
    "TokenTaken",
    "Wanted",
    "adjust",
]

AMOUNT_BELOW = Decimal(10) ** 12
TOKEN_CHARACTERS_MAX = 100


class NotAlone(Exception):  # noqa: N818  an expected no
    """There is another operator who may move money: he is asked."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An adjustment in house currency: above 0 the customer gets it, below 0 it is taken from him.

    The token is the form's own: sent twice it is one adjustment. `alone`: there is no second
    operator, which stays on record.
    """

    customer: int
    amount: Decimal
    reason: str
    token: str
    alone: bool = False


async def adjust(backends: Backends, wanted: Wanted, *, actor: Actor) -> Adjustment | None:
    """Booked, or waiting for a second operator (`outcome` None); None: no such customer.

    Above 50 of one operator's in a day (UTC) a second one must agree. Raises `NoReason`; `Short`
    when the customer has less than is to be taken; `NotAlone`; `TokenTaken` for another adjustment
    with this token; ValueError for an amount or a token that is none.
    """
    proposal = _proposal(wanted)
    async with backends.database.transaction() as connection:
        found = await customers_listed.find(connection, wanted.customer)
        if found is None:
            return None
        await adjusting.lock(connection, actor.name)
        today = await adjusting.today(connection, actor.name)
        if known := await adjustments.by_token(connection, proposal.token):
            return _same(known, proposal)
        if EXACT.add(found.available, wanted.amount) < ZERO:
            raise Short(found.available)
        needed = second_needed(wanted.amount, today)
        if needed and wanted.alone and await adjustments.has_second(connection, actor.name):
            raise NotAlone
        number = await adjustments.propose(connection, proposal, actor.name)
        made = await adjustments.find(connection, number)
        if made is None:
            raise AssertionError("what was just written is there")
        if needed and not wanted.alone:
            await _record(connection, actor, made, "propose adjustment")
            return made
        await adjustments.book(connection, made, actor.name, alone=needed)
        await _record(connection, actor, made, "adjust alone" if needed else "adjust")
        return await adjustments.find(connection, number)


def _proposal(wanted: Wanted) -> Proposal:
    amount = wanted.amount
    if not amount.is_finite() or not ZERO < abs(amount) < AMOUNT_BELOW:
        raise ValueError("an adjustment is an amount above or below 0")
    if EXACT.remainder(amount, LEDGER_STEP):
        raise ValueError("an amount has at most 12 decimals")
    if not 1 <= len(wanted.token) <= TOKEN_CHARACTERS_MAX:
        raise ValueError(f"a token has 1 to {TOKEN_CHARACTERS_MAX} characters")
    return Proposal(wanted.customer, amount, reason_of(wanted.reason), wanted.token)


def _same(known: Adjustment, proposal: Proposal) -> Adjustment:
    """What was made of the form when it came first."""
    before = (known.customer, known.amount, known.reason)
    if before != (proposal.customer, proposal.amount, proposal.reason):
        raise TokenTaken(proposal.token)
    return known


async def _record(connection: Connection, actor: Actor, made: Adjustment, what: str) -> None:
    told = {"adjustment": made.id, "amount": plain(made.amount)}
    await deeds.record(
        connection, actor, Deed(what, f"customer:{made.customer}", {}, told, made.reason)
    )
