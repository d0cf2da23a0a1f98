"""An operator asks for an order's refill, under the rules that hold for its customer."""

from dataclasses import dataclass

from gateway.domain.glimpse import Glimpse, moved_on
from gateway.domain.operators import Actor
from gateway.domain.reasons import why_no_reason
from gateway.domain.requests import Kind, Past, no_refill_in_words
from gateway.operations import Backends
from gateway.storage import deeds, goodwill, requests
from gateway.storage.deeds import Deed
from gateway.storage.granting import granted


@dataclass(frozen=True, slots=True)
class RefillAsked:
    """Our refill's number, unless there is a `why_not`.

    `moved`: how the order stands now, where it is refused for having moved on since it was shown.
    """

    number: int = 0
    why_not: str = ""
    moved: Glimpse | None = None


async def ask_refill(
    backends: Backends, order: int, *, actor: Actor, reason: str, seen: Glimpse | None = None
) -> RefillAsked:
    """Record it for the provider that took the order; no money moves.

    `seen`: how the order stood when the form was shown.
    """
    if why_not := why_no_reason(reason):
        return RefillAsked(why_not=why_not)
    stock = backends.shelf.stock
    async with backends.database.transaction() as connection:
        owned = await requests.lock_one(connection, order)
        now = await goodwill.charged(connection, order)
        if owned is None or now is None:
            return RefillAsked(why_not=f"there is no order {order}")
        if moved := moved_on(order, seen, now.glimpse):
            return RefillAsked(why_not=moved, moved=now.glimpse)
        past = (await requests.past(connection, Kind.REFILL, [order])).get(order, Past())
        grant = granted(stock, owned)
        why = no_refill_in_words(owned.state, owned.closed_from, owned.ended_for, past, grant)
        made = {} if why else await requests.ask(connection, Kind.REFILL, [order])
        if order not in made:
            why = why or "a refill is under way already"
            return RefillAsked(why_not=f"order {order} gets no refill: {why}")
        after = {"refill": made[order]}
        deed = Deed("ask for a refill", f"order:{order}", {"state": owned.state}, after, reason)
        await deeds.record(connection, actor, deed)
    return RefillAsked(made[order])
