"""The books as a whole are proven, and damage is counted by the name of what it breaks."""

from gateway.operations.verify import verify
from gateway.storage import invariants
from gateway.storage.invariants import INVARIANTS
from tests.operations.shop import Shop


async def test_verify_names_every_invariant_and_counts_its_rows(shop: Shop) -> None:
    await shop.active()
    assert await verify(shop.backends) == dict.fromkeys(INVARIANTS, 0)
    await shop.execute("UPDATE orders SET cost_booked = cost_booked + 0.000000000001")
    found = await verify(shop.backends)
    assert {name: rows for name, rows in found.items() if rows} == {"cost as booked": 1}
    await shop.execute("UPDATE orders SET cost_booked = cost_booked - 0.000000000001")


async def test_both_who_count_see_the_same_moment(shop: Shop) -> None:
    await shop.active()
    async with shop.backends.database.reading() as first:
        moment = await invariants.freeze(first)
        await shop.execute("UPDATE orders SET cost_booked = cost_booked + 1")
        async with shop.backends.database.reading() as second:
            await invariants.join(second, moment)
            assert await invariants.count(second, "cost as booked") == 0
    assert (await verify(shop.backends))["cost as booked"] == 1
    await shop.execute("UPDATE orders SET cost_booked = cost_booked - 1")
