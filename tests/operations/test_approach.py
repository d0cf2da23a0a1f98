"""An order whose claim ends its worker is found out, and the others are sent meanwhile."""

import asyncio

from gateway.operations.acquit import acquit
from gateway.operations.approach import LOSSES_MAX, approach
from gateway.operations.claim import claim
from tests.operations.shop import Shop


async def claimed(shop: Shop, limit: int = 8, only: list[int] | None = None) -> list[int]:
    """Orders that are claimed now."""
    departures = await claim(shop.backends, "acme", 1, limit, only)
    return [each.key.order for each in departures]


async def approached(shop: Shop, limit: int = 1) -> list[int]:
    return await approach(shop.backends, "acme", limit)


async def time_passes(shop: Shop) -> None:
    await shop.execute("UPDATE suspects SET due_at = now() - interval '1 second'")


async def test_the_first_of_the_queue_are_on_record_and_claimed_alone(shop: Shop) -> None:
    first, second, third, fourth = [await shop.order() for _ in range(4)]
    assert await approached(shop) == [first]
    assert await claimed(shop, only=[first]) == [first]
    await acquit(shop.backends, [first])
    assert await shop.rows("SELECT count(*) FROM suspects") == [(0,)]
    assert await approached(shop, 2) == [second, third]
    assert await claimed(shop, only=[second, third]) == [second, third]
    assert await approached(shop, 2) == [fourth]
    assert await approach(shop.backends, "beta", 1) == []


async def test_while_it_is_suspected_the_others_go_first(shop: Shop) -> None:
    deadly, other = await shop.order(), await shop.order()
    assert await approached(shop) == [deadly]  # and its worker dies
    assert await approached(shop) == [other]
    await acquit(shop.backends, [other])
    assert await claimed(shop) == [other]
    assert await approached(shop) == []
    await time_passes(shop)
    assert await claimed(shop) == []
    assert await approached(shop) == [deadly]
    assert await claimed(shop, only=[deadly]) == [deadly]


async def test_those_that_were_claimed_with_it_are_tried_alone_and_acquitted(shop: Shop) -> None:
    innocent, deadly, other = [await shop.order() for _ in range(3)]
    assert await approached(shop, 8) == [innocent, deadly, other]  # and its worker dies
    assert await approached(shop, 8) == []
    await time_passes(shop)
    assert await approached(shop, 8) == [innocent]
    assert await claimed(shop, only=[innocent]) == [innocent]
    await acquit(shop.backends, [innocent])
    assert await approached(shop, 8) == [deadly]  # and the next one dies
    assert await approached(shop, 8) == [other]
    assert await claimed(shop, only=[other]) == [other]
    await acquit(shop.backends, [other])
    assert await shop.rows("SELECT order_id, losses FROM suspects") == [(deadly, 2)]


async def test_what_has_ended_three_workers_is_ended_itself(shop: Shop) -> None:
    deadly = await shop.order()
    for _ in range(LOSSES_MAX):
        assert await approached(shop) == [deadly]
        await time_passes(shop)
    assert await shop.state(deadly) == "queued"
    assert await approached(shop) == []
    story = await shop.story(deadly)
    assert story.order.standing.state == "failed"
    assert story.attempts == []
    assert story.events[-1]["reason"] == "its claim has ended 3 workers"
    assert await shop.funds() == (100, 0)
    assert await shop.rows("SELECT count(*) FROM suspects") == [(0,)]


async def test_whoever_waits_longer_after_each_loss(shop: Shop) -> None:
    order = await shop.order()
    waits = "SELECT round(extract(epoch FROM due_at - now()))::int FROM suspects"
    for wait in (2, 4, 6):
        assert await approached(shop) == [order]
        ((left,),) = await shop.rows(waits)
        assert wait - 1 <= left <= wait
        await time_passes(shop)


async def test_two_workers_approach_no_order_twice(shop: Shop) -> None:
    orders = [await shop.order() for _ in range(12)]
    found = await asyncio.gather(*(approached(shop, 3) for _ in range(6)))
    assert sorted(each for some in found for each in some) == orders


async def test_one_that_was_taken_meanwhile_is_not_claimed_twice(shop: Shop) -> None:
    order = await shop.order()
    assert await approached(shop) == [order]
    await shop.execute("DELETE FROM suspects")
    assert await claimed(shop) == [order]
    assert await claimed(shop, only=[order]) == []


async def test_a_row_that_cannot_be_read_keeps_nobody_waiting(shop: Shop) -> None:
    odd, other = await shop.order(), await shop.order()
    await shop.execute(f"UPDATE orders SET offers = '{{}}', kind = 'Wishes' WHERE id = {odd}")  # noqa: S608  ours
    assert await claimed(shop) == [other]
    await shop.execute(f"UPDATE orders SET kind = 'Default' WHERE id = {odd}")  # noqa: S608  ours
    story = await shop.story(odd)
    assert story.order.standing.state == "failed"
    assert story.events[-1]["reason"].startswith("its row cannot be read: ")
    held = await shop.rows(f"SELECT charge FROM orders WHERE id = {other}")  # noqa: S608  ours
    assert (await shop.funds())[1] == held[0][0]
