"""A customer's movements: his own, to the last digit."""

from decimal import Decimal

from gateway.domain.operators import Actor
from gateway.operations.statement import statement
from gateway.operations.top_up import top_up
from tests.operations.shop import RATE, Shop


async def test_each_is_told_of_his_own_movements_only(shop: Shop) -> None:
    eve = await shop.customer("eve", "7")
    await shop.order()
    await shop.place(shop.placement(), caller=eve)
    await top_up(shop.backends, "eve", Decimal(2), reference="wire", actor=Actor("test"))
    ours = await statement(shop.backends, "bob") or []
    assert [(line.amount, line.balance) for line in ours] == [(100, 100), (-RATE, 100 - RATE)]
    hers = await statement(shop.backends, "eve") or []
    assert [line.amount for line in hers] == [7, -RATE, 2]
    assert hers[-1].balance == 9 - RATE
    assert {line.order for line in ours}.isdisjoint({line.order for line in hers} - {None})
    assert await statement(shop.backends, "nobody") is None
