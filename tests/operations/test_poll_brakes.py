"""Refunds that wait for a second word: large ones, and those of a provider that cancels all."""

from decimal import Decimal
from typing import Any

import pytest

from gateway.dialects.json_text import Json
from gateway.operations.poll import close_old, poll
from tests.operations.asking import Asking
from tests.operations.braked import brake
from tests.operations.parted import PARTED, Parted
from tests.operations.shop import RATE, Shop

PART: dict[str, Json] = {"status": "Partial", "charge": "0.63", "remains": 300}
GONE: dict[str, Json] = {"status": "Canceled", "charge": "0", "remains": 1000}
DONE: dict[str, Json] = {"status": "Completed", "charge": "0.9", "remains": 0}
BACK = RATE * 3 / 10


async def net(shop: Shop) -> Decimal:
    """What Bob has paid for good."""
    available, held = await shop.funds()
    assert held == 0
    return 100 - available


async def braked(shop: Shop) -> list[Any]:
    """Orders with a refund that waits, its amount and why."""
    return await shop.rows("SELECT order_id, amount, reason FROM braked_refunds ORDER BY 1")


async def ids(shop: Shop, orders: list[int]) -> list[str]:
    """What the provider calls these orders."""
    return [(await shop.story(order)).order.provider_order or "" for order in orders]


async def test_a_large_refund_waits_until_it_is_seen_twice(shop: Shop) -> None:
    await brake(shop, 'refund_above = "0.4"')
    order = await shop.active()
    booked = await shop.booked(order)
    await shop.see(order, **PART)
    story = await shop.story(order)
    assert (story.order.standing.state, story.order.standing.remains) == ("active", None)
    assert (await net(shop), await shop.booked(order)) == (RATE, booked)
    assert await braked(shop) == [(order, BACK, "a refund above 0.40")]
    assert story.braked[0]["seen"]["word"] == "Partial"
    assert await shop.findings() == [("D4", order, True)]
    # looked at again at its young pace, and not as if it had ended
    assert await shop.rows("SELECT next_poll_at < now() + '61 s' FROM orders") == [(True,)]
    await shop.poll()
    assert (await shop.state(order), await net(shop)) == ("partial", RATE - BACK)
    assert (await braked(shop), await shop.findings()) == ([], [("D4", order, False)])
    assert (await shop.story(order)).braked == []


async def test_a_refund_at_the_bound_does_not_wait(shop: Shop) -> None:
    await brake(shop, f'refund_above = "{BACK}"')
    order = await shop.active()
    await shop.see(order, **PART)
    assert (await shop.state(order), await net(shop)) == ("partial", RATE - BACK)


async def test_an_old_order_whose_refund_waits_is_not_left_for_a_day(shop: Shop) -> None:
    await brake(shop, 'refund_above = "0.4"')
    order = await shop.active()
    await shop.see(order, **DONE)
    await shop.execute(
        "UPDATE orders SET created_at = now() - interval '40 days',"
        " ended_at = now() - interval '31 days'"
    )
    await shop.see(order, **GONE)
    assert await shop.state(order) == "completed"
    assert await shop.rows("SELECT next_poll_at < now() + '301 s' FROM orders") == [(True,)]
    # nor is it closed before it is known what becomes of it
    assert await close_old(shop.backends) == 0
    await shop.poll()
    assert (await shop.state(order), await net(shop)) == ("canceled", 0)


async def test_a_word_that_was_taken_back_leaves_no_trace(shop: Shop) -> None:
    await brake(shop, 'refund_above = "0.4"')
    order = await shop.active()
    await shop.see(order, **GONE)
    await shop.see(order, status="In progress", charge="0.9", remains=400)
    assert (await braked(shop), await shop.findings()) == ([], [("D4", order, False)])
    await shop.see(order, **GONE)
    assert (await shop.state(order), await net(shop)) == ("active", RATE)
    await shop.see(order, **DONE)
    await shop.poll()
    assert (await shop.state(order), await net(shop)) == ("completed", RATE)
    assert await braked(shop) == []


async def test_a_refund_that_is_never_said_twice_waits_a_day_at_most(shop: Shop) -> None:
    await brake(shop, 'refund_above = "0.1"')
    order = await shop.active()
    for left in (300, 301):
        await shop.see(order, **{**PART, "remains": left})
        await shop.execute("UPDATE braked_refunds SET since = since - interval '23 hours'")
    assert await net(shop) == RATE
    await shop.execute("UPDATE braked_refunds SET since = since - interval '1 hour'")
    await shop.see(order, **{**PART, "remains": 200})
    assert await net(shop) == RATE * 8 / 10


@pytest.mark.parametrize("answer", [{}, {"error": "Incorrect order ID"}])
async def test_a_provider_that_falls_silent_keeps_nobodys_refund(
    shop: Shop, answer: dict[str, Json]
) -> None:
    await brake(shop, 'refund_above = "0.1"')
    order, other = await shop.active(), await shop.active()
    (number, _) = await ids(shop, [order, other])
    await shop.see(order, **PART)
    shop.acme.say_all({number: answer} if answer else {})
    await shop.poll()
    assert await shop.state(order) == "active"
    await shop.execute("UPDATE braked_refunds SET since = since - interval '24 hours'")
    await shop.poll()
    assert (await shop.state(order), await shop.state(other)) == ("partial", "active")
    assert (await net(shop), await braked(shop)) == (2 * RATE - BACK, [])
    assert (await shop.story(order)).order.cost == Decimal("0.63")


async def many(shop: Shop, count: int) -> list[int]:
    """So many active orders of 100 each."""
    placed = await shop.place(*(shop.placement(100) for _ in range(count)))
    await shop.send()
    return placed


async def test_a_provider_that_cancels_everything_at_once_is_asked_twice(shop: Shop) -> None:
    orders = await many(shop, 25)
    row: dict[str, Json] = {"status": "Canceled", "charge": "0", "remains": 100}
    shop.acme.say_all(dict.fromkeys(await ids(shop, orders), row))
    await shop.poll()
    assert await shop.rows("SELECT DISTINCT state FROM orders") == [("active",)]
    assert {why for _, _, why in await braked(shop)} == {
        "more than 5 % of the day's orders ended so within an hour"
    }
    assert len(await braked(shop)) == 25
    shop.acme.say_all({number: {**DONE, "charge": "0.09"} for number in await ids(shop, orders)})
    await shop.poll()
    assert (await net(shop), await braked(shop)) == (25 * RATE / 10, [])


async def test_one_after_the_other_is_many_too(shop: Shop) -> None:
    orders = await many(shop, 40)
    states: list[str] = []
    for order in orders[:4]:
        await shop.see(order, status="Canceled", charge="0", remains=100)
        states.append(await shop.state(order))
    assert states == ["canceled", "canceled", "active", "active"]
    # those of an hour ago are forgotten, and so is what waits since then
    await shop.execute("UPDATE orders SET ended_at = ended_at - interval '61 min'")
    await shop.execute("UPDATE braked_refunds SET since = since - interval '61 min'")
    await shop.see(orders[4], status="Canceled", charge="0", remains=100)
    assert await shop.state(orders[4]) == "canceled"


async def test_of_few_orders_some_may_end_so(shop: Shop) -> None:
    orders = await many(shop, 19)
    row: dict[str, Json] = {"status": "Canceled", "charge": "0", "remains": 100}
    shop.acme.say_all(dict.fromkeys(await ids(shop, orders), row))
    await shop.poll()
    assert await net(shop) == 0


async def test_cancels_that_were_asked_for_are_no_sign_of_a_fault(shop: Shop) -> None:
    orders = await many(shop, 25)
    asking = Asking(shop)
    await asking.cancel(*orders)
    await asking.forward()
    row: dict[str, Json] = {"status": "Canceled", "charge": "0", "remains": 100}
    shop.acme.say_all(dict.fromkeys(await ids(shop, orders), row))
    await shop.poll()
    assert (await net(shop), await braked(shop)) == (0, [])
    # and they do not count against another
    other = await shop.active(100)
    await shop.see(other, **row)
    assert await net(shop) == 0


async def test_an_asked_cancel_of_a_large_order_is_seen_twice_all_the_same(shop: Shop) -> None:
    await brake(shop, 'refund_above = "1"')
    order = await shop.active()
    asking = Asking(shop)
    await asking.cancel(order)
    await asking.forward()
    await shop.see(order, **GONE)
    assert (await net(shop), await asking.states()) == (RATE, ["sent"])
    await shop.poll()
    assert (await net(shop), await asking.states()) == (0, ["completed"])


async def test_a_drip_feed_whose_refund_waits_has_its_runs_looked_at_soon(
    shop: Shop, parted: Parted
) -> None:
    await brake(shop, 'refund_above = "0.1"', services=PARTED)
    order = await parted.dripping(runs=1)
    gone: dict[str, Json] = {"status": "Canceled", "charge": "0", "remains": 1_000}
    await shop.execute("UPDATE order_parts SET created_at = now() - interval '9 days'")
    await parted.say(order, gone)
    assert await shop.state(order) == "active"
    assert await shop.rows("SELECT next_poll_at < now() + '301 s' FROM order_parts") == [(True,)]
    await parted.say(order, gone)
    assert (await shop.state(order), await net(shop)) == ("canceled", 0)


async def test_who_looks_first_brakes_for_all(shop: Shop) -> None:
    """A refund that waits is on record, so that any worker gives it at the second word."""
    await brake(shop, 'refund_above = "0.4"')
    order = await shop.active()
    await shop.see(order, **PART)
    await shop.execute("UPDATE orders SET next_poll_at = now()")
    assert await poll(shop.backends, shop.provider()) == 1
    assert await poll(shop.backends, shop.provider()) == 0
    assert await shop.state(order) == "partial"
