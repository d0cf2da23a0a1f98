"""All of the books are proven once a night."""

from gateway.operations.audit import audit
from tests.operations.shop import Shop


async def hour(shop: Shop) -> int:
    ((now,),) = await shop.rows("SELECT extract(hour FROM now() AT TIME ZONE 'UTC')::integer")
    return int(now)


async def test_it_is_done_once_and_at_its_hour(shop: Shop) -> None:
    await shop.active()
    now = await hour(shop)
    assert await audit(shop.backends, at_hour=(now + 5) % 24) is None
    assert 0 in [await audit(shop.backends, at_hour=now + extra) for extra in (0, 1)]
    assert await audit(shop.backends, at_hour=now) is None


async def test_what_moved_long_ago_is_found_too(shop: Shop) -> None:
    order, other = await shop.active(), await shop.active()
    await shop.execute(f"UPDATE orders SET charged_quantity = 500 WHERE id = {order}")  # noqa: S608  ours
    await shop.execute(f"UPDATE orders SET cost_booked = 7 WHERE id = {other}")  # noqa: S608  ours
    await shop.execute("UPDATE balances SET held = held + 1 WHERE customer_id = 1")
    assert await audit(shop.backends, at_hour=await hour(shop))
    found = await shop.rows(
        "SELECT class, provider, order_id, note FROM discrepancies"
        " WHERE closed_at IS NULL ORDER BY id"
    )
    assert ("D11", "acme", order, "charged otherwise") in found
    assert ("D11", "house", None, f"cost as booked: {other}") in found
    assert [row[:3] for row in found if row[0] == "D12"] == [("D12", "customer:1", None)]
    await shop.execute(f"UPDATE orders SET charged_quantity = 1000 WHERE id = {order}")  # noqa: S608  ours
    await shop.execute(f"UPDATE orders SET cost_booked = 0.9 WHERE id = {other}")  # noqa: S608  ours
    await shop.execute("UPDATE balances SET held = held - 1 WHERE customer_id = 1")
