"""What an operator sees of an order's requests."""

from gateway.operations.list_requests import list_requests
from tests.operations.asking import Asking
from tests.operations.shop import Shop


async def test_refills_and_cancels_of_one_order(shop: Shop) -> None:
    asking = Asking(shop)
    done, running = await asking.completed(), await shop.active()
    await asking.refill(done)
    await asking.cancel(running)
    await asking.forward()
    (refill,) = await list_requests(shop.backends, done)
    assert (refill["kind"], refill["state"], refill["provider_request"]) == (
        "refill",
        "sent",
        "7001",
    )
    assert [each["kind"] for each in await list_requests(shop.backends, running)] == ["cancel"]
    assert await list_requests(shop.backends, 999) == []
