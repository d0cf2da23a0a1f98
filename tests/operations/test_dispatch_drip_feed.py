"""Drip-feeds that we run ourselves: each run an attempt, one at a time (money.md 2)."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from gateway.operations.claim import claim
from gateway.operations.dispatch import Returned, send, settle
from gateway.operations.reap import expire, reap
from gateway.operations.resolve import Decided
from tests.operations.parted import RUN_CHARGE, RUN_COST, Parted
from tests.operations.shop import Shop, outcomes, table
from tests.operations.test_dispatch import closed_port

DONE = {"status": "Completed", "charge": "0.09", "remains": 0}
RUNNING = {"status": "In progress", "charge": "0.09", "remains": 400}


async def test_the_first_run_holds_and_captures_all_of_them(shop: Shop, parted: Parted) -> None:
    order = await parted.drip()
    assert await shop.funds() == (100 - 3 * RUN_CHARGE, 3 * RUN_CHARGE)
    assert outcomes(await shop.send()) == ["accepted"]
    (taken,) = shop.acme.orders
    assert (taken.taking.placement.quantity, taken.taking.placement.runs) == (1_000, None)
    assert await shop.booked(order) == [
        ("hold", "available", "held", 3 * RUN_CHARGE),
        ("settle", "held", "revenue", 3 * RUN_CHARGE),
        ("cost", "cost", "prepaid:acme", RUN_COST),
    ]
    story = await shop.story(order)
    assert (story.attempts[0]["run"], story.attempts[0]["cost"]) == (1, RUN_COST)
    assert (story.order.provider_order, story.order.cost) == (str(taken.id), RUN_COST)
    (part,) = story.parts
    assert (part["part"], part["provider_order"], part["quantity"]) == (1, str(taken.id), 1_000)
    assert await shop.rows(
        "SELECT orders.cost, next_poll_at, next_run_at - attempts.started_at, self_run, parts"
        " FROM orders"
        " JOIN attempts ON order_id = id"
    ) == [(3 * RUN_COST, None, timedelta(minutes=60), True, 1)]
    assert await shop.send() == []


async def test_runs_are_sent_when_they_are_due_until_all_have_run(
    shop: Shop, parted: Parted
) -> None:
    order = await parted.dripping()
    for run in (2, 3):
        assert await shop.send() == []
        await parted.due(order)
        assert outcomes(await shop.send()) == ["accepted"]
        assert await parted.next_run(order) == (run < 3, 0)
    await parted.due(order)
    assert await shop.send() == []
    assert (len(shop.acme.links), len(set(shop.acme.links))) == (3, 1)
    assert [each[0] for each in await shop.booked(order)] == [
        *("hold", "settle", "cost", "cost:2", "cost:3")
    ]
    story = await shop.story(order)
    assert [each["run"] for each in story.attempts] == [1, 2, 3]
    assert [each["to_state"] for each in story.events] == ["queued", "sending", "active"]
    assert story.order.cost == 3 * RUN_COST
    assert (await parted.shown(order)).runs == 3
    assert await parted.net() == 3 * RUN_CHARGE


async def test_a_run_is_on_record_before_its_first_byte(shop: Shop, parted: Parted) -> None:
    order = await parted.dripping()
    await parted.due(order)
    (departure,) = await claim(shop.backends, "acme", 7, 10)
    assert (departure.key.run, departure.placement.runs) == (2, None)
    attempt = await shop.attempt(order)
    assert (attempt["run"], attempt["outcome"], attempt["cost"]) == (2, "open", RUN_COST)
    assert await shop.state(order) == "active"
    # nobody can send it again meanwhile
    await parted.due(order)
    assert await claim(shop.backends, "acme", 8, 10) == []
    assert len(shop.acme.links) == 1
    returned = await send(shop.backends, departure)
    await settle(shop.backends, [returned])
    booked = await shop.booked(order)
    await settle(shop.backends, [returned])
    assert await shop.booked(order) == booked
    assert len(await parted.parts(order)) == 2


async def test_a_single_run_has_no_next_one(shop: Shop, parted: Parted) -> None:
    order = await parted.dripping(runs=1)
    assert await parted.next_run(order) == (False, 0)
    assert await parted.net() == RUN_CHARGE


async def test_neither_runs_nor_new_orders_starve(shop: Shop, parted: Parted) -> None:
    drips = [await parted.dripping() for _ in range(6)]
    fresh = [await shop.order() for _ in range(6)]
    for order in drips:
        await parted.due(order)
    four = await claim(shop.backends, "acme", 1, 4)
    assert sorted(each.key.run for each in four) == [1, 1, 2, 2]
    runs: set[int] = set()
    while ones := await claim(shop.backends, "acme", 1, 1):
        runs |= {each.key.run for each in ones}
        await settle(shop.backends, [await send(shop.backends, each) for each in ones])
        if runs == {1, 2}:
            break
    assert runs == {1, 2}
    await settle(shop.backends, [await send(shop.backends, each) for each in four])
    while await shop.send():
        pass
    assert {await shop.state(order) for order in fresh} == {"active"}


async def test_more_runs_than_their_share_go_out_once_each(shop: Shop, parted: Parted) -> None:
    """With few new orders waiting the runs take all of the room, none of them twice."""
    drips = [await parted.dripping() for _ in range(4)]
    for order in drips:
        await parted.due(order)
    fresh = await shop.order()
    five = await claim(shop.backends, "acme", 1, 5)
    assert sorted(each.key.order for each in five) == [*drips, fresh]
    await settle(shop.backends, [await send(shop.backends, each) for each in five])
    assert [len(await parted.parts(order)) for order in drips] == [2] * 4


async def test_a_run_that_was_not_sent_is_tried_again(shop: Shop, parted: Parted) -> None:
    order = await parted.dripping()
    tables = shop.tables
    shop.tables = {**tables, "acme": table(f"http://127.0.0.1:{closed_port()}/")}
    await parted.open()
    for tries in (1, 2, 3, 4):
        await parted.due(order)
        assert outcomes(await shop.send()) == ["not_sent"]
        assert await parted.next_run(order) == (True, tries)
        waits = f"next_run_at BETWEEN now() + '{2**tries - 1} s' AND now() + '{2**tries + 1} s'"
        assert await shop.rows(f"SELECT {waits} FROM orders") == [(True,)]  # noqa: S608  ours
    # never another provider, though one has the offer
    assert await shop.send("beta") == []
    shop.tables = tables
    await parted.open()
    await parted.due(order)
    assert outcomes(await shop.send()) == ["accepted"]
    assert await parted.next_run(order) == (True, 0)


async def test_a_busy_link_is_waited_for(shop: Shop, parted: Parted) -> None:
    order = await parted.dripping()
    active = "You have active order with this link. Please wait until order being completed."
    shop.acme.adds = [f'{{"error": "{active}"}}'.encode()] * 2
    for tries in (1, 2):
        await parted.due(order)
        assert outcomes(await shop.send()) == ["refused"]
        assert await parted.next_run(order) == (True, tries)
    await parted.due(order)
    assert outcomes(await shop.send()) == ["accepted"]


@pytest.mark.parametrize("text", ["Incorrect link", "Incorrect service ID", "Never heard before"])
async def test_after_a_final_refusal_the_order_ends_with_what_ran(
    shop: Shop, parted: Parted, text: str
) -> None:
    order = await parted.dripping()
    await parted.say(order, DONE)
    assert await shop.state(order) == "active"
    await parted.due(order)
    shop.acme.adds = [f'{{"error": "{text}"}}'.encode()]
    await shop.send()
    assert await parted.next_run(order) == (False, 0)
    assert await shop.findings() == [("D7", order, True)]
    assert await shop.rows("SELECT next_poll_at <= now() FROM order_parts") == [(True,)]
    await shop.poll()
    assert await shop.state(order) == "partial"
    assert (await shop.booked(order))[3:] == [("seen:2", "refunds", "available", 2 * RUN_CHARGE)]
    assert await shop.findings() == [("D7", order, False)]
    shown = await parted.shown(order)
    assert (shown.remains, shown.runs, shown.charge) == (2_000, 1, RUN_CHARGE)


async def test_after_too_many_tries_or_too_late_no_run_follows(shop: Shop, parted: Parted) -> None:
    tired, late = await parted.dripping(), await parted.dripping()
    await shop.execute(f"UPDATE orders SET run_tries = 99 WHERE id = {tired}")  # noqa: S608  ours
    times = "started_at = started_at - interval '26 h', ended_at = ended_at - interval '26 h'"
    await shop.execute(f"UPDATE attempts SET {times} WHERE order_id = {late}")  # noqa: S608  ours
    shop.acme.change(balance="0")
    await parted.due(tired)
    await parted.due(late)
    assert outcomes(await shop.send()) == ["refused"]
    for order in (tired, late):
        assert (await parted.next_run(order))[0] is False
    notes = {note for (note,) in await shop.rows("SELECT note FROM discrepancies")}
    assert notes == {
        "run 2 was given up: tried 100 times",
        "run 2 was given up: it could not be sent in time",
    }


async def test_what_may_not_be_sent_waits_with_its_provider(shop: Shop, parted: Parted) -> None:
    order = await parted.dripping()
    # another thing under the same id is not what was sold
    await shop.execute("UPDATE offers SET state = 'quarantined' WHERE offer = '107'")
    await shop.execute("UPDATE provider_states SET offers_version = offers_version + 1")
    await shop.backends.shelf.refresh()
    await parted.due(order)
    assert await shop.send() == []
    assert await parted.next_run(order) == (True, 1)
    assert len((await shop.story(order)).attempts) == 1
    await shop.execute("UPDATE offers SET state = 'listed'")
    await shop.execute("UPDATE provider_states SET offers_version = offers_version + 1")
    await shop.backends.shelf.refresh()
    await parted.due(order)
    assert outcomes(await shop.send()) == ["accepted"]


async def test_a_run_at_a_new_rate_is_booked_at_it(shop: Shop, parted: Parted) -> None:
    order = await parted.dripping()
    shop.acme.change(services={"107": {"rate": "0.1"}})
    await shop.sync()
    await parted.due(order)
    await shop.send()
    assert (await shop.booked(order))[-1] == ("cost:2", "cost", "prepaid:acme", Decimal("0.1"))
    assert (await shop.story(order)).order.cost == RUN_COST + Decimal("0.1")


async def doubtful(shop: Shop, parted: Parted) -> int:
    order = await parted.dripping()
    await parted.due(order)
    shop.acme.change(faults={"reset_after": 1})
    assert outcomes(await shop.send()) == ["uncertain"]
    shop.acme.change(faults={"reset_after": 0})
    return order


async def test_an_unproven_run_stops_the_later_ones(shop: Shop, parted: Parted) -> None:
    order = await doubtful(shop, parted)
    assert await shop.state(order) == "active"
    assert await parted.next_run(order) == (False, 0)
    assert await shop.findings() == [("D7", order, True)]
    await shop.execute("UPDATE orders SET next_run_at = NULL")
    assert await shop.send() == []
    # what ran has ended, and still the order has not
    await parted.say(order, DONE)
    assert await shop.state(order) == "active"
    assert await shop.findings() == [("D7", order, True)]
    assert (await parted.shown(order)).remains == 2_000


async def test_an_operator_knows_that_a_run_was_taken(shop: Shop, parted: Parted) -> None:
    order = await doubtful(shop, parted)
    first, second = [str(each.id) for each in shop.acme.orders]
    for known in (first, "50000 1"):
        assert (await shop.decide(order, known)).why_not
    assert await shop.decide(order, second) == Decided()
    parts = await parted.parts(order)
    assert [part["provider_order"] for part in parts] == [first, second]
    assert (await shop.booked(order))[-1] == ("cost:2", "cost", "prepaid:acme", RUN_COST)
    assert await parted.next_run(order) == (True, 0)
    await parted.say(order, DONE, RUNNING)
    assert await shop.findings() == [("D7", order, False)]
    # late is counted from the decision
    await shop.execute("UPDATE attempts SET started_at = now() - interval '40 days'")
    await parted.due(order)
    assert outcomes(await shop.send()) == ["accepted"]
    assert "is active" in (await shop.decide(order, "5")).why_not


async def test_an_operator_knows_that_a_run_was_not_taken(shop: Shop, parted: Parted) -> None:
    order = await doubtful(shop, parted)
    assert await shop.decide(order) == Decided()
    assert await shop.state(order) == "active"
    assert await parted.next_run(order) == (True, 0)
    # late is counted from the decision
    await shop.execute("UPDATE attempts SET started_at = now() - interval '40 days' WHERE run = 1")
    assert outcomes(await shop.send()) == ["accepted"]
    runs = [(each["run"], each["outcome"]) for each in (await shop.story(order)).attempts]
    assert runs == [(1, "accepted"), (2, "disproved"), (2, "accepted")]
    assert await shop.funds() == (100 - 3 * RUN_CHARGE, 0)


async def disproved(shop: Shop, parted: Parted) -> tuple[int, Returned]:
    """An order whose second run an operator has denied, and the yes that comes after that."""
    order = await parted.dripping()
    await parted.due(order)
    (departure,) = await claim(shop.backends, "acme", 999, 1)
    await shop.execute("UPDATE attempts SET started_at = now() - interval '6 s' WHERE run = 2")
    assert await reap(shop.backends) == 1
    assert await shop.decide(order) == Decided()
    return order, await send(shop.backends, departure)


async def test_a_yes_for_a_run_of_what_has_ended_brings_no_further_run(
    shop: Shop, parted: Parted
) -> None:
    order, late = await disproved(shop, parted)
    shop.acme.adds = [b'{"error": "Incorrect link"}']
    assert outcomes(await shop.send()) == ["refused"]
    await parted.say(order, DONE)
    assert (await shop.state(order), await parted.net()) == ("partial", RUN_CHARGE)
    await settle(shop.backends, [late])
    assert await parted.next_run(order) == (False, 0)
    # what it costs is booked; the customer has got his money back, and pays for nothing again
    assert (await shop.booked(order))[-1] == ("cost:2", "cost", "prepaid:acme", RUN_COST)
    await parted.say(order, DONE, RUNNING)
    assert await parted.next_run(order) == (False, 0)
    await parted.say(order, DONE, DONE)
    assert (await shop.state(order), await parted.net()) == ("partial", RUN_CHARGE)


@pytest.mark.parametrize("together", [True, False])
async def test_a_yes_for_a_run_that_was_sent_again_is_an_incident(
    shop: Shop, parted: Parted, *, together: bool
) -> None:
    order, late = await disproved(shop, parted)
    (departure,) = await claim(shop.backends, "acme", 1, 1)
    again = await send(shop.backends, departure)
    for batch in [[late, again]] if together else [[again], [late]]:
        await settle(shop.backends, batch)
    first, second = await parted.parts(order)
    assert (first["part"], second["provider_order"]) == (1, again.ended.provider_order)
    assert [row[0] for row in await shop.booked(order)] == ["hold", "settle", "cost", "cost:2"]
    # nor does a look at the order explain it
    await parted.say(order, DONE, RUNNING)
    assert set(await shop.findings()) == {("D7", order, False), ("D5", None, True)}
    ((note,),) = await shop.rows("SELECT note FROM discrepancies WHERE class = 'D5'")
    assert f"id {late.ended.provider_order} for run 2 of order {order}" in note


async def test_a_worker_that_is_lost_in_a_later_run(shop: Shop, parted: Parted) -> None:
    order = await parted.dripping()
    await parted.due(order)
    (departure,) = await claim(shop.backends, "acme", 999, 1)
    await shop.execute("UPDATE attempts SET started_at = now() - interval '6 s' WHERE run = 2")
    returned = await send(shop.backends, departure)
    assert await reap(shop.backends) == 1
    assert await reap(shop.backends) == 0
    attempt = await shop.attempt(order)
    assert (attempt["outcome"], attempt["reason"]) == ("uncertain", "worker_lost")
    assert await shop.state(order) == "active"
    assert await shop.findings() == [("D7", order, True)]
    # and a real reply beats the guess
    await settle(shop.backends, [returned])
    assert len(await parted.parts(order)) == 2
    assert await parted.next_run(order) == (True, 0)


async def test_the_reaper_keeps_better_evidence_of_a_run(shop: Shop, parted: Parted) -> None:
    order = await parted.dripping()
    await parted.due(order)
    (departure,) = await claim(shop.backends, "acme", 999, 1)
    await shop.execute("UPDATE attempts SET started_at = now() - interval '6 s' WHERE run = 2")
    shop.acme.change(faults={"html_502_after": 1})
    returned = await send(shop.backends, departure)
    async with shop.backends.database.dedicated() as connection:
        async with connection.transaction():
            await connection.execute("SELECT FROM orders FOR UPDATE")
            first = asyncio.create_task(settle(shop.backends, [returned]))
            await asyncio.sleep(0.2)
            second = asyncio.create_task(reap(shop.backends))
            await asyncio.sleep(0.2)
        await first
        assert await second == 0
    assert (await shop.attempt(order))["http_status"] == 502


async def test_an_id_that_an_earlier_run_has_is_an_incident(shop: Shop, parted: Parted) -> None:
    order = await parted.dripping()
    (first,) = [str(each.id) for each in shop.acme.orders]
    await parted.due(order)
    shop.acme.adds = [f'{{"order": {first}}}'.encode()]
    assert outcomes(await shop.send()) == ["accepted"]
    attempt = await shop.attempt(order)
    assert (attempt["run"], attempt["outcome"]) == (2, "uncertain")
    assert first in attempt["reason"]
    both = {("D5", order, True), ("D7", order, True)}
    assert set(await shop.findings()) == both
    # another run's look explains neither
    await parted.say(order, RUNNING)
    assert set(await shop.findings()) == both
    assert await shop.rows("SELECT cost_booked FROM orders") == [(RUN_COST,)]


async def test_two_settlers_of_one_run_book_it_once(shop: Shop, parted: Parted) -> None:
    order = await parted.dripping()
    await parted.due(order)
    (departure,) = await claim(shop.backends, "acme", 1, 1)
    returned = await send(shop.backends, departure)
    await asyncio.gather(*(settle(shop.backends, [returned]) for _ in range(4)))
    assert len(await parted.parts(order)) == 2
    assert [row[0] for row in await shop.booked(order)].count("cost:2") == 1


async def test_a_look_while_a_run_is_being_sent_ends_nothing(shop: Shop, parted: Parted) -> None:
    order = await parted.dripping(runs=2)
    await parted.due(order)
    (departure,) = await claim(shop.backends, "acme", 1, 1)
    await parted.say(order, DONE)
    assert await shop.state(order) == "active"
    shop.acme.words.clear()
    await settle(shop.backends, [await send(shop.backends, departure)])
    assert len(await parted.parts(order)) == 2
    assert await parted.net() == 2 * RUN_CHARGE


async def test_a_customer_who_cancels_gets_the_runs_back_that_were_not_sent(
    shop: Shop, parted: Parted
) -> None:
    order = await parted.dripping(sent=2)
    assert await shop.rows("SELECT offer FROM orders") == [("107",)]
    # whether its provider can cancel or not, nothing more is sent
    await shop.execute("UPDATE orders SET cancel_wanted = true, next_run_at = now()")
    assert await shop.send() == []
    assert await parted.next_run(order) == (False, 0)
    await parted.say(order, DONE, RUNNING)
    assert await shop.state(order) == "active"
    await parted.say(order, DONE, {"status": "Canceled", "charge": "0.054", "remains": 400})
    assert await shop.state(order) == "partial"
    charge = RUN_CHARGE * 1_600 / 1_000
    assert await parted.net() == charge
    assert (await shop.story(order)).order.cost == Decimal("0.144")
    assert (await parted.shown(order)).remains == 1_400


async def test_a_cancel_while_a_run_is_being_sent(shop: Shop, parted: Parted) -> None:
    order = await parted.dripping()
    await parted.due(order)
    (departure,) = await claim(shop.backends, "acme", 1, 1)
    await shop.execute("UPDATE orders SET cancel_wanted = true")
    await settle(shop.backends, [await send(shop.backends, departure)])
    assert len(await parted.parts(order)) == 2
    assert await parted.next_run(order) == (False, 0)
    await parted.say(order, DONE, DONE)
    assert await shop.state(order) == "partial"
    assert await parted.net() == 2 * RUN_CHARGE


async def test_a_cancel_while_a_run_is_not_taken(shop: Shop, parted: Parted) -> None:
    order = await parted.dripping()
    await parted.due(order)
    (departure,) = await claim(shop.backends, "acme", 1, 1)
    await shop.execute("UPDATE orders SET cancel_wanted = true")
    shop.acme.change(balance="0")
    await settle(shop.backends, [await send(shop.backends, departure)])
    assert (await parted.next_run(order))[0] is False
    await parted.say(order, DONE)
    assert await shop.state(order) == "partial"
    assert await parted.net() == RUN_CHARGE


async def test_a_first_run_that_is_refused_goes_elsewhere(shop: Shop, parted: Parted) -> None:
    shop.acme.change(services={"107": None})
    order = await parted.drip()
    await shop.send()
    assert await shop.state(order) == "queued"
    await shop.send("beta")
    story = await shop.story(order)
    assert (story.order.provider, len(story.parts)) == ("beta", 1)
    await parted.due(order)
    assert await shop.send() == []
    assert outcomes(await shop.send("beta")) == ["accepted"]
    assert len(shop.beta.links) == 2


async def test_an_order_that_is_dripping_never_expires(shop: Shop, parted: Parted) -> None:
    order = await parted.dripping()
    await parted.due(order)
    await shop.execute("UPDATE orders SET created_at = now() - interval '3 days'")
    assert await expire(shop.backends) == 0
    assert outcomes(await shop.send()) == ["accepted"]
    assert await shop.state(order) == "active"


async def test_a_provider_that_rests_is_sent_no_run(shop: Shop, parted: Parted) -> None:
    order = await parted.dripping()
    await parted.due(order)
    await shop.execute("UPDATE provider_states SET paused_until = now() + interval '1 min'")
    assert await shop.send() == []
    assert await parted.next_run(order) == (True, 0)
    await shop.execute("UPDATE provider_states SET paused_until = NULL")
    assert outcomes(await shop.send()) == ["accepted"]


async def test_two_workers_send_each_run_once(shop: Shop, parted: Parted) -> None:
    orders = [await parted.dripping() for _ in range(6)]
    for order in orders:
        await parted.due(order)
    sent = await asyncio.gather(*(shop.send(worker=worker) for worker in range(4)))
    assert sum(len(each) for each in sent) + len(await shop.send()) == 6
    assert {len(await parted.parts(order)) for order in orders} == {2}
    assert len(shop.acme.links) == 12
