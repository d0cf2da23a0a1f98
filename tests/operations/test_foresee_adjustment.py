"""What an adjustment would do is told before anybody asks for it."""

from decimal import Decimal

from gateway.domain.operators import Actor
from gateway.operations.adjust import Wanted, adjust
from gateway.operations.foresee_adjustment import foresee_adjustment
from tests.operations.shop import Shop

ANN = Actor("ann")


async def test_what_one_operator_booked_today_counts(shop: Shop) -> None:
    first = await foresee_adjustment(shop.backends, 1, Decimal(-40), actor=ANN)
    assert first is not None
    assert (first.after, first.today, first.second, first.others) == (60, 0, False, False)
    await adjust(shop.backends, Wanted(1, Decimal(-40), "why", "a"), actor=ANN)
    then = await foresee_adjustment(shop.backends, 1, Decimal(11), actor=ANN)
    assert then is not None
    assert (then.after, then.today, then.second) == (71, 40, True)
    other = await foresee_adjustment(shop.backends, 1, Decimal(11), actor=Actor("bea"))
    assert other is not None
    assert not other.second
    assert await foresee_adjustment(shop.backends, 99, Decimal(1), actor=ANN) is None
