"""An operator decides an order whose outcome could not be proven (money.md 2, T11)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from gateway.domain.deciding import Decision, Proposed, weigh_in
from gateway.domain.glimpse import Glimpse, moved_on
from gateway.domain.orders import State
from gateway.domain.outcomes import Outcome
from gateway.domain.reasons import why_no_reason
from gateway.operations import Backends
from gateway.storage import claims, deeds, goodwill, incidents, ledger, proposals, runs, settling
from gateway.storage.claims import AttemptKey
from gateway.storage.database import Connection
from gateway.storage.deeds import Deed
from gateway.storage.runs import RunKey
from gateway.storage.settling import Ended, Locked, Taken

DOUBTFUL = (State.UNCONFIRMED, State.REVIEW)
PROVIDER_ORDER = re.compile(r"[!-~]{1,64}")


@dataclass(frozen=True, slots=True)
class Decided:
    """`why_not`: why it cannot be; `waits`: why a second operator is waited for; done: neither.

    `moved`: how the order stands now, where it is refused for having moved on since it was shown.
    """

    why_not: str = ""
    waits: str = ""
    moved: Glimpse | None = None


@dataclass(frozen=True, slots=True)
class _Said:
    """What is carried out: `accepted` is the provider's id, empty where it was refused."""

    operator: str
    accepted: str
    reason: str


async def resolve(
    backends: Backends,
    order: int,
    decision: Decision,
    *,
    seen: Glimpse | None = None,
    alone: bool = False,
) -> Decided:
    """Accepted under the provider's id, or refused; of an order in runs the one in doubt.

    Above the charge `decided_alone_max` nothing is done before a second operator says the same;
    `alone`: there is none. `seen`: how the order stood when the form was shown.
    """
    if why_not := _unsayable(decision):
        return Decided(why_not)
    async with backends.database.transaction() as connection:
        locked = (await settling.lock(connection, [order])).get(order)
        now = await goodwill.charged(connection, order)
        if locked is None or now is None:
            return Decided(f"there is no order {order}")
        if moved := moved_on(order, seen, now.glimpse):
            return Decided(moved, moved=now.glimpse)
        key = await claims.live_attempt(connection, order)
        if key is None or (locked.state not in DOUBTFUL and key.run == 1):
            return Decided(_undecidable(locked))
        if why_not := await _taken_by(connection, locked, decision.accepted):
            return Decided(why_not)
        return await _weigh(backends, connection, locked, key, decision, alone=alone)


async def _weigh(
    backends: Backends,
    connection: Connection,
    order: Locked,
    key: AttemptKey,
    decision: Decision,
    *,
    alone: bool,
) -> Decided:
    before = await proposals.find(connection, key)
    limit = backends.shelf.stock.catalog.markup.brakes.decided_alone_max
    agreed = weigh_in(decision, before, order.charge, limit, alone=alone)
    if isinstance(agreed, Proposed):
        await proposals.propose(connection, key, decision)
        proposed = {"proposed": decision.meant, "waits": agreed.why}
        await _record(connection, "propose a decision", order, key, decision, proposed)
        return Decided(waits=agreed.why)
    await proposals.forget(connection, order.id)
    said = _Said(decision.operator, decision.accepted or "", agreed.reason)
    if said.accepted:
        await _accepted(backends, connection, order, key, said)
    else:
        await _refused(connection, order, key, said)
    now = await goodwill.charged(connection, order.id)
    after = {"state": now.state if now else None, "decided": decision.meant, "why": agreed.reason}
    await _record(connection, "decide order", order, key, decision, after)
    return Decided()


async def _record(
    connection: Connection,
    what: str,
    order: Locked,
    key: AttemptKey,
    decision: Decision,
    after: Mapping[str, str | None],
) -> None:
    before = {"state": order.state, "attempt": key.number}
    deed = Deed(what, f"order:{order.id}", before, after, decision.note)
    await deeds.record(connection, decision.actor, deed)


def _unsayable(decision: Decision) -> str:
    if decision.accepted is not None and not PROVIDER_ORDER.fullmatch(decision.accepted):
        return f"{decision.accepted!r} is not an id: 1 to 64 visible characters"
    return why_no_reason(decision.note)


def _undecidable(order: Locked) -> str:
    if order.state not in DOUBTFUL:
        return f"order {order.id} is {order.state}: only unconfirmed and review are decided"
    return f"order {order.id} has no attempt to decide"


async def _taken_by(connection: Connection, order: Locked, accepted: str | None) -> str:
    """Whose an id is already, in words."""
    if accepted is None:
        return ""
    known = (order.ref.provider, accepted)
    owner = (await incidents.known(connection, [known])).get(known)
    return f"id {accepted} of {known[0]} belongs to order {owner[0]}" if owner else ""


async def _accepted(
    backends: Backends, connection: Connection, order: Locked, key: AttemptKey, said: _Said
) -> None:
    ended = Ended(key, Outcome.ACCEPTED, said.accepted, reason=said.reason)
    costs = await settling.end_attempts(connection, [ended])
    taken = [Taken(order, key, said.accepted, costs[key])]
    providers = backends.shelf.stock.catalog.providers
    booked = await settling.confirm(connection, taken, providers, actor=said.operator)
    await ledger.post(connection, booked, actor=said.operator)


async def _refused(connection: Connection, order: Locked, key: AttemptKey, said: _Said) -> None:
    ended = Ended(key, Outcome.DISPROVED, reason=said.reason)
    await settling.end_attempts(connection, [ended])
    if key.run > 1:
        run = RunKey(order.id, key.run, order.ref.provider)
        await runs.retry(connection, run, timedelta(), tries=0)
        return
    released = await settling.fail(connection, [order], actor=said.operator, reason=said.reason)
    await ledger.post(connection, released, actor=said.operator)
