"""Orders that have not ended: how many, where, and what is held for them."""

from gateway.domain.money import ZERO
from gateway.domain.open_orders import Braked, Counted, Doubtful, OpenOrders, Sending
from gateway.domain.targets import Class
from gateway.operations import Backends
from gateway.storage import discrepancy_lists, standing

__all__ = ["Braked", "Counted", "Doubtful", "OpenOrders", "Sending", "open_orders"]


async def open_orders(backends: Backends) -> OpenOrders:
    """How orders stand."""
    currency = backends.shelf.stock.catalog.markup.currency
    async with backends.database.reading() as connection:
        held = await standing.held(connection)
        sums = await discrepancy_lists.open_sums(connection)
        return OpenOrders(
            counted=await standing.census(connection),
            sending=await standing.sending(connection),
            doubtful=await standing.doubtful(connection),
            braked=await standing.braked(connection),
            held=held.get(currency, ZERO),
            stuck=sum(each.count for each in sums if each.kind == Class.STUCK),
        )
