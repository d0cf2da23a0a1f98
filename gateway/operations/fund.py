"""Book what was paid in at a provider, or taken out again (money.md 7, D10)."""

from dataclasses import replace
from decimal import Decimal

from gateway.domain import postings
from gateway.domain.money import plain
from gateway.domain.operators import Actor
from gateway.operations import Backends
from gateway.storage import deeds, ledger
from gateway.storage.deeds import Deed
from gateway.storage.ledger import BookedAlready, Posting

__all__ = ["BookedAlready", "fund"]


async def fund(
    backends: Backends,
    provider: str,
    amount: Decimal,
    *,
    actor: Actor,
    reference: str,
    reason: str = "",
) -> str | None:
    """The currency it was booked in, the provider's own; None: the catalog has no such provider.

    Below zero it was taken out. The reference (a payment's id) books once: raises `BookedAlready`
    the second time.
    """
    known = backends.shelf.stock.catalog.providers.get(provider)
    if known is None:
        return None
    entry = postings.fund(provider, known.currency, amount, f"fund:{provider}:{reference}")
    entry = replace(entry, reason=reason)
    after = {"amount": plain(amount), "currency": known.currency, "reference": reference}
    async with backends.database.transaction() as connection:
        await ledger.post(connection, [Posting(entry)], actor=actor.name)
        deed = Deed("fund provider", f"provider:{provider}", after=after, reason=reason)
        await deeds.record(connection, actor, deed)
    return known.currency
