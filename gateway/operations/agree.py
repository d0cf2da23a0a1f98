"""Agree to offers that came back as another thing."""

from collections.abc import Mapping, Sequence

from gateway.domain.money import plain
from gateway.domain.operators import Actor
from gateway.operations import Backends
from gateway.storage import deeds, held, offers
from gateway.storage.deeds import Deed
from gateway.storage.shelf import BELL

TOLD_MAX = 1_000


class ChangedAgain(Exception):  # noqa: N818  an expected no
    """Offers are no longer what was agreed to: `offers`, by their ids."""

    def __init__(self, changed: Sequence[str]) -> None:
        self.offers = changed
        super().__init__(f"{', '.join(changed[:10])} changed again: nothing was agreed to")


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

    `seen`: by offer the fingerprint of what was agreed to; raises `ChangedAgain` when any is
    another one by now, and then nothing is sold that was not.
    """
    async with backends.database.transaction() as connection:
        waiting = await held.waiting(connection, provider, changed, lock=True)
        standing = {each.ref.offer: each.seen for each in waiting}
        if seen is not None and (moved := [o for o in changed if seen.get(o) != standing.get(o)]):
            raise ChangedAgain(moved)
        agreed = await offers.agree(connection, provider, changed)
        if agreed:
            rates = {each.ref.offer: plain(each.rate) for each in waiting[:TOLD_MAX]}
            then = {
                each.ref.offer: plain(each.rate if each.rate_waiting is None else each.rate_waiting)
                for each in waiting[:TOLD_MAX]
            }
            told = {"offers": agreed[:TOLD_MAX], "agreed": len(agreed), "rates": then}
            deed = Deed("agree to offers", f"provider:{provider}", {"rates": rates}, told, reason)
            await deeds.record(connection, actor, deed)
    if agreed:
        await backends.cache.ring(BELL)
        await backends.shelf.refresh()
    return agreed
