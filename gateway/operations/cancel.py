"""Take an order back that was not sent yet (money.md 2, T16)."""

from gateway.domain.orders import State
from gateway.operations import Backends
from gateway.storage import ledger, settling


async def cancel(backends: Backends, order: int, *, operator: str, note: str) -> str:
    """End a queued order and release its hold; empty when done, else why not."""
    async with backends.database.transaction() as connection:
        locked = (await settling.lock(connection, [order])).get(order)
        if locked is None:
            return f"there is no order {order}"
        if locked.state is not State.QUEUED:
            return f"order {order} is {locked.state}: only a queued one can be taken back"
        released = await settling.fail(connection, [locked], actor=operator, reason=note)
        await ledger.post(connection, released, actor=operator)
    return ""
