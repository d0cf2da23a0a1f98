"""Hand on orders that wait for a provider behind an open breaker (money.md 5).

They were never sent, or provably not taken, so that another offer may have them at once.
"""

from datetime import timedelta

from gateway.domain.outcomes import QUEUED_AT_MOST
from gateway.domain.sending import Picked, pick
from gateway.operations import Backends
from gateway.storage import breakers, claims
from gateway.storage.claims import Unreadable

BATCH = 100


async def relieve(backends: Backends) -> int:
    """How many orders were handed on; those that nobody else can take wait for the breaker.

    A breaker opens here, too, when a provider answers nothing at all: no attempt has ended then.
    """
    async with backends.database.reading() as connection:
        silent = await breakers.silent(connection)
    if silent:
        async with backends.database.transaction() as connection:
            await breakers.hush(connection, silent)
    async with backends.database.reading() as connection:
        shut = await breakers.shut(connection)
    return sum([await _relieve(backends, provider, shut) for provider in shut])


async def _relieve(backends: Backends, provider: str, shut: dict[str, timedelta]) -> int:
    stock = backends.shelf.stock
    waiting: list[int] = []
    woken: list[str] = []
    async with backends.database.transaction() as connection:
        seconds = int(QUEUED_AT_MOST.total_seconds())
        for order in await claims.claim(connection, provider, BATCH, seconds):
            if isinstance(order, Unreadable):
                continue  # whoever claims it ends it
            picked = pick(stock.catalog, stock.offers, order.sale, shut=shut)
            if isinstance(picked, Picked) and picked.ref.provider not in shut:
                await claims.reroute(connection, order.id, picked.ref)
                woken.append(picked.ref.provider)
            else:
                waiting.append(order.id)
        await claims.put_off(connection, waiting, shut[provider])
    for each in set(woken):
        backends.waker.wake(each)
    return len(woken)
