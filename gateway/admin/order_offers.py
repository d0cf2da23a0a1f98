"""What may be done about an order just now, and by whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.admin.excerpts import Excerpts
from gateway.admin.order_line import Facts, evidence_of
from gateway.admin.visits import Stop, Visit
from gateway.domain.deciding import Decision, Proposed, weigh_in
from gateway.domain.goodwill import REFUNDABLE
from gateway.domain.money import ZERO
from gateway.domain.operators import Right, may
from gateway.domain.orders import ENDED, HELD, State
from gateway.domain.requests import OVER, Kind
from gateway.domain.searching import IN_DOUBT
from gateway.operations.list_operators import list_operators
from gateway.operations.preview_refund import Foreseen, preview_refund
from gateway.operations.tell_order import Goodwill, Told

NAMES_MAX = 10
WAITING_MAX = 5
EVIDENCE_BYTES_MAX = 6_000
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Doubt:
    """An attempt that may be decided. `waits`: why one operator is not enough, else empty.

    `proposed`: what one said already; `own`: it was the one who looks. `seconds`: others who may.
    """

    attempt: Row
    advice: str
    evidence: Facts
    waits: str
    proposed: Row | None
    own: bool
    seconds: Sequence[str]


@dataclass(frozen=True, slots=True)
class WaitingRefund:
    """A refund that a second operator must agree to, with what it would do, or why it cannot."""

    asked: Goodwill
    foreseen: Foreseen | None
    why_not: str
    own: bool


@dataclass(frozen=True, slots=True)
class Offers:
    """`cancel`: empty, `at once`, `asked for` or `under way`; `refill`: the same without the first.

    `refund`: something of its charge is kept.
    """

    doubt: Doubt | None
    cancel: str
    refill: str
    refund: bool
    refunds: Sequence[WaitingRefund]


async def offers_of(visit: Visit, told: Told) -> Offers:
    """All that the order allows; what the operator may not do is left out by the page."""
    state = told.order.standing.state
    cancel = "at once" if state is State.QUEUED else "asked for"
    return Offers(
        doubt=await _doubt(visit, told),
        cancel=_under_way(told, Kind.CANCEL, cancel) if state in HELD | {State.ACTIVE} else "",
        refill=_under_way(told, Kind.REFILL, "asked for")
        if state in ENDED | {State.CLOSED}
        else "",
        refund=state in REFUNDABLE and told.glimpse.kept > ZERO,
        refunds=[await _waiting(visit, told, each) for each in waiting_refunds(told)[:WAITING_MAX]],
    )


def waiting_refunds(told: Told) -> list[Goodwill]:
    """Those of an order that nobody has agreed to yet."""
    return [each for each in told.refunds if each.state == "waiting"]


async def seconds_of(visit: Visit, right: Right) -> list[str]:
    """Who else could agree: operators who may sign in and have the right."""
    return [
        each.name
        for each in await list_operators(visit.backends)
        if each.enabled and may(each.role, right) and each.name != visit.actor.name
    ]


async def alone_of(visit: Visit, right: Right, back: str) -> bool:
    """Whether he says that he is the only one; raises `Stop` where that is not so."""
    if visit.form.one("alone") != "1":
        return False
    others = await seconds_of(visit, right)
    if others:
        raise Stop(
            f"You are not the only operator: {', '.join(others[:NAMES_MAX])} may agree."
            " Nothing was changed.",
            then="Send it without that mark; then one of them can look at it.",
            back=back,
        )
    return True


async def _doubt(visit: Visit, told: Told) -> Doubt | None:
    attempt = _undecided(told)
    if attempt is None:
        return None
    number = attempt["number"]
    looked = next((row for row in told.chapters["doubts"] if row["number"] == number), None)
    said = next((row for row in told.chapters["proposed"] if row["number"] == number), None)
    limit = visit.backends.shelf.stock.catalog.markup.brakes.decided_alone_max
    decision = Decision(visit.actor, None, "")
    weighed = weigh_in(decision, None, told.order.standing.charge, limit, alone=False)
    room = Excerpts(EVIDENCE_BYTES_MAX)
    return Doubt(
        attempt=attempt,
        advice=room.of(looked["recommendation"], 600) if looked else "",
        evidence=evidence_of(looked, room) if looked else (),
        waits=weighed.why if isinstance(weighed, Proposed) else "",
        proposed=said,
        own=said is not None and said["operator"] == visit.actor.name,
        seconds=(await seconds_of(visit, Right.ORDERS))[:NAMES_MAX],
    )


def _undecided(told: Told) -> Row | None:
    """The attempt whose outcome nothing has proven, where a person may say what it was."""
    doubtful = told.order.standing.state in IN_DOUBT
    for row in told.chapters["attempts"]:
        if row["outcome"] == "uncertain":
            return row if doubtful or row["run"] > 1 else None
    return None


def _under_way(told: Told, kind: Kind, otherwise: str) -> str:
    for row in told.chapters["requests"]:
        if row["kind"] == kind and row["state"] not in OVER:
            return "under way"
    return otherwise


async def _waiting(visit: Visit, told: Told, asked: Goodwill) -> WaitingRefund:
    own = asked.operator == visit.actor.name
    if not asked.valid:
        return WaitingRefund(asked, None, "It waits for over a week: ask for it anew.", own)
    foreseen = await preview_refund(
        visit.backends, asked.order, asked.amount, actor=visit.actor, seen=told.glimpse
    )
    if isinstance(foreseen, str):
        return WaitingRefund(asked, None, foreseen, own)
    return WaitingRefund(asked, foreseen, "", own)
