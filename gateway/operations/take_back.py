"""An operator takes an order back (money.md 2, T16): at once, or by asking its provider."""

from dataclasses import dataclass

from gateway.domain.orders import HELD, State
from gateway.domain.requests import Kind
from gateway.operations import Backends
from gateway.storage import ledger, requests, settling


@dataclass(frozen=True, slots=True)
class TakenBack:
    """`ended`: the hold is released. Else its provider is asked, unless there is a `why_not`."""

    ended: bool = False
    why_not: str = ""


async def take_back(backends: Backends, order: int, *, operator: str, note: str) -> TakenBack:
    """End a queued order and release its hold; of one that was sent, ask for its cancel.

    The latter whatever the catalog says of its provider, who then refuses by himself.
    """
    async with backends.database.transaction() as connection:
        locked = (await settling.lock(connection, [order])).get(order)
        if locked is None:
            return TakenBack(why_not=f"there is no order {order}")
        if locked.state is State.QUEUED:
            released = await settling.fail(connection, [locked], actor=operator, reason=note)
            await ledger.post(connection, released, actor=operator)
            return TakenBack(ended=True)
        if locked.state not in HELD | {State.ACTIVE}:
            return TakenBack(why_not=f"order {order} is {locked.state}: it has ended")
        if not await requests.ask(connection, Kind.CANCEL, [order]):
            return TakenBack(why_not=f"a cancel of order {order} is under way already")
        await requests.want_cancel(connection, [order])
    return TakenBack()
