"""Note which orders are claimed next, so that one that ends its workers is found (money.md 8, F11).

A worker claims like this at its start: should its forerunner have died of an order, that one is
near the head.
"""

from gateway.operations import Backends
from gateway.storage import ledger, settling, suspects

ACTOR = "dispatch"
LOSSES_MAX = 3
GIVEN_UP_MAX = 20


async def approach(backends: Backends, provider: str, limit: int) -> list[int]:
    """The next of a provider's queue, on record before anything of them is read; none: it is empty.

    They are to be claimed together and then acquitted, and no others with them: at most `limit`, or
    a single one whose claim may have ended a worker. One that has ended three is not tried again:
    nothing was ever sent for it, so it ends here and its hold is released.
    """
    for _ in range(GIVEN_UP_MAX):
        async with backends.database.transaction() as connection:
            order = await suspects.due(connection, provider)
            if order is None:
                return await suspects.first(connection, provider, limit)
            if await suspects.note(connection, order) <= LOSSES_MAX:
                return [order]
            locked = await settling.lock(connection, [order])
            reason = f"its claim has ended {LOSSES_MAX} workers"
            released = await settling.fail(connection, [locked[order]], actor=ACTOR, reason=reason)
            await suspects.forget(connection, [order])
            await ledger.post(connection, released, actor=ACTOR)
    return []
