"""An order whose claim ends its worker is found out, and the others are sent meanwhile."""

from gateway.operations.acquit import acquit
from gateway.operations.approach import LOSSES_MAX, approach
from gateway.operations.claim import claim
from tests.operations.shop import Shop


async def claimed(shop: Shop, limit: int = 8, only: int | None = None) -> list[int]:
    """Orders that are claimed now."""
    departures = await claim(shop.backends, "acme", 1, limit, only)
    return [each.key.order for each in departures]


async def time_passes(shop: Shop) -> None:
    await shop.execute("UPDATE suspects SET due_at = now() - interval '1 second'")


async def test_the_first_of_the_queue_is_on_record_and_claimed_alone(shop: Shop) -> None:
    first, second = await shop.order(), await shop.order()
    assert await approach(shop.backends, "acme") == first
    assert await claimed(shop, only=first) == [first]
    await acquit(shop.backends, first)
    assert await shop.rows("SELECT count(*) FROM suspects") == [(0,)]
    assert await approach(shop.backends, "acme") == second
    assert await approach(shop.backends, "beta") is None


async def test_while_it_is_suspected_the_others_go_first(shop: Shop) -> None:
    deadly, other = await shop.order(), await shop.order()
    assert await approach(shop.backends, "acme") == deadly  # and its worker dies
    assert await approach(shop.backends, "acme") == other
    await acquit(shop.backends, other)
    assert await claimed(shop) == [other]
    assert await approach(shop.backends, "acme") is None
    await time_passes(shop)
    assert await claimed(shop) == []
    assert await approach(shop.backends, "acme") == deadly
    assert await claimed(shop, only=deadly) == [deadly]


async def test_what_has_ended_three_workers_is_ended_itself(shop: Shop) -> None:
    deadly = await shop.order()
    for _ in range(LOSSES_MAX):
        assert await approach(shop.backends, "acme") == deadly
        await time_passes(shop)
    assert await shop.state(deadly) == "queued"
    assert await approach(shop.backends, "acme") is None
    story = await shop.story(deadly)
    assert story.order.standing.state == "failed"
    assert story.attempts == []
    assert story.events[-1]["reason"] == "its claim has ended 3 workers"
    assert await shop.funds() == (100, 0)
    assert await shop.rows("SELECT count(*) FROM suspects") == [(0,)]


async def test_whoever_waits_longer_after_each_loss(shop: Shop) -> None:
    order = await shop.order()
    waits = "SELECT extract(epoch FROM due_at - now())::int FROM suspects"
    for wait in (5, 10, 15):
        assert await approach(shop.backends, "acme") == order
        ((left,),) = await shop.rows(waits)
        assert wait - 2 <= left <= wait
        await time_passes(shop)


async def test_one_that_was_taken_meanwhile_is_not_claimed_twice(shop: Shop) -> None:
    order = await shop.order()
    assert await approach(shop.backends, "acme") == order
    await shop.execute("DELETE FROM suspects")
    assert await claimed(shop) == [order]
    assert await claimed(shop, only=order) == []


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
