"""Agree to offers that came back as another thing."""

from collections.abc import Mapping, Sequence

from gateway.domain.operators import Actor
from gateway.operations import Backends
from gateway.storage import deeds, offers, provider_pages
from gateway.storage.deeds import Deed
from gateway.storage.shelf import BELL

TOLD_MAX = 1_000


async def agree(
    backends: Backends,
    provider: str,
    changed: Sequence[str],
    *,
    actor: Actor,
    reason: str = "",
    seen: Mapping[str, str] | None = None,
) -> Sequence[str]:
    """Sell offers as what they are now, at the rates that wait; which ones waited for this.

    `seen`: how each looked (`WaitingOffer.look`) to whoever agrees; what looks otherwise by now is
    left as it is.
    """
    async with backends.database.transaction() as connection:
        if seen is not None:
            now = await provider_pages.looks(connection, provider, changed)
            changed = [each for each in changed if each in now and now[each] == seen.get(each)]
        agreed = await offers.agree(connection, provider, changed)
        if agreed:
            told = {"offers": agreed[:TOLD_MAX], "agreed": len(agreed)}
            deed = Deed("agree to offers", f"provider:{provider}", {}, told, reason)
            await deeds.record(connection, actor, deed)
    if agreed:
        await backends.cache.ring(BELL)
        await backends.shelf.refresh()
    return agreed
