"""An operator takes orders back."""

from gateway.operations.take_back import TakenBack, take_back
from tests.operations.shop import RATE, Shop

WHO = {"operator": "eve", "note": "their ticket 17"}


async def test_a_queued_order_is_taken_back(shop: Shop) -> None:
    order = await shop.order()
    assert await take_back(shop.backends, order, **WHO) == TakenBack(ended=True)
    assert await shop.state(order) == "failed"
    assert (await shop.story(order)).events[-1]["actor"] == "eve"
    assert await shop.funds() == (100, 0)
    assert await shop.send() == []
    assert "it has ended" in (await take_back(shop.backends, order, **WHO)).why_not
    assert "no order 9" in (await take_back(shop.backends, 9, **WHO)).why_not


async def test_for_what_was_sent_the_provider_is_asked_once(shop: Shop) -> None:
    doubtful = await shop.order(marks="?fault=reset_after")
    await shop.send()
    active = await shop.active(2_000)
    for order in (doubtful, active):
        assert await take_back(shop.backends, order, **WHO) == TakenBack()
        assert "under way" in (await take_back(shop.backends, order, **WHO)).why_not
    assert await shop.rows("SELECT order_id, kind, state FROM order_requests ORDER BY id") == [
        (doubtful, "cancel", "asked"),
        (active, "cancel", "asked"),
    ]
    assert await shop.rows("SELECT cancel_wanted FROM orders ORDER BY id") == [(True,), (False,)]
    assert await shop.funds() == (100 - 3 * RATE, RATE)
