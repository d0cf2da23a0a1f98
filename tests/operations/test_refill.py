"""Refills at the door: who gets one, judged by the provider that took the order."""

import asyncio

import pytest

from gateway.domain.refusals import Code, Refusal
from gateway.operations.refill import refill
from tests.operations.asking import Asking
from tests.operations.shop import RATE, SERVICES, Shop

NO = Refusal(Code.REFILL_REFUSED)
ALREADY = Refusal(Code.REFILL_IN_PROGRESS)


@pytest.fixture
def asking(shop: Shop) -> Asking:
    return Asking(shop)


async def test_what_has_ended_is_refilled_and_no_money_moves(asking: Asking) -> None:
    first, second = await asking.completed(), await asking.completed()
    running = await asking.shop.active()
    before = await asking.shop.funds()
    answers = await asking.refill(second, 999, first, running)
    assert answers.keys() == {first, second, running}
    assert answers[running] == NO
    ids = [answers[first], answers[second]]
    assert all(isinstance(each, int) for each in ids)
    assert await asking.told("order_id, kind, state, provider, customer_id") == [
        (first, "refill", "asked", "acme", 1),
        (second, "refill", "asked", "acme", 1),
    ]
    assert await asking.refill(first) == {first: ALREADY}
    assert await asking.shop.funds() == before == (100 - 3 * RATE, 0)


async def test_another_customers_order_is_absent_and_untouched(asking: Asking) -> None:
    order = await asking.completed()
    eve = await asking.shop.customer("eve")
    assert await refill(asking.shop.backends, eve, [order]) == {}
    assert await asking.states() == []


async def test_many_who_ask_at_once_get_one(asking: Asking) -> None:
    order = await asking.completed()
    answers = await asyncio.gather(*(asking.refill(order) for _ in range(12)))
    ids = [each[order] for each in answers if not isinstance(each[order], Refusal)]
    assert len(ids) == 1
    assert {each[order] for each in answers} == {ids[0], ALREADY}


async def test_the_offer_that_took_the_order_decides(asking: Asking) -> None:
    order = await asking.completed()
    elsewhere = SERVICES.replace('["acme:101", "beta:101"]', '["acme:104"]')
    await asking.shop.reapply(asking.shop.tables, elsewhere)
    # service 1 is sold through an offer without refill now, but this order went to another
    assert isinstance((await asking.refill(order))[order], int)


async def test_a_service_that_is_gone_says_nothing_against_it(asking: Asking) -> None:
    order = await asking.completed()
    await asking.shop.reapply(asking.shop.tables, SERVICES.replace("id = 1\n", "id = 17\n"))
    assert isinstance((await asking.refill(order))[order], int)


@pytest.mark.parametrize(
    "gone", ["DELETE FROM offers", "UPDATE orders SET provider = 'gone', offer = '1'"]
)
async def test_without_an_offer_or_a_provider_there_is_nobody_to_ask(
    asking: Asking, gone: str
) -> None:
    order = await asking.completed()
    before = (await asking.shop.rows("SELECT provider, offer FROM orders"))[0]
    await asking.shop.execute(gone)
    await asking.shop.execute("UPDATE provider_states SET offers_version = offers_version + 1")
    await asking.shop.backends.shelf.refresh()
    assert await asking.refill(order) == {order: NO}
    await asking.shop.execute(f"UPDATE orders SET provider = '{before[0]}', offer = '{before[1]}'")  # noqa: S608  our own
