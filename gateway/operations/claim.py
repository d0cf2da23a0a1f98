"""Take queued orders and due runs: what is to be sent is written down first (money.md 2, T2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from gateway.domain.catalog import Provider
from gateway.domain.lanes import LOOK_AGAIN, Lanes
from gateway.domain.outcomes import QUEUED_AT_MOST, RUN_LATE_AT_MOST, Outcome
from gateway.domain.sending import (
    CANCELED,
    JITTER_MILLISECONDS,
    Fruitless,
    GiveUp,
    Picked,
    after_run,
    pick,
    pick_run,
)
from gateway.operations import Backends
from gateway.storage import breakers, claims, lanes, ledger, runs, settling
from gateway.storage.claims import Departure, Queued, Start, Unreadable
from gateway.storage.database import Connection
from gateway.storage.ledger import Posting
from gateway.upstream.batches import SETTLING_SECONDS
from gateway.upstream.panels import KeyMissing

ACTOR = "dispatch"
LOOKED_AT_MAX = 200


@dataclass(frozen=True, slots=True)
class _Queue:
    """Whose queued orders are claimed, for how long, and in which of its lanes there is room.

    `shut`: the providers behind an open breaker.
    `only`: the ones that are claimed, and no others.
    """

    provider: str
    lease_seconds: int
    lanes: Lanes
    shut: Mapping[str, timedelta]
    only: Sequence[int] | None = None


async def claim(
    backends: Backends,
    provider: str,
    worker: int,
    limit: int,
    only: Sequence[int] | None = None,
) -> list[Departure]:
    """Take at most `limit` queued orders and due runs of a provider and write their attempts.

    Committed before this returns: nothing is ever sent that was not written down first. Orders that
    no offer can take any more are ended here, those that another provider must take are handed on.
    `only`: of the orders these alone.
    """
    to = backends.shelf.stock.catalog.providers.get(provider)
    if not _callable(backends, to):
        return []
    lease = to.timeout_seconds + SETTLING_SECONDS if to else 0
    async with backends.database.transaction() as connection:
        gate = await breakers.gate(connection, provider, limit)
        # without its document it gets nothing: its orders are handed on, or end
        if not (limit := gate.limit if to else limit):
            return []
        busy = await lanes.load(connection, provider, to.late_seconds) if to else Lanes()
        if not (limit := busy.room(limit)):
            return []
        # neither waits for the other for ever; of a single place chance decides
        share = (limit + backends.chance.randrange(2)) // 2
        starts = await _claim_runs(backends, connection, provider, lease, share)
        # on record at once, so that what is still due is not the same again
        keys = await claims.start(connection, starts, worker)
        more = await _claim_queued(
            backends,
            connection,
            _Queue(provider, lease, busy, gate.shut, only),
            limit - len(starts),
        )
        rest = limit - len(starts) - len(more)
        if len(starts) == share and rest:
            more += await _claim_runs(backends, connection, provider, lease, rest)
        keys |= await claims.start(connection, more, worker)
        starts += more
    return [
        Departure(keys[each.order], to, each.picked.ref, each.placement) for each in starts if to
    ]


def _callable(backends: Backends, provider: Provider | None) -> bool:
    """Without its key a provider is not even tried; the sync tells the operator."""
    try:
        if provider is not None:
            backends.panels.of(provider)
    except KeyMissing:
        return False
    return True


async def _claim_queued(
    backends: Backends, connection: Connection, queue: _Queue, limit: int
) -> list[Start]:
    """The longest waiting first; those whose lane is taken wait, so that more are looked at."""
    stock = backends.shelf.stock
    starts: list[Start] = []
    hopeless: dict[int, str] = {}
    waiting: list[int] = []
    entered: set[Decimal] = set()
    seconds = int(QUEUED_AT_MOST.total_seconds())
    looked_at = max(limit, LOOKED_AT_MAX) if limit and queue.lanes.taken else limit
    for order in await claims.claim(connection, queue.provider, looked_at, seconds, queue.only):
        if len(starts) == limit:
            break
        if isinstance(order, Unreadable):
            hopeless[order.id] = order.why
            continue
        picked = pick(stock.catalog, stock.offers, order.sale, shut=queue.shut)
        if isinstance(picked, GiveUp) or order.cancel_wanted or order.too_old:
            hopeless[order.id] = _why_not(order, picked)
        elif picked.ref.provider != queue.provider:
            await claims.reroute(connection, order.id, picked.ref)
            backends.waker.wake(picked.ref.provider)
        elif queue.lanes.are_free(picked.sent_cost, entered):
            entered.add(picked.sent_cost)
            placement = order.placement.one_run() if picked.self_run else order.placement
            starts.append(Start(order.id, picked, placement, queue.lease_seconds))
        else:
            waiting.append(order.id)
    await claims.put_off(connection, waiting, LOOK_AGAIN)
    if hopeless:
        await _give_up(connection, hopeless)
    return starts


def _why_not(order: Queued, picked: Picked | GiveUp) -> str:
    if order.cancel_wanted:
        return CANCELED
    if order.too_old:
        return "queued for too long"
    return picked.reason if isinstance(picked, GiveUp) else ""


async def _claim_runs(
    backends: Backends, connection: Connection, provider: str, lease_seconds: int, limit: int
) -> list[Start]:
    """Runs go where the first one went, while that may be sent and earns enough; else they wait."""
    if not limit:
        return []
    stock = backends.shelf.stock
    starts: list[Start] = []
    for due in await runs.claim(connection, provider, limit):
        picked = pick_run(stock.catalog, stock.offers, due.sale, due.cost_currency)
        if due.cancel_wanted:
            await runs.no_more(connection, [due.key.order])
        elif due.late_for > RUN_LATE_AT_MOST:
            late = GiveUp("it could not be sent in time")
            await runs.retry(connection, due.key, late, due.tries)
        elif isinstance(picked, GiveUp):
            jitter = backends.chance.randrange(JITTER_MILLISECONDS)
            then = after_run(Fruitless(due.ref, Outcome.NOT_SENT), due.tries + 1, jitter)
            await runs.retry(connection, due.key, then, due.tries + 1)
        else:
            key, placement = due.key, due.placement.one_run()
            starts.append(Start(key.order, picked, placement, lease_seconds, key.number))
    return starts


async def _give_up(connection: Connection, hopeless: dict[int, str]) -> None:
    released: list[Posting] = []
    for order, locked in (await settling.lock(connection, list(hopeless))).items():
        reason = hopeless[order]
        released += await settling.fail(connection, [locked], actor=ACTOR, reason=reason)
    await ledger.post(connection, released, actor=ACTOR)
