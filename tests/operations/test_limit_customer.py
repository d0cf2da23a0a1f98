"""A customer's own limits, and what he spends in a day."""

import asyncio
from decimal import Decimal

import pytest

from gateway.domain.operators import Actor
from gateway.domain.refusals import Code, Refusal
from gateway.operations.add import Wanted, add
from gateway.operations.add_customer import add_customer
from gateway.operations.identify import identify
from gateway.operations.limit_customer import OwnLimits, limit_customer
from gateway.operations.show_customer import show_customer
from tests.operations.shop import RATE, Shop

ANN = Actor("ann")


async def limit(shop: Shop, own: OwnLimits, customer: int = 1) -> OwnLimits | None:
    return await limit_customer(shop.backends, customer, own, actor=ANN, reason="he is new")


async def test_what_is_spent_in_a_day_ends_at_the_limit_also_at_once(shop: Shop) -> None:
    await shop.order()
    await limit(shop, OwnLimits(spend_max_daily=3 * RATE))
    sets = [[Wanted(shop.bob, shop.placement()) for _ in range(2)] for _ in range(3)]
    answers = await asyncio.gather(*(add(shop.backends, each) for each in sets))
    placed = [each for some in answers for each in some]
    assert len([each for each in placed if isinstance(each, int)]) == 2
    assert {each for each in placed if isinstance(each, Refusal)} == {Refusal(Code.FUNDS)}
    facts = await show_customer(shop.backends, 1)
    assert facts is not None
    assert facts.sums.today == 3 * RATE
    # what comes of an order makes no difference to what was ordered
    assert await shop.funds() == (100 - 3 * RATE, 3 * RATE)
    await shop.execute("UPDATE balances SET spent_on = spent_on - 1")
    await shop.order()
    facts = await show_customer(shop.backends, 1)
    assert facts is not None
    assert facts.sums.today == RATE
    await limit(shop, OwnLimits())
    for _ in range(3):
        await shop.order()


async def test_limits_replace_those_before_and_reach_the_door(shop: Shop) -> None:
    made = await add_customer(shop.backends, "eve", paid_in=Decimal(0), actor=ANN)
    own = OwnLimits(5, 2, Decimal("10.5"))
    assert await limit(shop, own, made.customer) == own
    caller = await identify(shop.backends, made.key)
    assert caller is not None
    assert (caller.calls_per_second, caller.adds_per_second) == (5, 2)
    assert await limit(shop, OwnLimits(), made.customer) == OwnLimits()
    told = await shop.rows("SELECT before FROM deeds WHERE what = 'limit customer' ORDER BY id")
    assert [row[0]["spend_max_daily"] for row in told] == [None, "10.50"]
    assert await limit(shop, own, 99) is None
    for wrong in (OwnLimits(0), OwnLimits(None, 100_001), OwnLimits(None, None, Decimal(-1))):
        with pytest.raises(ValueError, match=r"a pace|spent"):
            await limit(shop, wrong)
    for wrong in (Decimal("NaN"), Decimal("Infinity"), Decimal("1e26")):
        with pytest.raises(ValueError, match="spent"):
            await limit(shop, OwnLimits(None, None, wrong))
