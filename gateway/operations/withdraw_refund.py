"""An operator withdraws a refund that waits for a second one, or declines it as that one."""

from gateway.domain.money import plain
from gateway.domain.operators import Actor
from gateway.domain.reasons import why_no_reason
from gateway.operations import Backends
from gateway.storage import deeds, goodwill
from gateway.storage.deeds import Deed


async def withdraw_refund(backends: Backends, number: int, *, actor: Actor, reason: str) -> str:
    """It waits no longer and nothing is booked; empty when done, else why not."""
    if why_not := why_no_reason(reason):
        return why_not
    async with backends.database.transaction() as connection:
        asked = await goodwill.find(connection, number, lock=True)
        if asked is None:
            return f"there is no refund {number}"
        if asked.state != "waiting":
            by = f" by {asked.ended_by}" if asked.ended_by else ""
            return f"refund {number} is {asked.state}{by}"
        await goodwill.end(connection, number, "withdrawn", actor.name)
        own = asked.operator == actor.name
        what = "withdraw a refund" if own else "decline a refund"
        before = {"refund": number, "amount": plain(asked.amount), "asked by": asked.operator}
        await deeds.record(
            connection, actor, Deed(what, f"order:{asked.order}", before, reason=reason)
        )
    return ""
