"""A customer's days hold nothing of another's, neither what came nor what went."""

from decimal import Decimal

from gateway.operations.daily import daily
from tests.operations.shop import RATE, Shop


async def test_each_customers_days_are_his_own(shop: Shop) -> None:
    eve = await shop.customer("eve", "7")
    await shop.order()
    await shop.place(shop.placement(quantity=2_000), caller=eve)
    for name, paid_in, charged in (("bob", Decimal(100), RATE), ("eve", Decimal(7), 2 * RATE)):
        found = await daily(shop.backends, name)
        assert found is not None
        assert [(day.top_ups, day.net_charges) for day in found.days] == [(paid_in, charged)]
        assert found.balance == paid_in - charged
        assert found.adds_up
    assert await daily(shop.backends, "nobody") is None
