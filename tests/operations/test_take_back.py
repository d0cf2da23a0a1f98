"""An operator takes orders back."""

from typing import TypedDict

from gateway.domain.glimpse import Glimpse
from gateway.domain.operators import Actor
from gateway.domain.orders import State
from gateway.operations.take_back import TakenBack, take_back
from tests.operations.shop import RATE, Shop


class Who(TypedDict):
    actor: Actor
    reason: str


WHO = Who(actor=Actor("eve"), reason="their ticket 17")


async def test_a_queued_order_is_taken_back(shop: Shop) -> None:
    order = await shop.order()
    assert await take_back(shop.backends, order, **WHO) == TakenBack(ended=True)
    assert await shop.state(order) == "failed"
    assert (await shop.story(order)).events[-1]["actor"] == "eve"
    assert await shop.funds() == (100, 0)
    assert await shop.send() == []
    assert "it has ended" in (await take_back(shop.backends, order, **WHO)).why_not
    assert "no order 9" in (await take_back(shop.backends, 9, **WHO)).why_not


async def test_for_what_was_sent_the_provider_is_asked_once(shop: Shop) -> None:
    doubtful = await shop.order(marks="?fault=reset_after")
    await shop.send()
    active = await shop.active(2_000)
    for order in (doubtful, active):
        assert await take_back(shop.backends, order, **WHO) == TakenBack()
        assert "under way" in (await take_back(shop.backends, order, **WHO)).why_not
    assert await shop.rows("SELECT order_id, kind, state FROM order_requests ORDER BY id") == [
        (doubtful, "cancel", "asked"),
        (active, "cancel", "asked"),
    ]
    assert await shop.rows("SELECT cancel_wanted FROM orders ORDER BY id") == [(True,), (False,)]
    assert await shop.funds() == (100 - 3 * RATE, RATE)


async def test_a_stale_form_ends_nothing_and_what_ends_is_written_down(shop: Shop) -> None:
    order = await shop.order()
    seen = Glimpse(State.QUEUED, 0, RATE)
    await shop.send()
    late = await take_back(shop.backends, order, **WHO, seen=seen)
    assert late.moved == Glimpse(State.ACTIVE, 1, RATE)
    assert late.why_not == f"order {order} was queued and is active by now"
    assert await shop.rows("SELECT id FROM order_requests") == []
    empty = await take_back(shop.backends, order, actor=WHO["actor"], reason="")
    assert "say why" in empty.why_not
    assert await take_back(shop.backends, order, **WHO, seen=late.moved) == TakenBack()
    assert await shop.rows(
        "SELECT actor, what, subject, before, after, reason FROM deeds WHERE what LIKE '%order'"
    ) == [
        (
            *("eve", "cancel order", f"order:{order}"),
            *({"state": "active"}, {"cancel": "asked"}, "their ticket 17"),
        )
    ]
