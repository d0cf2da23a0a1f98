"""Book what was paid in at a provider, or taken out again (money.md 7, D10)."""

from decimal import Decimal

from gateway.domain import postings
from gateway.operations import Backends
from gateway.storage import ledger
from gateway.storage.ledger import Posting


async def fund(
    backends: Backends, provider: str, amount: Decimal, *, operator: str, reference: str
) -> str | None:
    """The currency it was booked in, the provider's own; None: the catalog has no such provider.

    Below zero it was taken out. The reference (a payment's id) books once: raises
    `ledger.BookedAlready` the second time.
    """
    known = backends.shelf.stock.catalog.providers.get(provider)
    if known is None:
        return None
    entry = postings.fund(provider, known.currency, amount, f"fund:{provider}:{reference}")
    async with backends.database.transaction() as connection:
        await ledger.post(connection, [Posting(entry)], actor=operator)
    return known.currency
