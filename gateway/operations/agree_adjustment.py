"""Agree, as the second operator, to what another one wants adjusted."""

from gateway.domain.money import plain
from gateway.domain.operators import Actor
from gateway.operations import Backends
from gateway.storage import adjustments, deeds
from gateway.storage.adjustments import Adjustment, Short
from gateway.storage.deeds import Deed

__all__ = ["Adjustment", "SamePerson", "Short", "agree_adjustment"]


class SamePerson(Exception):  # noqa: N818  an expected no
    """Whoever proposed it cannot be the second to agree."""


async def agree_adjustment(
    backends: Backends, adjustment: int, *, actor: Actor, reason: str = ""
) -> Adjustment | None:
    """The adjustment afterwards; one that was decided before is left as it is. None: there is none.

    Raises `SamePerson`, and `Short` when the customer has less by now than is to be taken.
    """
    async with backends.database.transaction() as connection:
        found = await adjustments.find(connection, adjustment)
        if found is None or found.outcome is not None:
            return found
        if found.proposed_by.casefold() == actor.name.casefold():
            raise SamePerson(found.proposed_by)
        entry = await adjustments.book(connection, found, actor.name)
        told = {"adjustment": found.id, "amount": plain(found.amount), "entry": entry}
        before = {"proposed_by": found.proposed_by, "reason": found.reason}
        deed = Deed("agree to adjustment", f"customer:{found.customer}", before, told, reason)
        await deeds.record(connection, actor, deed)
        return await adjustments.find(connection, adjustment)
