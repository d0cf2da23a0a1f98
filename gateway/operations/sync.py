"""Read a provider's list: into Postgres as the record, from there into Redis as the cache."""

from collections import Counter
from collections.abc import Mapping

from gateway.dialects.messages import ServicesRead
from gateway.domain.catalog import Provider
from gateway.domain.observations import Balance, Refused, Unclear
from gateway.domain.operators import Actor
from gateway.domain.syncing import Tidings, compare, tidings
from gateway.operations import Backends
from gateway.storage import balances, deeds, histories, offers
from gateway.storage.deeds import Deed
from gateway.storage.shelf import BELL
from gateway.upstream.panels import KeyMissing


async def sync(
    backends: Backends, provider: Provider, *, agreed_by: Actor | None = None, by_hand: bool = False
) -> str:
    """One reading of the provider's list and balance; empty when all went well, else what is odd.

    A list that is empty, broken or, unless an operator agreed, shrunk delists nothing; a balance
    that cannot be read stays. A reading `by_hand` knows nothing of the pace that the workers
    learned.
    """
    try:
        panel = backends.panels.of(provider)
    except KeyMissing as error:
        return await _failed(backends, provider, str(error), {})
    answer = await panel.services()
    mended = panel.take_repairs()
    balance, began = None, None
    if isinstance(answer, ServicesRead):
        odd = await _record(backends, provider, answer, mended, agreed_by)
        async with backends.database.reading() as connection:
            began = await balances.begin(connection, provider.name)
        balance = await panel.balance()
    else:
        odd = await _failed(backends, provider, _words(answer), mended)
    repairs = Counter(mended) + Counter(panel.take_repairs())
    budget = None if by_hand else panel.budget_text
    async with backends.database.transaction() as connection:
        if began and isinstance(balance, Balance):
            await balances.record(connection, provider, balance, began)
        await offers.save_learned(connection, provider.name, repairs, budget)
    return odd


async def synced_lately(backends: Backends, provider: Provider) -> bool:
    """Whether some worker tried within the provider's `sync_seconds`, so that this one need not."""
    async with backends.database.reading() as connection:
        return await offers.tried_within(connection, provider.name, provider.sync_seconds)


async def _record(
    backends: Backends,
    provider: Provider,
    answer: ServicesRead,
    mended: Mapping[str, int],
    agreed_by: Actor | None,
) -> str:
    async with backends.database.transaction() as connection:
        known = await offers.known(connection, provider.name)
        brakes = backends.shelf.stock.catalog.markup.brakes
        synced = compare(known, answer.listings, agreed=agreed_by is not None, brakes=brakes)
        present = [listing.offer for listing in answer.listings]
        await offers.save_sync(connection, provider.name, synced.changes, present, synced.held)
        told = tidings(known, len(present), synced)
        await histories.note(connection, provider.name, told, mended)
        if agreed_by:
            gone = len(known.keys() - set(present))
            after = {"listed": len(present), "gone": gone}
            deed = Deed("agree to list", f"provider:{provider.name}", {}, after)
            await deeds.record(connection, agreed_by, deed)
    if synced.changes:
        await backends.cache.ring(BELL)
        await backends.shelf.refresh()
    return synced.held


async def _failed(
    backends: Backends, provider: Provider, why: str, mended: Mapping[str, int]
) -> str:
    async with backends.database.transaction() as connection:
        await offers.save_failure(connection, provider.name, why)
        told = Tidings(well=False, odd=why)
        await histories.note(connection, provider.name, told, mended)
    return why


def _words(answer: Refused | Unclear) -> str:
    return answer.text if isinstance(answer, Refused) else answer.why
