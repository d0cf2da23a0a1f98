"""The books as a whole are proven, and damage is counted by the name of what it breaks."""

from gateway.operations.verify import verify
from gateway.storage.invariants import INVARIANTS
from tests.operations.shop import Shop


async def test_verify_names_every_invariant_and_counts_its_rows(shop: Shop) -> None:
    await shop.active()
    assert await verify(shop.backends) == dict.fromkeys(INVARIANTS, 0)
    await shop.execute("UPDATE orders SET cost_booked = cost_booked + 0.000000000001")
    found = await verify(shop.backends)
    assert {name: rows for name, rows in found.items() if rows} == {"cost as booked": 1}
    await shop.execute("UPDATE orders SET cost_booked = cost_booked - 0.000000000001")
