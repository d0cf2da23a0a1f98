"""Decisions of an operator: on doubtful orders, and on those not sent yet (money.md 2)."""

import pytest

from gateway.operations.resolve import resolve
from tests.operations.shop import COST, RATE, Shop

WHO = {"operator": "eve", "note": "their ticket 17"}


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
    assert await resolve(shop.backends, order, accepted=number, **WHO) == ""
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
    assert await resolve(shop.backends, order, accepted=None, **WHO) == ""
    assert await shop.state(order) == "failed"
    assert (await shop.attempt(order))["outcome"] == "disproved"
    assert await shop.funds() == (100, 0)
    again = await resolve(shop.backends, order, accepted="5", **WHO)
    assert "is failed" in again


async def test_an_id_of_another_order_is_refused(shop: Shop) -> None:
    taken = await shop.active()
    number = (await shop.story(taken)).order.provider_order
    order = await doubtful(shop)
    why = await resolve(shop.backends, order, accepted=number, **WHO)
    assert f"belongs to order {taken}" in why
    assert await shop.state(order) == "unconfirmed"


async def test_an_id_that_cannot_be_one_is_refused(shop: Shop) -> None:
    order = await doubtful(shop)
    for number in ("", " ", "9" * 65, "a b", "12\x00", "é"):
        why = await resolve(shop.backends, order, accepted=number, **WHO)
        assert "is not an id" in why
    assert await shop.state(order) == "unconfirmed"


async def test_only_doubtful_orders_are_decided(shop: Shop) -> None:
    order = await shop.order()
    assert "is queued" in await resolve(shop.backends, order, accepted="5", **WHO)
    assert "no order 9" in await resolve(shop.backends, 9, accepted=None, **WHO)
