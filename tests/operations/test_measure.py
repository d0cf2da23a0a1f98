"""Offers as they served: how orders ended, how long they took, what was refused."""

from gateway.operations.measure import measure
from gateway.operations.show_quality import Quality, show_quality
from tests.operations.shop import Shop


async def test_an_offer_is_measured_by_its_orders_and_attempts(shop: Shop) -> None:
    slow, quick, gone, half = [await shop.active() for _ in range(4)]
    back = "UPDATE attempts SET ended_at = ended_at - interval '{} seconds' WHERE order_id = {}"
    for order, seconds in ((slow, 3000), (quick, 1000), (gone, 500), (half, 600)):
        await shop.execute(back.format(seconds, order))
    await shop.see(slow, status="Pending", charge="0.9", start_count=0)
    assert await shop.rows("SELECT count(*) FROM orders WHERE started_at IS NOT NULL") == [(0,)]
    await shop.see(slow, status="In progress", charge="0.9", start_count=5)
    await shop.see(slow, status="Completed", charge="0.9", remains=0)
    await shop.see(quick, status="Completed", charge="0.9", remains=0)
    await shop.see(gone, status="Canceled", charge="0", remains=1000)
    await shop.see(half, status="Partial", charge="0.45", remains=500)
    for code in ("bad_link", "unavailable"):
        refused = await shop.order(marks="?fault=refuse")
        await shop.send()
        await shop.execute(f"UPDATE attempts SET code = '{code}' WHERE order_id = {refused}")  # noqa: S608  ours
    assert await measure(shop.backends) == 3
    assert await measure(shop.backends) == 3
    found = {(each.provider, each.offer): each for each in await show_quality(shop.backends, [1])}
    acme = found["acme", "101"]
    assert (acme.completed, acme.partial, acme.canceled, acme.ended) == (2, 1, 1, 4)
    assert acme.start_seconds is not None
    assert acme.end_seconds is not None
    # the canceled one had begun, too
    assert (acme.start_seconds // 100, acme.end_seconds // 100) == (6, 10)
    assert (acme.tries, acme.refused) == (6, 1)
    assert str(acme.partial_percent) == "25.00"
    assert str(acme.refused_percent) == "16.67"


async def test_what_nobody_used_has_no_measure(shop: Shop) -> None:
    await shop.order()
    await measure(shop.backends)
    assert await show_quality(shop.backends, [1]) == []
    none = Quality(1, "acme", "101", 0, 0, 0, None, None, 0, 0)
    assert (none.partial_percent, none.refused_percent) == (None, None)
