"""Decisions of an operator: on doubtful orders, and on those not sent yet (money.md 2)."""

from dataclasses import replace

import pytest

from gateway.domain.deciding import Decision
from gateway.domain.glimpse import Glimpse
from gateway.domain.money import ZERO
from gateway.domain.operators import Actor
from gateway.domain.orders import State
from gateway.operations.list_waiting import list_waiting
from gateway.operations.resolve import Decided, resolve
from gateway.operations.withdraw_decision import withdraw_decision
from tests.operations.braked import brake
from tests.operations.shop import COST, RATE, Shop


async def doubtful(shop: Shop) -> int:
    order = await shop.order(marks="?fault=reset_after")
    await shop.send()
    assert await shop.state(order) == "unconfirmed"
    return order


@pytest.mark.parametrize("state", ["unconfirmed", "review"])
async def test_accepted_under_the_providers_id(shop: Shop, state: str) -> None:
    order = await doubtful(shop)
    if state == "review":
        await shop.execute("UPDATE orders SET state = 'review'")
        await shop.execute(
            "INSERT INTO order_events (order_id, seq, from_state, to_state, actor) "
            "VALUES (1, 4, 'unconfirmed', 'review', 'test')"
        )
    (taken,) = shop.acme.orders
    number = str(taken.id)
    assert await shop.decide(order, number) == Decided()
    story = await shop.story(order)
    assert story.order.provider_order == number
    assert story.order.cost == COST
    assert story.events[-1]["actor"] == "eve"
    assert "ticket 17" in story.attempts[0]["reason"]
    assert await shop.funds() == (100 - RATE, 0)
    await shop.poll()
    assert (await shop.story(order)).order.standing.progress == "pending"


async def test_refused_releases(shop: Shop) -> None:
    order = await doubtful(shop)
    assert await shop.decide(order) == Decided()
    assert await shop.state(order) == "failed"
    assert (await shop.attempt(order))["outcome"] == "disproved"
    assert await shop.funds() == (100, 0)
    again = (await shop.decide(order, "5")).why_not
    assert "is failed" in again


async def test_an_id_of_another_order_is_refused(shop: Shop) -> None:
    taken = await shop.active()
    number = (await shop.story(taken)).order.provider_order
    order = await doubtful(shop)
    why = (await shop.decide(order, number)).why_not
    assert f"belongs to order {taken}" in why
    assert await shop.state(order) == "unconfirmed"


async def test_an_id_that_cannot_be_one_is_refused(shop: Shop) -> None:
    order = await doubtful(shop)
    for number in ("", " ", "9" * 65, "a b", "12\x00", "é"):
        why = (await shop.decide(order, number)).why_not
        assert "is not an id" in why
    assert await shop.state(order) == "unconfirmed"


async def test_only_doubtful_orders_are_decided(shop: Shop) -> None:
    order = await shop.order()
    assert "is queued" in (await shop.decide(order, "5")).why_not
    assert "no order 9" in (await shop.decide(9)).why_not


async def dear(shop: Shop) -> tuple[int, str]:
    """One in doubt whose charge is above what one decides alone, and its id there."""
    await brake(shop, 'decided_alone_max = "13.4"')
    order = await shop.order(10_000, "?fault=reset_after")
    await shop.send()
    (taken,) = shop.acme.orders
    return order, str(taken.id)


ABOVE = "its charge of 13.50 is above 13.40"


async def test_above_a_charge_two_say_the_same(shop: Shop) -> None:
    order, number = await dear(shop)
    for _ in range(2):
        assert await shop.decide(order, number) == Decided(waits=ABOVE)
    assert await shop.state(order) == "unconfirmed"
    (proposed,) = (await shop.story(order)).proposed
    assert (proposed["operator"], proposed["accepted"]) == ("eve", number)
    why = f"{ABOVE}, and eve said accepted as {number}"
    assert await shop.decide(order, operator="ann") == Decided(waits=why)
    # now ann's word stands, and eve agrees with her or not
    why = f"{ABOVE}, and ann said refused"
    assert await shop.decide(order, number) == Decided(waits=why)
    assert await shop.decide(order, number, "ann") == Decided()
    story = await shop.story(order)
    assert (story.order.standing.state, story.proposed) == ("active", [])
    assert story.attempts[0]["reason"] == "eve: their ticket 17; ann: their ticket 17"
    await shop.proven()


async def test_one_who_is_alone_says_so(shop: Shop) -> None:
    order, _ = await dear(shop)
    assert await shop.decide(order, alone=True) == Decided()
    last = (await shop.story(order)).events[-1]
    assert last["to_state"] == "failed"
    assert last["reason"] == f"eve: their ticket 17 (decided alone, {ABOVE})"
    await shop.proven()


async def test_what_was_proposed_a_week_ago_is_said_anew(shop: Shop) -> None:
    order, _ = await dear(shop)
    await shop.decide(order)
    await shop.execute("UPDATE proposals SET proposed_at = now() - interval '8 days'")
    assert await shop.decide(order, operator="ann") == Decided(waits=ABOVE)
    assert await shop.decide(order) == Decided()


async def test_a_form_that_is_stale_decides_nothing(shop: Shop) -> None:
    order = await doubtful(shop)
    shown = await shop.story(order)
    seen = Glimpse(shown.order.standing.state, 1, RATE)
    assert await shop.decide(order) == Decided()
    late = Decision(Actor("ann"), "77", "their ticket 18")
    now = Glimpse(State.FAILED, 1, ZERO)
    why = f"order {order} was unconfirmed and is failed by now"
    assert await resolve(shop.backends, order, late, seen=seen) == Decided(why, moved=now)
    again = replace(seen, attempt=2)
    other = await doubtful(shop)
    moved = await resolve(shop.backends, other, late, seen=again)
    assert (moved.moved, "attempt 1" in moved.why_not) == (seen, True)
    empty = replace(late, note="")
    assert "say why" in (await resolve(shop.backends, other, empty)).why_not


async def test_what_was_said_is_written_down_and_may_be_withdrawn(shop: Shop) -> None:
    order, number = await dear(shop)
    await shop.decide(order, number)
    (waits,) = (await list_waiting(shop.backends)).decisions
    assert (waits.order, waits.operator, waits.accepted) == (order, "eve", number)
    assert "said by eve" in await withdraw_decision(shop.backends, order, actor=Actor("ann"))
    assert await withdraw_decision(shop.backends, order, actor=Actor("eve")) == ""
    assert (await list_waiting(shop.backends)).decisions == []
    assert "nothing is proposed" in await withdraw_decision(
        shop.backends, order, actor=Actor("eve")
    )
    await shop.decide(order, number, alone=True)
    rows = await shop.rows(
        "SELECT actor, what, before, after, reason FROM deeds "
        "WHERE subject LIKE 'order:%' ORDER BY id"
    )
    meant, reason = f"accepted as {number}", "their ticket 17"
    alone = f"eve: {reason} (decided alone, {ABOVE})"
    before = {"state": "unconfirmed", "attempt": 1}
    after = {"state": "active", "decided": meant, "why": alone}
    assert rows == [
        ("eve", "propose a decision", before, {"proposed": meant, "waits": ABOVE}, reason),
        ("eve", "withdraw a decision", {"proposed": meant, "note": reason}, None, ""),
        ("eve", "decide order", before, after, reason),
    ]
