"""Let orders go to a provider again."""

from gateway.domain.operators import Actor
from gateway.domain.reasons import NoReason, reason_of
from gateway.domain.stale import Stale
from gateway.operations import Backends
from gateway.storage import deeds, provider_pages
from gateway.storage.deeds import Deed

__all__ = ["NoReason", "Stale", "resume_provider"]


async def resume_provider(
    backends: Backends, provider: str, *, actor: Actor, reason: str, seen: str = ""
) -> bool:
    """Ends an operator's stop and an automatic pause; False: there was neither.

    An open breaker tries by itself, and a discrepancy that holds it back must be closed. Raises
    `NoReason`, and `Stale` where there was another one than was `seen`, spelled, if anybody looked.
    """
    why = reason_of(reason)
    async with backends.database.transaction() as connection:
        halt, ended = await provider_pages.resume(connection, provider)
        if seen and seen != halt.spelled():
            raise Stale(f"what keeps {provider} from orders is not what it was")
        if ended:
            deed = Deed("resume provider", f"provider:{provider}", ended, {}, why)
            await deeds.record(connection, actor, deed)
    if ended:
        backends.waker.wake(provider)
    return bool(ended)
