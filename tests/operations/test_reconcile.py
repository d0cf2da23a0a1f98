"""Our books against what the providers say."""

from decimal import Decimal

from gateway.operations.reconcile import reconcile
from tests.operations.shop import COST, Shop


async def test_reconciling_shows_what_was_booked_and_what_is_said(shop: Shop) -> None:
    await shop.active()
    kept = await shop.active()
    await shop.order(marks="?fault=reset_after")
    await shop.send()
    await shop.see(kept, status="Partial", charge="0.9", remains=500)
    await shop.sync()
    found = await reconcile(shop.backends)
    acme, beta = found.providers
    assert (acme.provider, acme.currency, acme.booked) == ("acme", "USD", 2 * COST)
    # the third was taken and charged there, and nobody here knows it yet
    assert acme.balance == 1_000_000 - 3 * COST
    assert (acme.unconfirmed, acme.unconfirmed_cost) == (1, COST)
    assert (beta.booked, beta.balance, beta.unconfirmed) == (0, 1_000_000, 0)
    (owed,) = found.discrepancies
    assert (owed.kind, owed.order, owed.expected, owed.seen) == (
        "D4",
        kept,
        Decimal("0.45"),
        Decimal("0.9"),
    )
    assert found.open_amount == Decimal("0.45")
