"""A customer asks to end orders (protocol.md 6.2): a wish, unless nothing was sent yet."""

from collections.abc import Collection, Sequence

from gateway.domain.callers import Caller
from gateway.domain.catalog import Service
from gateway.domain.orders import State
from gateway.domain.refusals import Code, Refusal
from gateway.domain.requests import Kind, Past, why_no_cancel
from gateway.domain.routing import grants_cancel
from gateway.operations import Backends
from gateway.storage import ledger, requests, settling
from gateway.storage.database import Connection
from gateway.storage.requests import Owned
from gateway.storage.shelf import Stock

ACTOR = "customer"
REASON = "canceled before it was sent"


async def cancel(
    backends: Backends, caller: Caller, orders: Sequence[int]
) -> dict[int, Refusal | None]:
    """None or why not, by order; another's and unknown orders are equally absent.

    A queued order is ended here and its hold released. Of all others only the wish is recorded:
    money moves when the provider's status turns.
    """
    stock = backends.shelf.stock
    answers: dict[int, Refusal | None] = {}
    async with backends.database.transaction() as connection:
        owned = await requests.lock(connection, caller.customer, orders)
        past = await requests.past(connection, Kind.CANCEL, owned)
        for order in owned.values():
            before = past.get(order.id, Past())
            answers[order.id] = why_no_cancel(order.state, before, possible=_possible(stock, order))
        granted = [owned[order] for order, no in answers.items() if no is None]
        wanted = [order.id for order in granted if order.state is not State.QUEUED]
        asked = await requests.ask(connection, Kind.CANCEL, wanted)
        await requests.want_cancel(connection, asked)
        await _end(connection, [order.id for order in granted if order.state is State.QUEUED])
        for order in set(wanted) - asked.keys():
            answers[order] = Refusal(Code.CANCEL_IN_PROGRESS)
    return answers


async def _end(connection: Connection, queued: Collection[int]) -> None:
    if not queued:
        return
    locked = await settling.lock(connection, list(queued))
    released = await settling.fail(connection, list(locked.values()), actor=ACTOR, reason=REASON)
    await ledger.post(connection, released, actor=ACTOR)


def _possible(stock: Stock, order: Owned) -> bool:
    """Whether the provider that has the order can be asked to end it."""
    offer = stock.offers.get(order.ref)
    if offer is None or order.ref.provider not in stock.catalog.providers:
        return False
    service = stock.catalog.services.get(order.service) or Service(order.service, "", "", ())
    return grants_cancel(stock.catalog, service, offer)
