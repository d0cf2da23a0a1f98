"""Send a provider nothing more, until an operator says so."""

from gateway.domain.operators import Actor
from gateway.domain.reasons import NoReason, reason_of
from gateway.operations import Backends
from gateway.storage import deeds, provider_pages
from gateway.storage.deeds import Deed

__all__ = ["NoReason", "stop_provider"]


async def stop_provider(
    backends: Backends, provider: str, *, actor: Actor, reason: str
) -> bool | None:
    """False: it is stopped already, which stays as it is. None: the catalog has no such provider.

    Its orders queue, and new ones with them, as in an automatic pause (money.md 2): they end when
    they have waited for too long. What was sent is followed on. Raises `NoReason`.
    """
    why = reason_of(reason)
    if provider not in backends.shelf.stock.catalog.providers:
        return None
    async with backends.database.transaction() as connection:
        stopped = await provider_pages.stop(connection, provider, actor.name, why)
        if stopped:
            deed = Deed("stop provider", f"provider:{provider}", {}, {}, why)
            await deeds.record(connection, actor, deed)
    return stopped
