"""A customer asks to have what was lost since the end delivered again (protocol.md 6.2)."""

from collections.abc import Sequence

from gateway.domain.callers import Caller
from gateway.domain.refusals import Code, Refusal
from gateway.domain.requests import Kind, Past, why_no_refill
from gateway.operations import Backends
from gateway.storage import requests
from gateway.storage.granting import granted


async def refill(
    backends: Backends, caller: Caller, orders: Sequence[int]
) -> dict[int, int | Refusal]:
    """Our refill's id, or why not, by order; another's and unknown orders are equally absent.

    What was recorded goes to the provider that took the order. No money moves.
    """
    stock = backends.shelf.stock
    answers: dict[int, int | Refusal] = {}
    async with backends.database.transaction() as connection:
        owned = await requests.lock(connection, caller.customer, orders)
        past = await requests.past(connection, Kind.REFILL, owned)
        for order in owned.values():
            before = past.get(order.id, Past())
            grant = granted(stock, order)
            no = why_no_refill(order.state, order.closed_from, order.ended_for, before, grant)
            answers[order.id] = no or Refusal(Code.REFILL_IN_PROGRESS)
            if no is None:
                answers |= await requests.ask(connection, Kind.REFILL, [order.id])
    return answers
