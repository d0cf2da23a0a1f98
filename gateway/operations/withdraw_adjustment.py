"""Give up an adjustment that waits for a second operator."""

from gateway.domain.money import plain
from gateway.domain.operators import Actor
from gateway.domain.reasons import NoReason, reason_of
from gateway.operations import Backends
from gateway.storage import adjustments, deeds
from gateway.storage.adjustments import Adjustment
from gateway.storage.deeds import Deed

__all__ = ["Adjustment", "NoReason", "withdraw_adjustment"]


async def withdraw_adjustment(
    backends: Backends, adjustment: int, *, actor: Actor, reason: str
) -> Adjustment | None:
    """The adjustment afterwards; one that was decided before is left as it is. None: there is none.

    Anybody may, also who would have to agree. Raises `NoReason`.
    """
    why = reason_of(reason)
    async with backends.database.transaction() as connection:
        found = await adjustments.find(connection, adjustment)
        if found is None or found.outcome is not None:
            return found
        await adjustments.withdraw(connection, adjustment, actor.name)
        told = {"adjustment": found.id, "amount": plain(found.amount)}
        deed = Deed("withdraw adjustment", f"customer:{found.customer}", told, {}, why)
        await deeds.record(connection, actor, deed)
        return await adjustments.find(connection, adjustment)
