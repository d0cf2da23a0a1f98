"""Each order's charge, expected cost, and what its provider took."""

from decimal import Decimal

import pytest

from gateway.domain.operators import Actor
from gateway.operations.order_sums import order_sums
from gateway.operations.take_back import take_back
from gateway.storage.order_sums import OrderSums
from tests.operations.shop import COST, RATE, Shop


async def sums(
    shop: Shop, provider: str | None = None, *, differing: bool = False
) -> dict[int, OrderSums]:
    found = order_sums(shop.backends, provider, differing=differing)
    return {each.order: each async for page in found for each in page}


async def test_orders_beside_what_they_cost(shop: Shop) -> None:
    whole, part, dear = [await shop.active() for _ in range(3)]
    refused = await shop.order()
    await take_back(shop.backends, refused, actor=Actor("ann"), reason="asked to")
    queued = await shop.order()
    await shop.see(part, status="Partial", charge="0.27", remains=700)
    await shop.see(dear, status="Completed", charge="1", remains=0)
    found = await sums(shop)
    told = {
        order: (each.charge, each.net, each.expected, each.taken, each.difference)
        for order, each in found.items()
    }
    assert told == {
        whole: (RATE, RATE, COST, COST, 0),
        part: (RATE, Decimal("0.405"), Decimal("0.27"), Decimal("0.27"), 0),
        dear: (RATE, RATE, COST, 1, Decimal("0.1")),
        refused: (RATE, 0, 0, 0, 0),
        queued: (RATE, RATE, COST, None, 0),
    }
    assert list(await sums(shop, differing=True)) == [dear]
    assert await sums(shop, "beta") == {}
    assert len(await sums(shop, "acme")) == 5


@pytest.mark.parametrize("page", [1, 2, 3, 4])
async def test_pages_lose_nothing(shop: Shop, page: int, monkeypatch: pytest.MonkeyPatch) -> None:
    orders = [await shop.order() for _ in range(3)]
    monkeypatch.setattr("gateway.operations.order_sums.PAGE", page)
    assert list(await sums(shop)) == orders
