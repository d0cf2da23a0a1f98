"""Following orders: the books go to a target, by the difference and once (money.md 7)."""

from decimal import Decimal

from gateway.dialects.json_text import Json
from gateway.operations.poll import BATCH, close_old, poll
from tests.operations.asking import Asking
from tests.operations.parrot import Parrot
from tests.operations.parted import Parted
from tests.operations.shop import COST, RATE, Serve, Shop, documents, put_on_sale, table

DONE: dict[str, Json] = {"status": "Completed", "charge": "0.9", "remains": 0}
PART: dict[str, Json] = {"status": "Partial", "charge": "0.63", "remains": 300}
GONE: dict[str, Json] = {"status": "Canceled", "charge": "0", "remains": 1000}
KEPT: dict[str, Json] = {"status": "Canceled", "charge": "0.9", "remains": 0}


async def net(shop: Shop) -> Decimal:
    """What Bob has paid for good."""
    available, held = await shop.funds()
    assert held == 0
    return 100 - available


async def test_completed_keeps_the_charge(shop: Shop) -> None:
    order = await shop.active()
    before = await shop.booked(order)
    await shop.see(order, start_count=17, **DONE)
    story = await shop.story(order)
    assert story.order.standing.state == "completed"
    assert story.order.standing.start_count == 17
    assert story.events[-1]["evidence"]["status"] == "Completed"
    assert await shop.booked(order) == before
    assert (await net(shop), story.order.cost) == (RATE, COST)


async def test_partial_pays_back_what_was_not_delivered(shop: Shop) -> None:
    order = await shop.active()
    await shop.see(order, **PART)
    assert await shop.state(order) == "partial"
    assert (await shop.booked(order))[3:] == [
        ("seen:1", "refunds", "available", Decimal("0.405")),
        ("seen:1:cost", "prepaid:acme", "cost", Decimal("0.27")),
    ]
    assert await net(shop) == Decimal("0.945")


async def test_canceled_pays_all_back(shop: Shop) -> None:
    order = await shop.active()
    await shop.see(order, **GONE)
    assert await shop.state(order) == "canceled"
    assert await net(shop) == 0
    assert (await shop.story(order)).order.cost == 0


async def test_thirds_are_rounded_for_the_house(shop: Shop) -> None:
    order = await shop.active(50)
    charge = RATE * 50 / 1000
    await shop.see(order, status="Partial", charge="0.0306", remains=16)
    assert await net(shop) == Decimal("0.0459")
    await shop.see(order, status="Partial", charge="0.0297", remains=17)
    assert await net(shop) == Decimal("0.04455")
    assert charge == Decimal("0.0675")


async def test_the_same_answer_twice_posts_nothing(shop: Shop) -> None:
    orders = [await shop.active() for _ in range(3)]
    for order, row in zip(orders, (PART, GONE, {**DONE, "charge": "0.93"}), strict=True):
        await shop.see(order, **row)
        booked, findings = await shop.booked(order), await shop.findings()
        await shop.poll()
        await shop.poll()
        assert await shop.booked(order) == booked
        assert await shop.findings() == findings


async def test_completed_after_partial_leaves_the_refund_with_the_customer(shop: Shop) -> None:
    order = await shop.active()
    await shop.see(order, **PART)
    await shop.see(order, **DONE)
    assert await shop.state(order) == "completed"
    assert await net(shop) == Decimal("0.945")
    assert (await shop.story(order)).order.cost == COST
    assert [kind for kind, _, _ in await shop.findings()] == ["D8"]
    await shop.see(order, **GONE)
    assert await net(shop) == 0


async def test_a_refund_is_never_more_than_the_charge(shop: Shop) -> None:
    order = await shop.active()
    for row in (PART, GONE, PART, DONE, {**PART, "remains": 1}, GONE, {**PART, "remains": 5_000}):
        await shop.see(order, **row)
    assert await net(shop) == 0


async def test_rounding_of_the_provider_has_its_own_account(shop: Shop) -> None:
    order = await shop.active()
    await shop.see(order, **{**DONE, "charge": "0.89992"})
    assert (await shop.booked(order))[3:] == [
        ("seen:1:cost", "prepaid:acme", "rounding", Decimal("0.00008"))
    ]
    assert await shop.findings() == [("D1", order, False)]


async def test_another_charge_is_booked_and_told(shop: Shop) -> None:
    order = await shop.active()
    await shop.see(order, **{**DONE, "charge": "0.95000000001"})
    assert (await shop.booked(order))[3:] == [
        ("seen:1:cost", "cost", "prepaid:acme", Decimal("0.05000000001"))
    ]
    assert await shop.findings() == [("D2", order, False)]
    assert await net(shop) == RATE


async def test_remains_of_nothing_before_the_end_is_not_done(shop: Shop) -> None:
    order = await shop.active()
    await shop.see(order, status="Pending", charge="0.9", remains=0)
    assert (await shop.story(order)).order.standing.remains is None
    assert await net(shop) == RATE


async def test_a_package_is_whole_or_not(shop: Shop) -> None:
    order = await shop.package()
    await shop.see(order, status="Partial", charge="1", remains=1)
    assert await shop.state(order) == "active"
    assert await shop.findings() == [("D9", order, True)]
    await shop.see(order, status="Canceled", charge="0")
    assert await net(shop) == 0


async def test_a_provider_in_another_currency(shop: Shop, serve: Serve) -> None:
    euro = Parrot("EUR")
    tables = {**shop.tables, "acme": table(await serve(euro), "EUR")}
    shop.panels = {**shop.panels, "acme": euro}
    await put_on_sale(shop.backends, documents(tables))
    order = await shop.active()
    assert (await shop.booked(order))[2:] == [
        ("cost", "exchange", "prepaid:acme", COST),
        ("cost", "cost", "exchange", Decimal("1.125")),
    ]
    assert await net(shop) == Decimal("1.6875")
    await shop.see(order, currency="EUR", **PART)
    assert (await shop.booked(order))[5:] == [
        ("seen:1:cost", "prepaid:acme", "exchange", Decimal("0.27")),
        ("seen:1:cost", "exchange", "cost", Decimal("0.3375")),
    ]
    assert (await shop.story(order)).order.cost == Decimal("0.7875")
    assert await shop.rows("SELECT DISTINCT rate FROM journal_entries WHERE key LIKE '%cost'") == [
        (Decimal("1.25"),)
    ]


async def test_at_most_a_batch_is_asked_for_at_once(shop: Shop) -> None:
    await shop.place(*(shop.placement(50) for _ in range(BATCH + 3)))
    while await shop.send():
        pass
    await shop.execute("UPDATE orders SET next_poll_at = now()")
    rounds = [await poll(shop.backends, shop.provider()) for _ in range(3)]
    assert rounds == [BATCH, 3, 0]
    assert shop.acme.requests["status"] == 2


async def test_an_older_order_is_looked_at_less_often(shop: Shop) -> None:
    order = await shop.active()
    paces: list[int] = []
    for hours in (0, 2, 12, 48, 100):
        await shop.execute(f"UPDATE orders SET created_at = now() - interval '{hours} hours'")  # noqa: S608  ours
        await shop.see(order, status="Pending")
        ((left,),) = await shop.rows("SELECT extract(epoch FROM next_poll_at - now()) FROM orders")
        paces.append(round(left / 60))
    assert paces == [1, 5, 30, 360, 1_440]


async def test_what_is_being_refilled_is_not_closed(shop: Shop) -> None:
    """Where no refill has an id, nobody but the order tells how it goes."""
    asking = Asking(shop)
    order = await asking.completed()
    await asking.refill(order)
    await shop.execute("UPDATE orders SET ended_at = now() - interval '31 days'")
    assert await close_old(shop.backends) == 0
    await shop.execute("UPDATE order_requests SET state = 'completed', ended_at = now()")
    assert await close_old(shop.backends) == 1


async def test_a_run_that_ended_long_ago_is_looked_at_while_it_is_refilled(
    shop: Shop, parted: Parted
) -> None:
    order = await parted.dripping(runs=1)
    done = {"status": "Completed", "charge": "0.09", "remains": 0}
    await parted.say(order, done)
    pace = "SELECT next_poll_at < now() + interval '10 min' FROM order_parts"
    await shop.execute("UPDATE order_parts SET ended_at = now() - interval '31 days'")
    await parted.say(order, done)
    assert await shop.rows(pace) == [(False,)]
    await shop.execute(
        "INSERT INTO order_requests (order_id, customer_id, kind, provider)"
        " SELECT id, customer_id, 'refill', provider FROM orders"
    )
    await parted.say(order, done)
    assert await shop.rows(pace) == [(True,)]


async def test_what_ended_long_ago_is_closed(shop: Shop) -> None:
    orders = [await shop.active() for _ in range(3)]
    for order, row in zip(orders, (DONE, GONE, {**DONE, "currency": "EUR"}), strict=True):
        await shop.see(order, **row)
    assert await close_old(shop.backends) == 0
    await shop.execute("UPDATE orders SET ended_at = now() - interval '31 days'")
    assert await close_old(shop.backends) == 2
    assert [await shop.state(order) for order in orders] == ["closed", "closed", "completed"]
    assert (await shop.story(orders[0])).order.standing.closed_from == "completed"
    assert await net(shop) == 2 * RATE
