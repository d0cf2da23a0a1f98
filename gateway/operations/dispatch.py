"""Send what was claimed, with no transaction open, and settle how it ended (money.md 2, T3 to T6).

The caller runs the steps at its own pace; each is complete in itself (architecture.md).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.domain import breaker
from gateway.domain.catalog import OfferRef
from gateway.domain.orders import State
from gateway.domain.outcomes import Outcome, consequence, pause_seconds
from gateway.domain.refusals import Code
from gateway.domain.sending import CANCELED, JITTER_MILLISECONDS, Again, Fruitless, after, after_run
from gateway.operations import Backends
from gateway.storage import breakers, claims, incidents, ledger, offers, runs, settling, unseen
from gateway.storage.claims import AttemptKey, Departure
from gateway.storage.database import Connection
from gateway.storage.ledger import Posting
from gateway.storage.moves import Move, move
from gateway.storage.runs import RunKey
from gateway.storage.settling import Ended, Locked, Taken
from gateway.upstream.outcomes import Attempted, interrupted
from gateway.upstream.panels import KeyMissing
from gateway.upstream.trace import TraceLog

ACTOR = "dispatch"


@dataclass(frozen=True, slots=True)
class Returned:
    """How a departure ended, and what it refuses, for the next step.

    `retry_after_seconds`: how long the provider says to wait; None when it does not say.
    """

    ended: Ended
    ref: OfferRef
    code: Code | None = None
    retry_after_seconds: int | None = None

    @property
    def fruitless(self) -> Fruitless:
        """What follows is decided by."""
        pause = pause_seconds(self.retry_after_seconds)
        return Fruitless(self.ref, self.ended.outcome, self.code, pause)


async def send(backends: Backends, departure: Departure) -> Returned:
    """Make the one call of a departure. Cancelled in the middle, it tells what has left so far."""
    log = TraceLog()
    try:
        panel = backends.panels.of(departure.provider)
        attempted = await panel.add(departure.ref.offer, departure.placement, log=log)
    except KeyMissing as error:
        ended = Ended(departure.key, Outcome.NOT_SENT, reason=str(error))
        return Returned(ended, departure.ref)
    except asyncio.CancelledError:
        # the process is stopping: what has left decides, and the settling still follows
        attempted = interrupted(log)
    return Returned(
        _ended(departure.key, attempted),
        departure.ref,
        attempted.refused.code if attempted.refused else None,
        attempted.retry_after_seconds,
    )


async def settle(backends: Backends, returned: Sequence[Returned]) -> set[str]:
    """Write down how attempts ended, with all that follows; the providers whose list is outdated.

    Repeating it does nothing: an attempt ends once.
    """
    outdated: set[str] = set()
    async with backends.database.transaction() as connection:
        locked = await settling.lock(connection, [each.ended.key.order for each in returned])
        sound = await incidents.without_known_ids(
            connection, [(each.ref.provider, each.ended) for each in returned]
        )
        costs = await settling.end_attempts(connection, sound)
        live = [
            replace(each, ended=ended)
            for each, ended in zip(returned, sound, strict=True)
            if ended.key in costs
        ]
        taken = [
            Taken(locked[ended.key.order], ended.key, ended.provider_order, costs[ended.key])
            for ended in sound
            if ended.key in costs and ended.provider_order
        ]
        in_time = await incidents.in_time(connection, taken)
        providers = backends.shelf.stock.catalog.providers
        postings = await settling.confirm(connection, in_time, providers, actor=ACTOR)
        for each in live:
            order = locked[each.ended.key.order]
            if each.ended.outcome is Outcome.UNCERTAIN:
                await settling.doubt(connection, order, each.ended, actor=ACTOR)
            elif each.ended.outcome is not Outcome.ACCEPTED:
                postings += await _follow(backends, connection, order, each)
            if each.ended.outcome is Outcome.REFUSED and consequence(each.code).resync:
                outdated.add(each.ref.provider)
        await ledger.post(connection, postings, actor=ACTOR)
        told = [each for each in live if each.ended.code != breaker.OURS]
        await breakers.heed(connection, [(each.ref.provider, each.ended.outcome) for each in told])
    return outdated


async def _follow(
    backends: Backends, connection: Connection, order: Locked, each: Returned
) -> list[Posting]:
    """After proof that nothing was taken: another try or the end, and what is to be posted."""
    fruitless = each.fruitless
    await _heed(connection, each, fruitless)
    if each.ended.key.run > 1:
        run = RunKey(order.id, each.ended.key.run, each.ref.provider)
        await _retry_run(backends, connection, run, order.run_tries, fruitless)
        return []
    if order.state not in (State.SENDING, State.UNCONFIRMED, State.REVIEW):
        return []
    stock = backends.shelf.stock
    queued = await claims.load(connection, order.id)
    jitter = backends.chance.randrange(JITTER_MILLISECONDS)
    then = after(stock.catalog, stock.offers, queued.sale, fruitless, jitter)
    if isinstance(then, Again) and order.state is not State.REVIEW and not order.cancel_wanted:
        await settling.requeue(
            connection, order, then.ref, tried=then.tried, tries=then.tries, wait=then.wait
        )
        back = Move(order.id, order.state, State.QUEUED, _why(each))
        await move(connection, [back], actor=ACTOR)
        backends.waker.wake(then.ref.provider)
        return []
    reason = CANCELED if order.cancel_wanted else _why(each)
    return await settling.fail(connection, [order], actor=ACTOR, reason=reason)


async def _heed(connection: Connection, each: Returned, fruitless: Fruitless) -> None:
    """What a refusal says of its provider: to leave it alone, or a sentence never seen."""
    if each.ended.outcome is not Outcome.REFUSED:
        return
    provider, reason = each.ref.provider, each.ended.reason
    if each.code is None:
        await unseen.note(connection, provider, "add", reason)
    if consequence(each.code).pauses_provider:
        await offers.pause(connection, provider, reason, fruitless.pause_seconds)


async def _retry_run(
    backends: Backends, connection: Connection, run: RunKey, tries: int, fruitless: Fruitless
) -> None:
    jitter = backends.chance.randrange(JITTER_MILLISECONDS)
    then = after_run(fruitless, tries + 1, jitter)
    await runs.retry(connection, run, then, tries + 1)


def _ended(key: AttemptKey, attempted: Attempted) -> Ended:
    trace, code = attempted.trace, breaker.OURS if attempted.ours else None
    if attempted.refused:
        code = attempted.refused.code or "unseen"
    return Ended(
        key=key,
        outcome=attempted.outcome,
        provider_order=attempted.order,
        reason=attempted.reason,
        code=code,
        trace=(trace.sent, trace.body, trace.resp),
        http_status=attempted.http_status,
        raw=attempted.raw,
        took_milliseconds=attempted.took_milliseconds,
    )


def _why(each: Returned) -> str:
    return f"{each.ended.outcome} by {each.ref}: {each.ended.reason}"
