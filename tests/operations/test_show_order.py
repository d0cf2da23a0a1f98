"""The whole story of an order."""

from gateway.operations.show_order import show_order
from tests.operations.shop import Shop


async def test_a_story_tells_everything(shop: Shop) -> None:
    order = await shop.active()
    await shop.see(order, status="Canceled", charge="0")
    story = await shop.story(order)
    assert [(event["from_state"], event["to_state"]) for event in story.events] == [
        (None, "queued"),
        ("queued", "sending"),
        ("sending", "active"),
        ("active", "canceled"),
    ]
    (attempt,) = story.attempts
    assert attempt["raw"].startswith('{"order":')
    assert attempt["took_milliseconds"] >= 0
    assert [row["kind"] for row in story.transfers] == [
        "hold",
        "capture",
        "cost",
        "refund",
        "cost",
    ]


async def test_an_order_that_never_was_has_no_story(shop: Shop) -> None:
    assert await show_order(shop.backends, 1) is None
