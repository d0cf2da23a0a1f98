"""Make a customer's keys worthless."""

from collections.abc import Sequence

from gateway.domain.operators import Actor
from gateway.domain.reasons import NoReason, reason_of
from gateway.operations import Backends
from gateway.storage import customer_keys, deeds
from gateway.storage.deeds import Deed

__all__ = ["NoReason", "revoke_keys"]


async def revoke_keys(
    backends: Backends, customer: int, key: int | None = None, *, actor: Actor, reason: str
) -> Sequence[str]:
    """End one key by its id, or all of them; the hints of those that were not revoked before.

    What comes with them after this returns is refused. Raises `NoReason`.
    """
    why = reason_of(reason)
    async with backends.database.transaction() as connection:
        ended = await customer_keys.revoke(connection, customer, key)
        if ended:
            deed = Deed("revoke keys", f"customer:{customer}", {"keys": list(ended)}, {}, why)
            await deeds.record(connection, actor, deed)
    return ended
