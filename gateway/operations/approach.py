"""Note which order is claimed next, so that one that ends its workers is found (money.md 8, F11).

A worker claims like this at its start, until the queue was empty once: should its forerunner have
died of an order, that one is near the head.
"""

from gateway.operations import Backends
from gateway.storage import ledger, settling, suspects

ACTOR = "dispatch"
LOSSES_MAX = 3
GIVEN_UP_MAX = 20


async def approach(backends: Backends, provider: str) -> int | None:
    """The next order of a provider's queue, on record before anything of it is read; None: empty.

    It is to be claimed alone and then acquitted. One whose claim has ended three workers is not
    tried again: nothing was ever sent for it, so it ends here and its hold is released.
    """
    for _ in range(GIVEN_UP_MAX):
        async with backends.database.transaction() as connection:
            order = await suspects.first(connection, provider)
            if order is None:
                return None
            if await suspects.note(connection, order) <= LOSSES_MAX:
                return order
            locked = await settling.lock(connection, [order])
            reason = f"its claim has ended {LOSSES_MAX} workers"
            released = await settling.fail(connection, [locked[order]], actor=ACTOR, reason=reason)
            await suspects.forget(connection, order)
            await ledger.post(connection, released, actor=ACTOR)
    return None
