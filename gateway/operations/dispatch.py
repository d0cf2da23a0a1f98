"""Send queued orders: claim and write the attempt, call with no transaction open, settle.

The caller runs the three steps at its own pace; each is complete in itself (architecture.md).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.domain.catalog import OfferRef, Provider
from gateway.domain.orders import HELD, State
from gateway.domain.outcomes import PAUSE_SECONDS, QUEUED_AT_MOST, Outcome, consequence
from gateway.domain.placements import Placement
from gateway.domain.refusals import Code
from gateway.domain.sending import Again, GiveUp, Sale, after, pick
from gateway.domain.targets import Class, Finding
from gateway.operations import Backends
from gateway.storage import claims, discrepancies, ledger, offers, settling
from gateway.storage.claims import AttemptKey, Queued, Start
from gateway.storage.database import Connection
from gateway.storage.ledger import Posting
from gateway.storage.settling import Ended, Locked, Move
from gateway.upstream.outcomes import Attempted, interrupted
from gateway.upstream.panels import KeyMissing
from gateway.upstream.trace import TraceLog

ACTOR = "dispatch"
SETTLING_SECONDS = 20
JITTER_MILLISECONDS = 1_000


@dataclass(frozen=True, slots=True)
class Departure:
    """An order whose attempt is on record and which may now be sent, once."""

    key: AttemptKey
    provider: Provider
    ref: OfferRef
    placement: Placement


@dataclass(frozen=True, slots=True)
class Returned:
    """How a departure ended, and what it refuses, for the next step."""

    ended: Ended
    ref: OfferRef
    code: Code | None = None


async def claim(backends: Backends, provider: str, worker: int, limit: int) -> list[Departure]:
    """Take at most `limit` queued orders of a provider and write their attempts.

    Committed before this returns: nothing is ever sent that was not written down first. Orders that
    no offer can take any more are ended here, those that another provider must take are handed on.
    """
    stock = backends.shelf.stock
    if not _callable(backends, provider):
        return []
    departures: list[tuple[Queued, Start, Provider]] = []
    hopeless: dict[int, str] = {}
    async with backends.database.transaction() as connection:
        if provider in stock.catalog.providers and await offers.is_paused(connection, provider):
            return []
        seconds = int(QUEUED_AT_MOST.total_seconds())
        for order in await claims.claim(connection, provider, limit, seconds):
            picked = pick(stock.catalog, stock.offers, _sale(order))
            if order.too_old:
                hopeless[order.id] = "queued for too long"
            elif isinstance(picked, GiveUp):
                hopeless[order.id] = picked.reason
            elif picked.ref.provider != provider:
                await claims.reroute(connection, order.id, picked.ref)
                backends.waker.wake(picked.ref.provider)
            else:
                to = stock.catalog.providers[provider]
                lease = to.timeout_seconds + SETTLING_SECONDS
                start = Start(
                    order.id,
                    picked.ref,
                    picked.cost,
                    picked.cost_currency,
                    picked.conversion,
                    lease,
                )
                departures.append((order, start, to))
        if hopeless:
            await _give_up(connection, hopeless)
        keys = await claims.start(connection, [start for _, start, _ in departures], worker)
    return [
        Departure(keys[order.id], to, start.ref, order.placement) for order, start, to in departures
    ]


async def stray_providers(backends: Backends) -> list[str]:
    """Providers that queued orders wait for although they are in the catalog no more."""
    known = backends.shelf.stock.catalog.providers
    async with backends.database.reading() as connection:
        return [name for name in await claims.waiting_providers(connection) if name not in known]


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
    )


async def settle(backends: Backends, returned: Sequence[Returned]) -> set[str]:
    """Write down how attempts ended, with all that follows; the providers whose list is outdated.

    Repeating it does nothing: an attempt ends once.
    """
    outdated: set[str] = set()
    async with backends.database.transaction() as connection:
        locked = await settling.lock(connection, [each.ended.key.order for each in returned])
        sound = await _without_known_ids(connection, returned)
        fresh = await settling.end_attempts(connection, [each.ended for each in sound])
        live = [each for each in sound if each.ended.key in fresh]
        postings = await _confirm(backends, connection, locked, live)
        for each in live:
            order = locked[each.ended.key.order]
            if each.ended.outcome is Outcome.UNCERTAIN:
                await settling.doubt(connection, order, each.ended, actor=ACTOR)
            elif each.ended.outcome is not Outcome.ACCEPTED:
                postings += await _follow(backends, connection, order, each)
                if consequence(each.code).resync and each.ended.outcome is Outcome.REFUSED:
                    outdated.add(each.ref.provider)
        await ledger.post(connection, postings, actor=ACTOR)
    return outdated


def _callable(backends: Backends, provider: str) -> bool:
    """Without its key a provider is not even tried; the sync tells the operator."""
    document = backends.shelf.stock.catalog.providers.get(provider)
    try:
        if document is not None:
            backends.panels.of(document)
    except KeyMissing:
        return False
    return True


async def _without_known_ids(
    connection: Connection, returned: Sequence[Returned]
) -> list[Returned]:
    """An id that this provider gave for another order proves nothing: an incident, not an order."""
    asked = [
        (each.ref.provider, each.ended.provider_order)
        for each in returned
        if each.ended.provider_order
    ]
    owners = await settling.known_orders(connection, asked)
    sound: list[Returned] = []
    for each in returned:
        number = each.ended.provider_order
        owner = owners.get((each.ref.provider, number)) if number else None
        if number and owner not in (None, each.ended.key.order):
            note = f"{each.ref.provider} gave id {number} again, which is order {owner}"
            finding = Finding(Class.FOREIGN, note)
            order = each.ended.key.order
            await discrepancies.record(connection, each.ref.provider, order, [finding])
            doubtful = replace(
                each.ended, outcome=Outcome.UNCERTAIN, provider_order=None, reason=note
            )
            sound.append(replace(each, ended=doubtful))
            continue
        if number:
            owners[each.ref.provider, number] = each.ended.key.order
        sound.append(each)
    return sound


async def _confirm(
    backends: Backends,
    connection: Connection,
    locked: dict[int, Locked],
    live: Sequence[Returned],
) -> list[Posting]:
    accepted: dict[str, list[tuple[Locked, str]]] = {}
    for each in live:
        order, number = locked[each.ended.key.order], each.ended.provider_order
        if each.ended.outcome is not Outcome.ACCEPTED or number is None:
            continue
        if order.state in HELD:
            accepted.setdefault(each.ref.provider, []).append((order, number))
        else:
            note = f"accepted as {number} after the order was {order.state}"
            finding = Finding(Class.FOREIGN, note)
            await discrepancies.record(connection, each.ref.provider, order.id, [finding])
    postings: list[Posting] = []
    for provider, orders in accepted.items():
        document = backends.shelf.stock.catalog.providers.get(provider)
        pace = document.poll_seconds if document else PAUSE_SECONDS
        postings += await settling.confirm(connection, orders, actor=ACTOR, poll_seconds=pace)
    return postings


async def _follow(
    backends: Backends, connection: Connection, order: Locked, each: Returned
) -> list[Posting]:
    """After proof that nothing was taken: another try or the end, and what is to be posted."""
    if order.state not in (State.SENDING, State.UNCONFIRMED, State.REVIEW):
        return []
    if each.ended.outcome is Outcome.REFUSED and consequence(each.code).pauses_provider:
        await offers.pause(connection, each.ref.provider, each.ended.reason, PAUSE_SECONDS)
    stock = backends.shelf.stock
    queued = await claims.load(connection, order.id)
    jitter = backends.chance.randrange(JITTER_MILLISECONDS)
    fruitless = (each.ref, each.ended.outcome, each.code)
    then = after(stock.catalog, stock.offers, _sale(queued), fruitless, jitter)
    if isinstance(then, Again) and order.state is not State.REVIEW:
        await settling.requeue(
            connection, order, then.ref, tried=then.tried, tries=then.tries, wait=then.wait
        )
        move = Move(order.id, order.state, State.QUEUED, _why(each))
        await settling.move(connection, [move], actor=ACTOR)
        backends.waker.wake(then.ref.provider)
        return []
    return await settling.fail(connection, [order], actor=ACTOR, reason=_why(each))


async def _give_up(connection: Connection, hopeless: dict[int, str]) -> None:
    released: list[Posting] = []
    for order, locked in (await settling.lock(connection, list(hopeless))).items():
        reason = hopeless[order]
        released += await settling.fail(connection, [locked], actor=ACTOR, reason=reason)
    await ledger.post(connection, released, actor=ACTOR)


def _sale(order: Queued) -> Sale:
    return Sale(
        order.placement,
        order.offers,
        order.charge,
        order.margin_min_percent,
        order.tried,
        order.tries,
    )


def _ended(key: AttemptKey, attempted: Attempted) -> Ended:
    trace = attempted.trace
    return Ended(
        key=key,
        outcome=attempted.outcome,
        provider_order=attempted.order,
        reason=attempted.reason,
        code=(attempted.refused.code or "unseen") if attempted.refused else None,
        trace=(trace.sent, trace.body, trace.resp),
        http_status=attempted.http_status,
        raw=attempted.raw,
        took_milliseconds=attempted.took_milliseconds,
    )


def _why(each: Returned) -> str:
    return f"{each.ended.outcome} by {each.ref}: {each.ended.reason}"
