"""Each customer's own money."""

from dataclasses import replace
from decimal import Decimal

from gateway.domain.observations import Balance
from gateway.operations.balance import balance
from tests.operations.shop import RATE, Shop


async def test_each_has_what_he_paid_in_less_what_is_held(shop: Shop) -> None:
    eve = await shop.customer("eve", "7")
    await shop.order()
    assert await balance(shop.backends, shop.bob) == Balance(100 - RATE, "USD")
    assert await balance(shop.backends, eve) == Balance(Decimal(7), "USD")


async def test_there_is_nothing_in_another_currency_or_of_nobody(shop: Shop) -> None:
    abroad = replace(shop.bob, currency="EUR")
    assert await balance(shop.backends, abroad) == Balance(Decimal(0), "EUR")
    nobody = replace(shop.bob, customer=999)
    assert await balance(shop.backends, nobody) == Balance(Decimal(0), "USD")
