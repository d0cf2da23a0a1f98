"""A customer asks to have what was lost since the end delivered again (protocol.md 6.2)."""

from collections.abc import Sequence

from gateway.dialects.book import spoken_by
from gateway.domain.callers import Caller
from gateway.domain.catalog import Service
from gateway.domain.refusals import Code, Refusal
from gateway.domain.requests import Grant, Kind, Past, why_no_refill
from gateway.domain.routing import grants_refill
from gateway.operations import Backends
from gateway.storage import requests
from gateway.storage.requests import Owned
from gateway.storage.shelf import Stock


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
            grant = _grant(stock, order)
            no = why_no_refill(order.state, order.closed_from, order.ended_for, before, grant)
            answers[order.id] = no or Refusal(Code.REFILL_IN_PROGRESS)
            if no is None:
                answers |= await requests.ask(connection, Kind.REFILL, [order.id])
    return answers


def _grant(stock: Stock, order: Owned) -> Grant:
    """What the service grants, by the provider and the offer that took the order."""
    provider = stock.catalog.providers.get(order.ref.provider)
    offer = stock.offers.get(order.ref)
    if provider is None or offer is None:
        return Grant(possible=False)
    service = stock.catalog.services.get(order.service) or Service(order.service, "", "", ())
    return Grant(
        possible=grants_refill(stock.catalog, service, offer),
        days=service.refill_days,
        after_hours=service.refill_after_hours,
        partial=service.refill_partial,
        closed_too=spoken_by(provider).refill_status_usable,
    )
