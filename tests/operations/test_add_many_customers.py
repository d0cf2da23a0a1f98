"""One set of orders of several customers: each pays for his own."""

from gateway.operations.add import Wanted, add
from gateway.operations.list_customers import list_customers
from gateway.operations.list_orders import list_orders
from tests.operations.shop import RATE, Shop


async def test_each_customer_of_a_set_is_charged_for_his_own_orders(shop: Shop) -> None:
    eve, ann = await shop.customer("eve", "50"), await shop.customer("ann", "9")
    wanted = [
        Wanted(shop.bob, shop.placement()),
        Wanted(eve, shop.placement(quantity=2_000)),
        Wanted(shop.bob, shop.placement()),
    ]
    placed = await add(shop.backends, wanted)
    assert all(isinstance(each, int) for each in placed)
    found = {each.name: each for each in await list_customers(shop.backends)}
    assert {name: (each.available, each.held) for name, each in found.items()} == {
        "bob": (100 - 2 * RATE, 2 * RATE),
        "eve": (50 - 2 * RATE, 2 * RATE),
        "ann": (9, 0),
    }
    assert {name: each.orders for name, each in found.items()} == {"bob": 2, "eve": 1, "ann": 0}
    for name, orders in (("bob", [placed[0], placed[2]]), ("eve", [placed[1]]), ("ann", [])):
        theirs = [each async for each in list_orders(shop.backends, customer=name)]
        assert [each.standing.id for each in theirs] == orders
        assert {each.customer for each in theirs} <= {name}
    assert ann
