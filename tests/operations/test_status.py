"""How orders stand is told to their customers, and to nobody else."""

from gateway.domain.observations import Word
from gateway.operations.status import status
from tests.operations.shop import RATE, Shop


async def test_a_customer_sees_his_own_orders_and_no_others(shop: Shop) -> None:
    eve = await shop.customer("eve", "100")
    theirs = await shop.place(shop.placement(), caller=eve)
    ours = [await shop.order(), await shop.order(quantity=2_000)]
    asked = [*ours, *theirs, 999]
    seen = await status(shop.backends, shop.bob, asked)
    assert {order: row.charge for order, row in seen.items()} == {
        ours[0]: RATE,
        ours[1]: 2 * RATE,
    }
    assert {row.word for row in seen.values()} == {Word.PENDING}
    assert list(await status(shop.backends, eve, asked)) == theirs
    nobody = await shop.customer("nobody")
    assert await status(shop.backends, nobody, asked) == {}


async def test_only_what_was_asked_is_told(shop: Shop) -> None:
    orders = [await shop.order() for _ in range(3)]
    assert list(await status(shop.backends, shop.bob, orders[1:2])) == orders[1:2]
    assert await status(shop.backends, shop.bob, []) == {}
