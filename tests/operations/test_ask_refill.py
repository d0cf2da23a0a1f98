"""Refills that operators ask for: the customers' rules, told in words."""

import pytest

from gateway.domain.glimpse import Glimpse
from gateway.domain.operators import Actor
from gateway.domain.orders import State
from gateway.operations.ask_refill import RefillAsked, ask_refill
from tests.operations.asking import Asking
from tests.operations.shop import RATE, Shop

ANN = Actor("ann")


@pytest.fixture
def asking(shop: Shop) -> Asking:
    return Asking(shop)


async def ask(shop: Shop, order: int, seen: Glimpse | None = None) -> RefillAsked:
    return await ask_refill(shop.backends, order, actor=ANN, reason="dropped", seen=seen)


async def test_an_operator_asks_by_the_customers_rules(asking: Asking) -> None:
    shop = asking.shop
    order = await asking.completed()
    running = await shop.active()
    assert await ask(shop, order) == RefillAsked(1)
    assert await asking.told("order_id, kind, state, customer_id") == [
        (order, "refill", "asked", 1)
    ]
    for number, why in (
        (order, f"order {order} gets no refill: a refill is under way already"),
        (running, f"order {running} gets no refill: it is active: only what has ended is refilled"),
        (99, "there is no order 99"),
    ):
        assert (await ask(shop, number)).why_not == why
    seen = Glimpse(State.ACTIVE, 1, RATE)
    stale = await ask(shop, order, seen)
    assert stale.moved == Glimpse(State.COMPLETED, 1, RATE)
    assert await shop.rows(
        "SELECT what, subject, after, reason FROM deeds WHERE what LIKE '%refill'"
    ) == [("ask for a refill", f"order:{order}", {"refill": 1}, "dropped")]
