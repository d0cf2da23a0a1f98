"""Of a customer's refills only those are told that he asked for."""

from gateway.operations.refill_status import refill_status
from tests.operations.asking import Asking
from tests.operations.shop import Shop


async def test_only_what_was_asked_is_told(shop: Shop) -> None:
    asking = Asking(shop)
    first, second = await asking.completed(), await asking.completed()
    made = await asking.refill(first, second)
    refills = [each for each in made.values() if isinstance(each, int)]
    assert len(refills) == 2
    assert list(await refill_status(shop.backends, shop.bob, refills[1:])) == refills[1:]
    assert await refill_status(shop.backends, shop.bob, []) == {}
