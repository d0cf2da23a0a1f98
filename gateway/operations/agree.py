"""Agree to offers that came back as another thing."""

from collections.abc import Sequence

from gateway.domain.operators import Actor
from gateway.operations import Backends
from gateway.storage import deeds, offers
from gateway.storage.deeds import Deed
from gateway.storage.shelf import BELL

TOLD_MAX = 1_000


async def agree(
    backends: Backends, provider: str, changed: Sequence[str], *, actor: Actor, reason: str = ""
) -> Sequence[str]:
    """Sell offers as what they are now, at the rates that wait; which ones waited for this."""
    async with backends.database.transaction() as connection:
        agreed = await offers.agree(connection, provider, changed)
        if agreed:
            told = {"offers": agreed[:TOLD_MAX], "agreed": len(agreed)}
            deed = Deed("agree to offers", f"provider:{provider}", {}, told, reason)
            await deeds.record(connection, actor, deed)
    if agreed:
        await backends.cache.ring(BELL)
        await backends.shelf.refresh()
    return agreed
