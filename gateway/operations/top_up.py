"""Book what a customer paid in."""

from decimal import Decimal

from gateway.domain import postings
from gateway.operations import Backends
from gateway.storage import customers, ledger
from gateway.storage.customers import Customer
from gateway.storage.ledger import Posting


async def top_up(
    backends: Backends, name: str, amount: Decimal, *, reference: str
) -> Customer | None:
    """The customer afterwards; None when there is none of that name.

    The reference (a payment's id) books once: raises `ledger.BookedAlready` the second time.
    """
    async with backends.database.transaction() as connection:
        found = await customers.listed(connection, name)
        if not found:
            return None
        customer = found[0]
        entry = postings.top_up(
            customer.id, customer.currency, amount, f"top_up:operator:{reference}"
        )
        await ledger.post(connection, [Posting(entry)], actor="operator")
        return (await customers.listed(connection, name))[0]
