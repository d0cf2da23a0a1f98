"""What waits in vain is ended."""

from gateway.operations.close_requests import close_requests
from tests.operations.asking import Asking
from tests.operations.shop import Shop


async def test_a_week_is_the_longest_wait(shop: Shop) -> None:
    asking = Asking(shop)
    done, running = await asking.completed(), await shop.active()
    await asking.refill(done)
    await asking.cancel(running)
    assert await close_requests(shop.backends) == 0
    await shop.execute("UPDATE order_requests SET asked_at = now() - interval '8 days'")
    assert await close_requests(shop.backends) == 2
    assert await asking.states() == ["rejected"] * 2
    assert await close_requests(shop.backends) == 0


async def test_a_cancel_of_what_was_never_sent_is_done(shop: Shop) -> None:
    asking = Asking(shop)
    order = await shop.order(marks="?fault=reset_after")
    await shop.send()
    await asking.cancel(order)
    await shop.execute("UPDATE orders SET state = 'queued'")
    await shop.execute("UPDATE attempts SET outcome = 'disproved'")
    await shop.execute(
        "INSERT INTO order_events (order_id, seq, from_state, to_state, actor)"
        " SELECT 1, 4, 'unconfirmed', 'queued', 'test'"
    )
    assert await shop.send() == []
    assert await shop.state(order) == "failed"
    await close_requests(shop.backends)
    assert await asking.states() == ["completed"]
    assert await shop.funds() == (100, 0)
