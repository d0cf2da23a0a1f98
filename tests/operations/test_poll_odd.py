"""Answers that say nothing, too much or the impossible: the money stays until they are sound."""

import asyncio
from decimal import Decimal

import pytest
from structlog.testing import capture_logs

from gateway.dialects.json_text import Json
from gateway.operations.poll import close_old, poll
from gateway.operations.providers import providers
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
    assert await shop.findings() == [("D9", order, True), ("D9", None, True)]
    await shop.see(order, currency="USD", **DONE)
    assert await shop.findings() == [("D9", order, False), ("D9", None, True)]


async def test_a_provider_that_charges_in_another_currency_gets_no_orders(shop: Shop) -> None:
    order = await shop.active()
    await shop.see(order, status="In progress", currency="EUR", charge="0.9", remains=400)
    note = f"order {order} is charged in EUR, not in USD"
    of_provider = "SELECT closed_at IS NULL, note FROM discrepancies WHERE order_id IS NULL"
    assert await shop.rows(of_provider) == [(True, note)]
    assert ("D9", order, True) in await shop.findings()
    (_, state) = (await providers(shop.backends))["acme"]
    assert state is not None
    assert (state.paused, state.pause_reason) == (True, f"D9: {note}")
    waits = await shop.order()
    assert await shop.send() == []
    assert await shop.state(waits) == "queued"
    # what an operator closes is opened again as long as the provider says so
    decided = "UPDATE discrepancies SET closed_at = now() WHERE order_id IS NULL"
    await shop.execute(decided)
    await shop.poll()
    assert await shop.send() == []
    # and not over what is of the past once the document agrees
    euro = shop.tables["acme"].replace("USD", "EUR")
    await shop.reapply({**shop.tables, "acme": euro})
    await shop.execute(decided)
    await shop.poll()
    await shop.send()
    assert await shop.state(waits) == "active"


async def test_an_id_that_vanished_is_never_a_refund(shop: Shop) -> None:
    order = await shop.active()
    number = (await shop.story(order)).order.provider_order or ""
    shop.acme.say_of(number, error="Incorrect order ID")
    await shop.poll()
    await shop.execute("UPDATE orders SET created_at = now() - interval '5 days'")
    await shop.poll()
    assert await shop.findings() == []
    # perhaps for the moment only: asked again soon, however old it is
    assert await shop.rows("SELECT next_poll_at < now() + '1801 s' FROM orders") == [(True,)]
    await shop.poll()
    await shop.poll()
    assert await shop.findings() == [("D6", order, True)]
    assert await shop.rows("SELECT next_poll_at > now() + '1 h' FROM orders") == [(True,)]
    assert await shop.state(order) == "active"
    assert await net(shop) == RATE
    await shop.see(order, **DONE)
    assert await shop.findings() == [("D6", order, False)]


async def test_an_id_is_vanished_after_three_denials_within_a_day_and_an_hour(shop: Shop) -> None:
    order = await shop.active()
    number = (await shop.story(order)).order.provider_order or ""
    denial: dict[str, Json] = {"error": "Incorrect order ID"}
    shop.acme.say_of(number, **denial)
    for _ in range(4):  # it is too young
        await shop.poll()
    assert await shop.findings() == []
    await shop.see(order, status="Pending")
    await shop.execute("UPDATE orders SET created_at = now() - interval '2 hours'")
    shop.acme.say_of(number, **denial)
    for _ in range(2):
        await shop.poll()
    await shop.execute("UPDATE denied_orders SET since = since - interval '24 hours'")
    for _ in range(2):
        await shop.poll()
    assert await shop.findings() == []
    await shop.poll()
    assert await shop.findings() == [("D6", order, True)]


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


@pytest.mark.parametrize(
    ("row", "state", "paid", "cost"),
    [
        ({"remains": 5_000}, "partial", "0", "0.63"),
        ({"remains": -300}, "partial", "1.35", "0.63"),
        ({"remains": "-300"}, "partial", "1.35", "0.63"),
        ({"remains": 10**30}, "active", "1.35", "0.9"),
        ({"remains": "some"}, "active", "1.35", "0.9"),
        ({"remains": "NaN"}, "active", "1.35", "0.9"),
        ({"remains": ""}, "active", "1.35", "0.9"),
        ({"remains": None}, "active", "1.35", "0.9"),
        ({"remains": 299.5}, "active", "1.35", "0.9"),
        ({"remains": [300]}, "active", "1.35", "0.9"),
        ({"charge": "NaN"}, "partial", "0.945", "0.63"),
        ({"charge": "-0.63"}, "partial", "0.945", "0.63"),
        ({"charge": "Infinity"}, "partial", "0.945", "0.63"),
        ({"charge": "free"}, "partial", "0.945", "0.63"),
        ({"charge": "1e999999999"}, "partial", "0.945", "0.63"),
        ({"charge": "9" * 400}, "partial", "0.945", "0.63"),
        ({"charge": {"usd": 1}}, "partial", "0.945", "0.63"),
        ({"currency": "EUR"}, "partial", "0.945", "0.9"),
    ],
)
async def test_no_answer_moves_more_than_it_proves(
    shop: Shop, row: dict[str, Json], state: str, paid: str, cost: str
) -> None:
    order = await shop.active()
    for _ in range(2):
        await shop.see(order, **{**PART, **row})
    assert await shop.state(order) == state
    assert await net(shop) == Decimal(paid)
    assert (await shop.story(order)).order.cost == Decimal(cost)
    assert 0 <= (await shop.story(order)).order.standing.net <= RATE


async def test_a_charge_beyond_all_reason_but_readable_stops_the_sale_of_its_offer(
    shop: Shop,
) -> None:
    order = await shop.active()
    await shop.see(order, **{**DONE, "charge": "999999999999"})
    assert (await shop.story(order)).order.cost == 999_999_999_999
    assert await net(shop) == RATE
    other = await shop.order()
    assert (await shop.story(other)).order.provider == "beta"


async def test_going_to_and_fro_posts_once_and_is_told_when_it_is_often(shop: Shop) -> None:
    order = await shop.active()
    going: dict[str, Json] = {"status": "In progress", "charge": "0.9", "remains": 500}
    for _ in range(3):
        await shop.see(order, **PART)
        await shop.see(order, **going)
    assert await net(shop) == Decimal("0.945")
    assert len(await shop.booked(order)) == 5
    told = "SELECT closed_at IS NULL, note FROM discrepancies WHERE order_id IS NULL"
    assert await shop.rows(told) == []
    with capture_logs() as logged:
        for _ in range(3):
            await shop.see(order, **DONE)
            await shop.see(order, **going)
    note = "orders went back from their end {} times within a day"
    assert await shop.rows(told) == [(True, note.format(6))]
    assert [each["odd"] for each in logged if "odd" in each] == [note.format(4)]
    # a day later it is over
    await shop.execute("UPDATE discrepancies SET opened_at = opened_at - interval '1 day'")
    await shop.poll()
    assert [each for (each, _) in await shop.rows(told)] == [False]


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
