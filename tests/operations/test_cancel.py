"""Cancels at the door: at once before the start, else a wish that the provider's status grants."""

import asyncio

import pytest

from gateway.domain.refusals import Code, Refusal
from gateway.operations.cancel import cancel
from tests.operations.asking import Asking
from tests.operations.shop import RATE, Shop

NO = Refusal(Code.CANCEL_REFUSED)
ALREADY = Refusal(Code.CANCEL_IN_PROGRESS)


@pytest.fixture
def asking(shop: Shop) -> Asking:
    return Asking(shop)


async def test_queued_orders_end_at_once_with_their_holds_released(asking: Asking) -> None:
    shop = asking.shop
    orders = [await shop.order() for _ in range(3)]
    assert await shop.funds() == (100 - 3 * RATE, 3 * RATE)
    assert await asking.cancel(*orders[::-1]) == dict.fromkeys(orders)
    assert await shop.funds() == (100, 0)
    for order in orders:
        assert await shop.state(order) == "failed"
        last = (await shop.story(order)).events[-1]
        assert (last["actor"], last["to_state"]) == ("customer", "failed")
    assert await shop.send() == []
    assert await asking.states() == []
    assert await asking.cancel(orders[0]) == {orders[0]: NO}


async def test_another_customers_order_is_absent_and_untouched(asking: Asking) -> None:
    order = await asking.shop.order()
    eve = await asking.shop.customer("eve")
    assert await cancel(asking.shop.backends, eve, [order]) == {}
    assert await asking.shop.state(order) == "queued"


async def test_many_who_cancel_at_once_release_once(asking: Asking) -> None:
    queued, running = await asking.shop.order(), await asking.shop.active()
    await asking.shop.execute("UPDATE orders SET created_at = now()")
    third = await asking.shop.order()
    answers = await asyncio.gather(*(asking.cancel(third, running) for _ in range(12)))
    assert sum(each[third] is None for each in answers) == 1
    assert sum(each[running] is None for each in answers) == 1
    assert {each[running] for each in answers} == {None, ALREADY}
    assert await asking.states() == ["asked"]
    assert await asking.shop.funds() == (100 - 2 * RATE, 0)
    assert queued


async def test_what_is_on_its_way_is_remembered_and_asked_once_it_is_known(
    asking: Asking,
) -> None:
    shop = asking.shop
    order = await shop.order(marks="?fault=reset_after")
    await shop.send()
    assert await shop.state(order) == "unconfirmed"
    assert await asking.cancel(order) == {order: None}
    assert await asking.cancel(order) == {order: ALREADY}
    assert await asking.forward() == 0
    assert await shop.rows("SELECT cancel_wanted FROM orders") == [(True,)]
    assert await shop.funds() == (100 - RATE, RATE)


async def test_what_comes_back_to_the_queue_ends_there(asking: Asking) -> None:
    shop = asking.shop
    order = await shop.order()
    await shop.execute("UPDATE orders SET cancel_wanted = true")
    assert await shop.send() == []
    assert await shop.state(order) == "failed"
    assert await shop.funds() == (100, 0)


async def test_a_wish_moves_no_money_and_a_status_does(asking: Asking) -> None:
    shop = asking.shop
    order = await shop.active()
    assert await asking.cancel(order) == {order: None}
    assert await shop.funds() == (100 - RATE, 0)
    await asking.forward()
    assert await asking.states() == ["sent"]
    assert await shop.funds() == (100 - RATE, 0)
    await asking.move(order, status="Canceled", charge=0)
    assert await shop.state(order) == "canceled"
    assert await shop.funds() == (100, 0)
    assert await asking.states() == ["completed"]


async def test_asked_is_not_canceled(asking: Asking) -> None:
    order = await asking.shop.active()
    await asking.cancel(order)
    await asking.forward()
    await asking.move(order, status="Completed")
    assert await asking.states() == ["rejected"]
    assert await asking.shop.funds() == (100 - RATE, 0)
    assert await asking.cancel(order) == {order: NO}


async def test_where_the_offer_has_no_cancel_it_is_refused(asking: Asking) -> None:
    shop = asking.shop
    order = await shop.active()
    await shop.execute("UPDATE offers SET cancel = false")
    await shop.execute("UPDATE provider_states SET offers_version = offers_version + 1")
    await shop.backends.shelf.refresh()
    assert await asking.cancel(order) == {order: NO}
    assert await asking.states() == []
    # before the start nobody has to be asked
    queued = await shop.order()
    assert await asking.cancel(queued) == {queued: None}
