"""Answers that say nothing, too much or the impossible: the money stays until they are sound."""

import asyncio
from decimal import Decimal

import pytest

from gateway.dialects.json_text import Json
from gateway.operations.poll import close_old, poll
from tests.operations.shop import COST, RATE, Shop, until

DONE: dict[str, Json] = {"status": "Completed", "charge": "0.9", "remains": 0}
PART: dict[str, Json] = {"status": "Partial", "charge": "0.63", "remains": 300}
GONE: dict[str, Json] = {"status": "Canceled", "charge": "0", "remains": 1000}
KEPT: dict[str, Json] = {"status": "Canceled", "charge": "0.9", "remains": 0}


async def net(shop: Shop) -> Decimal:
    """What Bob has paid for good."""
    available, held = await shop.funds()
    assert held == 0
    return 100 - available


async def pass_minutes(shop: Shop, minutes: int) -> None:
    await shop.execute(f"UPDATE orders SET seen_since = seen_since - interval '{minutes} min'")  # noqa: S608  ours


async def test_an_unknown_word_moves_nothing(shop: Shop) -> None:
    order = await shop.active()
    before = await shop.booked(order)
    await shop.see(order, status="Frozen", charge="0", remains=1000)
    assert await shop.state(order) == "active"
    assert await shop.booked(order) == before
    assert await shop.findings() == [("D9", order, True)]
    await shop.see(order, status="In progress", charge="0.9", remains=400)
    assert await shop.findings() == [("D9", order, False)]
    standing = (await shop.story(order)).order.standing
    assert (standing.progress, standing.remains) == ("in_progress", 400)


async def test_another_currency_changes_no_cost(shop: Shop) -> None:
    order = await shop.active()
    await shop.see(order, currency="EUR", **DONE)
    assert await shop.state(order) == "completed"
    assert (await shop.story(order)).order.cost == COST
    assert await shop.findings() == [("D9", order, True)]
    await shop.see(order, currency="USD", **DONE)
    assert await shop.findings() == [("D9", order, False)]


async def test_an_id_that_vanished_is_never_a_refund(shop: Shop) -> None:
    order = await shop.active()
    number = (await shop.story(order)).order.provider_order or ""
    shop.acme.say_of(number, error="Incorrect order ID")
    await shop.poll()
    assert await shop.findings() == []
    await shop.execute("UPDATE orders SET created_at = now() - interval '61 minutes'")
    await shop.poll()
    await shop.poll()
    assert await shop.findings() == [("D6", order, True)]
    assert await shop.state(order) == "active"
    assert await net(shop) == RATE
    await shop.see(order, **DONE)
    assert await shop.findings() == [("D6", order, False)]


async def test_a_row_that_is_missing_changes_nothing(shop: Shop) -> None:
    orders = [await shop.active(), await shop.active()]
    await shop.see(orders[0], **DONE)
    assert [await shop.state(order) for order in orders] == ["completed", "active"]
    assert await shop.findings() == []


async def test_a_whole_batch_refused_is_asked_in_halves_and_refunds_nothing(shop: Shop) -> None:
    orders = [await shop.active(), await shop.active()]
    asked = shop.acme.requests["status"]
    shop.acme.say_all({"error": "Incorrect order ID"})
    await shop.poll()
    assert shop.acme.requests["status"] == asked + 3
    assert [await shop.state(order) for order in orders] == ["active", "active"]
    assert await shop.findings() == []
    assert await net(shop) == 2 * RATE


async def test_an_unreadable_answer_keeps_everything(shop: Shop) -> None:
    order = await shop.active()
    before = await shop.story(order)
    shop.acme.change(faults={"status_html": 1})
    assert await shop.poll() == 1
    after = await shop.story(order)
    assert (after.order, after.events) == (before.order, before.events)
    assert await shop.rows("SELECT next_poll_at > now() + '50 s' FROM orders") == [(True,)]
    assert await poll(shop.backends, shop.provider()) == 0


@pytest.mark.parametrize("charge", ["1e12", "9" * 30, "-1", "0.0000000000004", "NaN"])
async def test_a_charge_beyond_reason_harms_nobody(shop: Shop, charge: str) -> None:
    bad, good = await shop.active(), await shop.active()
    numbers = [(await shop.story(order)).order.provider_order for order in (bad, good)]
    rows: dict[str, Json] = {str(numbers[0]): {**PART, "charge": charge}, str(numbers[1]): PART}
    shop.acme.say_all(rows)
    await shop.poll()
    assert [await shop.state(order) for order in (bad, good)] == ["partial", "partial"]
    assert await net(shop) == 2 * Decimal("0.945")
    assert (await shop.story(bad)).order.cost < 1


async def test_canceled_but_still_charged_is_looked_at_twice(shop: Shop) -> None:
    order = await shop.active()
    for minutes in (0, 9):
        await pass_minutes(shop, minutes)
        await shop.see(order, **KEPT)
        assert await shop.state(order) == "active"
        assert await net(shop) == RATE
    await pass_minutes(shop, 1)
    await shop.poll()
    assert await shop.state(order) == "canceled"
    assert await net(shop) == 0
    assert (await shop.story(order)).order.cost == COST
    assert await shop.findings() == [("D4", order, True)]
    await shop.see(order, **GONE)
    assert (await shop.story(order)).order.cost == 0
    assert await shop.findings() == [("D4", order, False)]


async def test_another_answer_in_between_begins_the_wait_anew(shop: Shop) -> None:
    order = await shop.active()
    await shop.see(order, **KEPT)
    await pass_minutes(shop, 9)
    await shop.see(order, status="Pending")
    await pass_minutes(shop, 9)
    await shop.see(order, **KEPT)
    assert await shop.state(order) == "active"


async def test_an_order_that_closes_while_its_provider_answers(shop: Shop) -> None:
    closes, other = await shop.active(), await shop.active()
    await shop.see(closes, **DONE)
    await shop.execute(
        "UPDATE orders SET ended_at = now() - interval '31 days', next_poll_at = now()"
    )
    shop.acme.words.clear()
    shop.acme.dawdles = True
    looking = asyncio.create_task(poll(shop.backends, shop.provider()))
    await until(lambda: shop.acme.requests["status"] == 2)
    lease = "SELECT min(next_poll_at) > now() + '20 s' FROM orders"
    assert await shop.rows(lease) == [(True,)]
    assert await close_old(shop.backends) == 1
    assert await looking == 2
    assert [await shop.state(order) for order in (closes, other)] == ["closed", "active"]
    assert (await shop.story(other)).order.standing.progress == "pending"
