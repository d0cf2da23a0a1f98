"""What of a provider's balance was unexplained, by the day."""

from decimal import Decimal

from gateway.domain.operators import Actor
from gateway.operations.fund import fund
from gateway.operations.weigh import weigh
from gateway.operations.weighed import weighed
from tests.operations.shop import Shop


async def day_passes(shop: Shop) -> None:
    await shop.execute("UPDATE balance_readings SET read_at = read_at - interval '1 day'")


async def test_each_day_is_told_by_its_last_reading(shop: Shop) -> None:
    await weigh(shop.backends, shop.provider())
    for taken in ("2", "0", "-0.5"):
        await day_passes(shop)
        shop.acme.orders.balance -= Decimal(taken)
        await weigh(shop.backends, shop.provider())
        await weigh(shop.backends, shop.provider())
    found = await weighed(shop.backends, "acme")
    assert [(each.unexplained, each.change) for each in found] == [
        (0, 0),
        (2, 2),
        (2, 0),
        (Decimal("1.5"), Decimal("-0.5")),
    ]
    assert [each.day for each in found] == sorted({each.day for each in found})


async def test_before_the_first_funds_nothing_is_told(shop: Shop) -> None:
    await weigh(shop.backends, shop.provider())
    await day_passes(shop)
    await fund(shop.backends, "acme", Decimal(1_000_001), actor=Actor("ann"), reference="opening")
    await weigh(shop.backends, shop.provider())
    found = await weighed(shop.backends, "acme")
    assert [(each.unexplained, each.change) for each in found] == [(1, 1)]


async def test_of_whom_nobody_has_asked_there_is_nothing(shop: Shop) -> None:
    assert await weighed(shop.backends, "gone") == ()
