"""Tell what an adjustment would do, before anybody asks for it."""

from dataclasses import dataclass
from decimal import Decimal

from gateway.domain.money import EXACT
from gateway.domain.operators import Actor
from gateway.domain.second import second_needed
from gateway.operations import Backends
from gateway.storage import adjusting, adjustments, customers_listed
from gateway.storage.customers_listed import Listed

__all__ = ["Foreseen", "Listed", "foresee_adjustment"]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A customer and what he would have. Amounts are in his currency, `today` in house currency.

    `second`: another operator must agree, since this one booked `today` so much already; `others`:
    whether there is one who may.
    """

    customer: Listed
    after: Decimal
    today: Decimal
    second: bool
    others: bool


async def foresee_adjustment(
    backends: Backends, customer: int, amount: Decimal, *, actor: Actor
) -> Foreseen | None:
    """None: there is no such customer. Nothing is held: a moment later it may be otherwise."""
    async with backends.database.reading() as connection:
        found = await customers_listed.find(connection, customer)
        if found is None:
            return None
        today = await adjusting.today(connection, actor.name)
        others = await adjustments.has_second(connection, actor.name)
    after = EXACT.add(found.available, amount)
    return Foreseen(found, after, today, second_needed(amount, today), others)
