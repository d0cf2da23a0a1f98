"""An operator takes back what he proposed about an order in doubt."""

from gateway.domain.operators import Actor
from gateway.operations import Backends
from gateway.storage import claims, deeds, proposals, settling
from gateway.storage.deeds import Deed


async def withdraw_decision(backends: Backends, order: int, *, actor: Actor) -> str:
    """Only his own, while no second operator agreed; empty when done, else why not."""
    async with backends.database.transaction() as connection:
        await settling.lock(connection, [order])
        key = await claims.live_attempt(connection, order)
        said = await proposals.find(connection, key) if key else None
        if said is None:
            return f"nothing is proposed for order {order}"
        if said.operator != actor.name:
            return f"what is proposed for order {order} was said by {said.operator}"
        await proposals.forget(connection, order)
        before = {"proposed": said.meant, "note": said.note}
        deed = Deed("withdraw a decision", f"order:{order}", before)
        await deeds.record(connection, actor, deed)
    return ""
