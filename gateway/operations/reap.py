"""Find what a lost worker left behind, and what has waited too long to be sent."""

from gateway.domain.orders import State
from gateway.domain.outcomes import QUEUED_AT_MOST, Outcome
from gateway.operations import Backends
from gateway.storage import claims, leases, ledger, settling
from gateway.storage.database import Connection
from gateway.storage.moves import Move, move
from gateway.storage.settling import Ended

ACTOR = "reaper"
LOST = "worker_lost"
LOSSES_MAX = 3
GRACE_SECONDS = 5
BATCH = 200
EXPIRE_BATCHES = 100


async def reap(backends: Backends) -> int:
    """Doubt the open attempts of workers that are gone (T7); how many.

    Whether their bytes left is not known, so the orders stay unconfirmed and their holds with
    them; of an order in runs the later ones wait. The third loss of one order is for an operator.
    """
    async with backends.database.transaction() as connection:
        lost = await leases.lost_attempts(connection, grace_seconds=GRACE_SECONDS, limit=BATCH)
        if not lost:
            return 0
        locked = await settling.lock(connection, [key.order for key in lost])
        # one that was settled while we waited for its lock has better evidence than its lease
        ended = [
            Ended(key, Outcome.UNCERTAIN, reason=LOST)
            for key in await leases.still_open(connection, lost)
        ]
        await settling.end_attempts(connection, ended)
        for each in ended:
            await settling.doubt(connection, locked[each.key.order], each, actor=ACTOR)
        doubted = [
            each.key.order
            for each in ended
            if each.key.run == 1 and locked[each.key.order].state is State.SENDING
        ]
        await _review(connection, doubted)
    return len(ended)


async def _review(connection: Connection, doubted: list[int]) -> None:
    """Whoever sends it dies of it: no evidence makes that worth another try."""
    lost = await leases.often(connection, doubted, actor=ACTOR, reason=LOST, times=LOSSES_MAX)
    why = f"{LOSSES_MAX} workers were lost while they sent it"
    moves = [Move(order, State.UNCONFIRMED, State.REVIEW, why) for order in lost]
    await move(connection, moves, actor=ACTOR)


async def expire(backends: Backends, *, batches: int = EXPIRE_BATCHES) -> int:
    """End the orders that could not be sent in time and release their holds (T5, T16); how many.

    Batch by batch, each of its own transaction; after so many the rest waits for the next round.
    """
    ended = 0
    for _ in range(batches):
        done = await _expire(backends)
        ended += done
        if done < BATCH:
            break
    return ended


async def _expire(backends: Backends) -> int:
    seconds = int(QUEUED_AT_MOST.total_seconds())
    async with backends.database.transaction() as connection:
        old = await claims.too_old(connection, seconds, BATCH)
        if old:
            locked = await settling.lock(connection, old)
            reason = "could not be sent in time"
            released = await settling.fail(
                connection, list(locked.values()), actor=ACTOR, reason=reason
            )
            await ledger.post(connection, released, actor=ACTOR)
    return len(old)
