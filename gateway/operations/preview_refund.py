"""Tell what a refund would do, before anybody asks for it."""

from dataclasses import dataclass
from decimal import Decimal

from gateway.domain.glimpse import Glimpse, moved_on
from gateway.domain.goodwill import left_of, why_no_goodwill, why_second
from gateway.domain.money import EXACT
from gateway.domain.operators import Actor
from gateway.operations import Backends
from gateway.storage import adjusting, customers, goodwill

__all__ = ["Foreseen", "preview_refund"]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What is and what would be: what the customer may spend, and what is kept of the charge.

    In house currency. `waits`: why a second operator would have to agree; empty = he need not.
    """

    amount: Decimal
    currency: str
    available: Decimal
    available_after: Decimal
    kept: Decimal
    kept_after: Decimal
    waits: str


async def preview_refund(
    backends: Backends, order: int, amount: Decimal, *, actor: Actor, seen: Glimpse
) -> Foreseen | str:
    """The figures, or why it would be refused; nothing is written. `seen`: as for the refund."""
    async with backends.database.reading() as connection:
        found = await goodwill.charged(connection, order)
        if found is None:
            return f"there is no order {order}"
        why_not = moved_on(order, seen, found.glimpse)
        why_not = why_not or why_no_goodwill(order, found.state, amount, found.left)
        if why_not:
            return why_not
        available = await customers.available(connection, found.customer, found.currency)
        today = await adjusting.today(connection, actor.name)
    return Foreseen(
        amount=amount,
        currency=found.currency,
        available=available,
        available_after=EXACT.add(available, amount),
        kept=found.left,
        kept_after=left_of(found.left, amount),
        waits=why_second(amount, today, found.given),
    )
