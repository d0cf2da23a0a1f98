"""An operator takes an order back (money.md 2, T16): at once, or by asking its provider."""

from dataclasses import dataclass

from gateway.domain.glimpse import Glimpse, moved_on
from gateway.domain.operators import Actor
from gateway.domain.orders import HELD, State
from gateway.domain.reasons import why_no_reason
from gateway.domain.requests import Kind
from gateway.operations import Backends
from gateway.storage import deeds, goodwill, ledger, requests, settling
from gateway.storage.database import Connection
from gateway.storage.deeds import Deed
from gateway.storage.settling import Locked


@dataclass(frozen=True, slots=True)
class TakenBack:
    """`ended`: the hold is released. Else its provider is asked, unless there is a `why_not`.

    `moved`: how the order stands now, where it is refused for having moved on since it was shown.
    """

    ended: bool = False
    why_not: str = ""
    moved: Glimpse | None = None


async def take_back(
    backends: Backends, order: int, *, actor: Actor, reason: str, seen: Glimpse | None = None
) -> TakenBack:
    """End a queued order and release its hold; of one that was sent, ask for its cancel.

    The latter whatever the catalog says of its provider, who then refuses by himself. `seen`: how
    the order stood when the form was shown.
    """
    if why_not := why_no_reason(reason):
        return TakenBack(why_not=why_not)
    async with backends.database.transaction() as connection:
        locked = (await settling.lock(connection, [order])).get(order)
        now = await goodwill.charged(connection, order)
        if locked is None or now is None:
            return TakenBack(why_not=f"there is no order {order}")
        if moved := moved_on(order, seen, now.glimpse):
            return TakenBack(why_not=moved, moved=now.glimpse)
        taken = await _take(connection, locked, actor.name, reason)
        if not taken.why_not:
            after = {"state": State.FAILED} if taken.ended else {"cancel": "asked"}
            before = {"state": locked.state}
            deed = Deed("cancel order", f"order:{order}", before, after, reason)
            await deeds.record(connection, actor, deed)
    return taken


async def _take(connection: Connection, order: Locked, operator: str, reason: str) -> TakenBack:
    if order.state is State.QUEUED:
        released = await settling.fail(connection, [order], actor=operator, reason=reason)
        await ledger.post(connection, released, actor=operator)
        return TakenBack(ended=True)
    if order.state not in HELD | {State.ACTIVE}:
        return TakenBack(why_not=f"order {order.id} is {order.state}: it has ended")
    if not await requests.ask(connection, Kind.CANCEL, [order.id]):
        return TakenBack(why_not=f"a cancel of order {order.id} is under way already")
    await requests.want_cancel(connection, [order.id])
    return TakenBack()
