"""Take queued orders and due runs: what is to be sent is written down first (money.md 2, T2)."""

from gateway.domain.catalog import Provider
from gateway.domain.outcomes import QUEUED_AT_MOST, RUN_LATE_AT_MOST, Outcome
from gateway.domain.sending import (
    CANCELED,
    JITTER_MILLISECONDS,
    Fruitless,
    GiveUp,
    after_run,
    pick,
    pick_run,
)
from gateway.operations import Backends
from gateway.storage import breakers, claims, ledger, offers, runs, settling
from gateway.storage.claims import Departure, Start
from gateway.storage.database import Connection
from gateway.storage.ledger import Posting
from gateway.upstream.batches import SETTLING_SECONDS
from gateway.upstream.panels import KeyMissing

ACTOR = "dispatch"


async def claim(backends: Backends, provider: str, worker: int, limit: int) -> list[Departure]:
    """Take at most `limit` queued orders and due runs of a provider and write their attempts.

    Committed before this returns: nothing is ever sent that was not written down first. Orders that
    no offer can take any more are ended here, those that another provider must take are handed on.
    """
    to = backends.shelf.stock.catalog.providers.get(provider)
    if not _callable(backends, to):
        return []
    lease = to.timeout_seconds + SETTLING_SECONDS if to else 0
    async with backends.database.transaction() as connection:
        if to and await offers.is_paused(connection, provider):
            return []
        limit = await breakers.allowed(connection, provider, limit)
        # neither waits for the other for ever; of a single place chance decides
        share = (limit + backends.chance.randrange(2)) // 2
        starts = await _claim_runs(backends, connection, provider, lease, share)
        # on record at once, so that what is still due is not the same again
        keys = await claims.start(connection, starts, worker)
        more = await _claim_queued(backends, connection, provider, lease, limit - len(starts))
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
    backends: Backends, connection: Connection, provider: str, lease_seconds: int, limit: int
) -> list[Start]:
    stock = backends.shelf.stock
    starts: list[Start] = []
    hopeless: dict[int, str] = {}
    shut = await breakers.shut(connection)
    seconds = int(QUEUED_AT_MOST.total_seconds())
    for order in await claims.claim(connection, provider, limit, seconds):
        picked = pick(stock.catalog, stock.offers, order.sale, shut=shut)
        if order.cancel_wanted:
            hopeless[order.id] = CANCELED
        elif order.too_old:
            hopeless[order.id] = "queued for too long"
        elif isinstance(picked, GiveUp):
            hopeless[order.id] = picked.reason
        elif picked.ref.provider != provider:
            await claims.reroute(connection, order.id, picked.ref)
            backends.waker.wake(picked.ref.provider)
        else:
            placement = order.placement.one_run() if picked.self_run else order.placement
            starts.append(Start(order.id, picked, placement, lease_seconds))
    if hopeless:
        await _give_up(connection, hopeless)
    return starts


async def _claim_runs(
    backends: Backends, connection: Connection, provider: str, lease_seconds: int, limit: int
) -> list[Start]:
    """Runs go where the first one went, while that may be sent and earns enough; else they wait."""
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
