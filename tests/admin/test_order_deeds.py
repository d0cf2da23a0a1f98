"""Operators decide, cancel and refill at an order's page: once, on record, never a stale form."""

import re
from html import unescape

import pytest

from gateway.domain.operators import Role
from tests.admin.visiting import Browser, Desk
from tests.operations.braked import brake
from tests.operations.shop import COST, RATE, Shop

WHY = {"reason": "their ticket 17"}
DEEDS = "SELECT actor, address, what, reason FROM deeds WHERE subject LIKE 'order:%' ORDER BY id"


async def form_of(browser: Browser, order: int) -> dict[str, str]:
    """What the forms of an order's page carry."""
    page = (await browser.get(f"/orders/{order}")).text
    (seen, *_) = re.findall(r'name="seen" value="([^"]+)"', page)
    return {"seen": unescape(seen), **WHY}


async def doubtful(shop: Shop, quantity: int = 1_000) -> tuple[int, str]:
    order = await shop.order(quantity, "?fault=reset_after")
    await shop.send()
    *_, taken = shop.acme.orders
    return order, str(taken.id)


async def test_an_operator_decides_by_their_id(desk: Desk, shop: Shop) -> None:
    order, theirs = await doubtful(shop)
    browser = await desk.at_work(Role.OPERATOR)
    form = await form_of(browser, order)
    wrong: tuple[tuple[dict[str, str], str], ...] = (
        ({"verdict": "accepted", "accepted": "a b"}, "is not an id"),
        ({"verdict": "accepted", "accepted": ""}, "is not an id"),
        ({"verdict": "perhaps"}, "accepted or refused"),
        ({"verdict": "refused", "reason": " "}, "Say why"),
        ({"verdict": "refused", "reason": "x" * 501}, "Say why"),
        ({"verdict": "refused", "seen": ""}, "how the order stood"),
        ({"verdict": "refused", "seen": "gone-1-1"}, "how the order stood"),
        ({"verdict": "refused", "seen": "unconfirmed-2-1.35"}, "tried again since"),
    )
    for fields, why in wrong:
        answer = await browser.post(f"/orders/{order}/decide", {**form, **fields})
        assert (answer.status_code, why in answer.text) == (409, True), why
        assert "Nothing was changed" in answer.text
    assert await shop.state(order) == "unconfirmed"
    said = {**form, "verdict": "accepted", "accepted": f" {theirs} "}
    done = await browser.post(f"/orders/{order}/decide", said)
    assert (done.status_code, done.headers["location"]) == (303, f"/orders/{order}")
    assert f"is decided: accepted as {theirs}" in (await browser.get(f"/orders/{order}")).text
    assert (await shop.story(order)).order.cost == COST
    again = await browser.post(f"/orders/{order}/decide", said)
    assert f"Order {order} was unconfirmed and is active by now" in again.text
    assert await shop.rows(DEEDS) == [("operator", "10.0.0.1", "decide order", "their ticket 17")]


async def test_above_a_charge_a_second_one_agrees(desk: Desk, shop: Shop) -> None:
    await brake(shop, 'decided_alone_max = "1"')
    order, theirs = await doubtful(shop)
    ann, bea = await desk.at_work(Role.OPERATOR, "ann"), await desk.at_work(Role.OWNER, "bea")
    path = f"/orders/{order}/decide"
    said = {**await form_of(ann, order), "verdict": "accepted", "accepted": theirs}
    alone = await ann.post(path, {**said, "alone": "1"})
    assert "You are not the only operator: bea may agree. Nothing was changed." in alone.text
    await ann.post(path, said)
    assert await shop.state(order) == "unconfirmed"
    own = (await ann.get(f"/orders/{order}")).text
    assert "Noted, not decided: its charge of 1.35 is above 1.00" in own
    assert "Withdraw what I said" in own
    assert "Agree: accepted" not in own
    assert f'href="/orders/{order}#decide"' in (await bea.get("/orders/waiting")).text
    no = await bea.post(f"{path}/withdraw", await form_of(bea, order))
    assert "was said by ann. Nothing was changed." in no.text
    await ann.post(f"{path}/withdraw", await form_of(ann, order))
    assert "None waits" in (await bea.get("/orders/waiting")).text
    await ann.post(path, said)
    assert f"Agree: accepted as {theirs}" in (await bea.get(f"/orders/{order}")).text
    await bea.post(path, {**said, **await form_of(bea, order)})
    assert await shop.state(order) == "active"
    assert [row[:3:2] for row in await shop.rows(DEEDS)] == [
        ("ann", "propose a decision"),
        ("ann", "withdraw a decision"),
        ("ann", "propose a decision"),
        ("bea", "decide order"),
    ]


async def test_the_only_operator_says_that_he_is(desk: Desk, shop: Shop) -> None:
    await brake(shop, 'decided_alone_max = "1"')
    order, _ = await doubtful(shop)
    ann = await desk.at_work(Role.OPERATOR, "ann")
    # who may only look, or move money, cannot agree to a decision
    await desk.account("eve", Role.VIEWER)
    await desk.account("fin", Role.FINANCE)
    assert "I am the only operator" in (await ann.get(f"/orders/{order}")).text
    said = {**await form_of(ann, order), "verdict": "refused", "alone": "1"}
    await ann.post(f"/orders/{order}/decide", said)
    last = (await shop.story(order)).events[-1]
    assert (last["to_state"], "decided alone" in last["reason"]) == ("failed", True)
    assert await shop.funds() == (100, 0)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.FINANCE])
async def test_who_only_looks_is_told_and_offered_nothing(
    desk: Desk, shop: Shop, role: Role
) -> None:
    order, _ = await doubtful(shop)
    page = (await (await desk.at_work(role)).get(f"/orders/{order}")).text
    assert f"Your role, {role}, looks on" in page
    assert f'action="/orders/{order}' not in page


async def test_orders_are_canceled_and_refilled(desk: Desk, shop: Shop) -> None:
    queued = await shop.order()
    browser = await desk.at_work(Role.OPERATOR)
    form = await form_of(browser, queued)
    await browser.post(f"/orders/{queued}/cancel", form)
    assert await shop.state(queued) == "failed"
    stale = await browser.post(f"/orders/{queued}/cancel", form)
    assert f"Order {queued} was queued and is failed by now. Nothing was changed." in stale.text
    active = await shop.active()
    await browser.post(f"/orders/{active}/cancel", await form_of(browser, active))
    assert "A cancel is under way" in (await browser.get(f"/orders/{active}")).text
    assert await shop.funds() == (100 - RATE, 0)
    early = await browser.post(f"/orders/{active}/refill", form | {"seen": "active-1-1.35"})
    assert f"Order {active} gets no refill: it is active" in early.text
    await shop.see(active, status="Completed", charge="0.9")
    done = await browser.post(f"/orders/{active}/refill", await form_of(browser, active))
    assert done.status_code == 303
    shown = (await browser.get(f"/orders/{active}")).text
    assert "Refill 2 is recorded" in shown
    assert "A refill is under way." in shown
    assert [row[2:] for row in await shop.rows(DEEDS)] == [
        ("cancel order", "their ticket 17"),
        ("cancel order", "their ticket 17"),
        ("ask for a refill", "their ticket 17"),
    ]


async def test_what_is_no_order_is_missing(desk: Desk) -> None:
    browser = await desk.at_work(Role.OWNER)
    form = {**WHY, "seen": "active-1-1.35", "verdict": "refused"}
    for deed in ("decide", "decide/withdraw", "cancel", "refill"):
        assert (await browser.post(f"/orders/9/{deed}", form)).status_code == 409
        huge = await browser.post(f"/orders/{'9' * 30}/{deed}", form)
        assert huge.status_code == 404, deed
