"""Book what a customer paid in."""

from decimal import Decimal

from gateway.domain import postings
from gateway.domain.money import plain
from gateway.domain.operators import Actor
from gateway.operations import Backends
from gateway.storage import customers_listed, deeds, ledger
from gateway.storage.customers_listed import Listed
from gateway.storage.deeds import Deed
from gateway.storage.ledger import BookedAlready, Posting

__all__ = ["BookedAlready", "Listed", "top_up"]


async def top_up(
    backends: Backends,
    customer: int | str,
    amount: Decimal,
    *,
    reference: str,
    actor: Actor,
    reason: str = "",
) -> Listed | None:
    """The customer afterwards, found by his id or name; None when there is none.

    The reference (a payment's id) books once: raises `BookedAlready` the second time.
    """
    async with backends.database.transaction() as connection:
        found = await customers_listed.find(connection, customer)
        if found is None:
            return None
        entry = postings.top_up(found.id, found.currency, amount, f"top_up:operator:{reference}")
        await ledger.post(connection, [Posting(entry)], actor=actor.name)
        after = await customers_listed.find(connection, found.id)
        booked = {
            "amount": plain(amount),
            "reference": reference,
            "available": plain(after.available if after else found.available),
        }
        before = {"available": plain(found.available)}
        deed = Deed("top up", f"customer:{found.id}", before, booked, reason)
        await deeds.record(connection, actor, deed)
        return after
