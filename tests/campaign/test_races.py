"""A slice of the races: two dozen orders, 2 to 16 workers after them."""

from gateway.campaign.races import Plan, races
from gateway.wiring import Addresses


async def test_each_order_is_begun_once(addresses: Addresses) -> None:
    report = await races(addresses, Plan(races=45, seed=3))
    assert report.breaks == []
    assert report.figures["races"] == report.figures["attempts"] == 45
    assert report.figures["orders with more than one"] == 0
    late = report.figures["claims that came too late"]
    assert isinstance(late, int)
    assert late > 0
