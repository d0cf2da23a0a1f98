"""Funds at providers: booked once, in their currency, and what they explain."""

from decimal import Decimal

import pytest

from gateway.domain.operators import Actor
from gateway.operations.fund import fund
from gateway.operations.reconcile import reconcile
from gateway.storage.ledger import BookedAlready
from gateway.storage.reconciling import ProviderBooks
from tests.operations.shop import COST, Shop


async def paid_in(shop: Shop, amount: str, reference: str) -> str | None:
    return await fund(
        shop.backends, "acme", Decimal(amount), actor=Actor("ann"), reference=reference
    )


async def books(shop: Shop) -> ProviderBooks:
    return (await reconcile(shop.backends)).providers[0]


async def test_until_funds_are_booked_only_what_changed_can_be_told(shop: Shop) -> None:
    shop.acme.orders.balance -= 3
    await shop.sync()
    acme = await books(shop)
    assert (acme.paid_in, acme.unexplained) == (None, 3)
    assert acme.equation is not None
    assert not acme.equation.absolute


async def test_funds_and_costs_explain_the_balance(shop: Shop) -> None:
    assert await paid_in(shop, "1000000", "opening") == "USD"
    await shop.active()
    await shop.sync()
    acme = await books(shop)
    assert (acme.paid_in, acme.booked) == (1_000_000, COST)
    assert acme.unexplained == 0
    # what was booked after the balance was read is in no balance yet
    await shop.active()
    acme = await books(shop)
    assert (acme.booked, acme.unexplained) == (2 * COST, 0)
    # taken there, and nobody here knows it yet
    await shop.order(marks="?fault=reset_after")
    await shop.send()
    await shop.sync()
    acme = await books(shop)
    assert (acme.unexplained, acme.unconfirmed_cost) == (COST, COST)


async def test_what_came_back_counts_and_a_reference_counts_once(shop: Shop) -> None:
    await paid_in(shop, "1000007", "opening")
    with pytest.raises(BookedAlready):
        await paid_in(shop, "1000007", "opening")
    await paid_in(shop, "-2", "back")
    await shop.sync()
    acme = await books(shop)
    assert (acme.paid_in, acme.unexplained) == (1_000_005, 5)
    told = (
        "SELECT actor, subject, after ->> 'amount' FROM deeds WHERE what LIKE 'fund %' ORDER BY id"
    )
    assert await shop.rows(told) == [
        ("ann", "provider:acme", "1000007.00"),
        ("ann", "provider:acme", "-2.00"),
    ]
    await shop.proven()


async def test_nobody_funds_who_is_not_in_the_catalog(shop: Shop) -> None:
    nobody = await fund(shop.backends, "gone", Decimal(1), actor=Actor("ann"), reference="x")
    assert nobody is None
    assert await shop.rows("SELECT count(*) FROM journal_entries WHERE kind = 'fund'") == [(0,)]
