"""An order's story for its page: in steps, with evidence, and never longer than a page."""

from decimal import Decimal

from gateway.domain.glimpse import Glimpse, read_glimpse
from gateway.domain.operators import Actor
from gateway.domain.orders import State
from gateway.operations.refund import Wish, refund
from gateway.operations.tell_order import Told, tell_order
from tests.operations.shop import RATE, Shop


async def told(shop: Shop, order: int) -> Told:
    found = await tell_order(shop.backends, order)
    assert found is not None
    return found


async def test_what_happened_at_once_is_one_step(shop: Shop) -> None:
    order = await shop.active()
    await shop.see(order, status="Partial", remains=400, charge="0.5")
    wish = Wish(Decimal("0.1"), "they wrote thrice", "token-01")
    await refund(shop.backends, order, wish, actor=Actor("ann"))
    story = await told(shop, order)
    deed = story.chapters["deeds"][-1]["id"]
    assert [[item.ref for item in step.items] for step in story.steps] == [
        ["event:1", "entry:hold"],
        ["event:2", "attempt:1"],
        ["event:3", "attempt:1", "entry:settle", "entry:cost"],
        ["event:4", "entry:seen:1", "entry:seen:1:cost", "discrepancy:1", "discrepancy:1"],
        ["entry:goodwill:token-01", f"deed:{deed}"],
    ]
    partial, goodwill = story.steps[3:]
    assert partial.items[1].amounts == (("refunds to available", Decimal("0.54"), "USD"),)
    assert (goodwill.items[1].by, goodwill.items[1].why) == ("ann", "they wrote thrice")
    (attempt,) = story.chapters["attempts"]
    assert attempt["request"] == f"add service=101 link={story.order.link} quantity=1000"
    assert attempt["raw"].startswith('{"order":')
    assert story.glimpse == Glimpse(State.PARTIAL, 1, RATE - Decimal("0.64"))
    assert read_glimpse(story.glimpse.spelled()) == story.glimpse
    assert read_glimpse("lost-1-0.00") is None
    assert story.given == Decimal("0.1")
    assert [each.amount for each in story.refunds] == [Decimal("0.1")]
    assert dict(story.priced)["charge"] == "1.35 USD for 1000"
    assert dict(story.priced)["priced from the offer"] == "acme:101"
    assert await tell_order(shop.backends, 99) is None


async def test_ten_thousand_parts_are_two_hundred_and_a_count(shop: Shop) -> None:
    order = await shop.active()
    await shop.execute(
        "INSERT INTO order_parts (order_id, part, provider, provider_order, next_poll_at) "
        "SELECT 1, n, 'acme', 'p' || n, 'infinity' FROM generate_series(1, 10000) n"
    )
    story = await told(shop, order)
    parts = story.chapters["parts"]
    assert [parts[0]["part"], parts[-1]["part"], len(parts)] == [9_801, 10_000, 200]
    assert story.counts == {"parts": 10_000}
    await shop.execute("DELETE FROM order_parts")
