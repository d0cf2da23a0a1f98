"""Refunds at an order's page: shown first, given once, above a sum agreed to by a second one."""

import re
from dataclasses import replace
from decimal import Decimal
from html import unescape

from gateway.domain.operators import Role
from tests.admin.visiting import Browser, Desk
from tests.operations.shop import RATE, Shop, documents, put_on_sale

DEEDS = "SELECT actor, what, reason FROM deeds WHERE subject LIKE 'order:%' ORDER BY id"
HIDDEN = re.compile(r'name="(seen|token|amount|reason)" value="([^"]*)"')


async def shown(browser: Browser, order: int, amount: str, reason: str = "slow") -> str:
    """The page that tells what a refund would do."""
    page = (await browser.get(f"/orders/{order}")).text
    (seen, *_) = re.findall(r'name="seen" value="([^"]+)"', page)
    fields = {"seen": seen, "amount": amount, "reason": reason}
    return (await browser.post(f"/orders/{order}/refund/preview", fields)).text


def carried(page: str) -> dict[str, str]:
    """What its form carries on."""
    return {name: unescape(value) for name, value in HIDDEN.findall(page)}


async def dear(shop: Shop) -> int:
    """An active order of which 81 was charged."""
    wanted = documents(shop.tables)
    markup = wanted.markup.replace('percent = "50"', 'percent = "900"')
    await put_on_sale(shop.backends, replace(wanted, markup=markup))
    return await shop.active(9_000)


async def test_it_is_shown_first_and_given_once(desk: Desk, shop: Shop) -> None:
    order = await shop.active()
    browser = await desk.at_work(Role.FINANCE)
    page = await shown(browser, order, "1.2", reason='slow "><b>')
    for words in (
        *("one point two USD", "Nothing has moved yet", "slow &#34;&gt;&lt;b&gt;", "LOSS"),
        *('class="amount">98.65', 'class="amount">99.85', 'class="amount">0.15'),
    ):
        assert words in page, words
    assert await shop.funds() == (100 - RATE, 0)
    for _ in range(2):
        done = await browser.post(f"/orders/{order}/refund", carried(page))
        assert (done.status_code, done.headers["location"]) == (303, f"/orders/{order}")
    assert f"1.20 USD of order {order} is given back." in (await browser.get("/account")).text
    assert await shop.funds() == (100 - RATE + Decimal("1.2"), 0)
    assert await shop.rows(DEEDS) == [("finance", "refund order", 'slow "><b>')]
    other_tab = carried(page) | {"token": "another-token"}
    stale = await browser.post(f"/orders/{order}/refund", other_tab)
    assert f"Of order {order} 1.35 was kept, by now 0.15. Nothing was changed." in stale.text
    wrong: tuple[tuple[dict[str, str], str], ...] = (
        ({"amount": "1,2"}, "is not an amount"),
        ({"amount": "9" * 999}, "is not an amount"),
        ({"amount": "-1"}, "is not an amount"),
        ({"amount": "0.16"}, "0.15 is left"),
        ({"amount": "0.0000011"}, "a multiple of"),
        ({"reason": ""}, "Say why"),
        ({"seen": "x"}, "how the order stood"),
    )
    now = carried(await shown(browser, order, "0.1"))
    for fields, why in wrong:
        for step in ("refund/preview", "refund"):
            answer = await browser.post(f"/orders/{order}/{step}", now | fields)
            assert (answer.status_code, why in answer.text) == (409, True), (why, step)
    short = await browser.post(f"/orders/{order}/refund", now | {"token": "short"})
    assert "token is not one" in short.text
    assert len(await shop.rows("SELECT id FROM goodwill")) == 1


async def test_above_a_sum_a_second_one_agrees_or_declines(desk: Desk, shop: Shop) -> None:
    order = await dear(shop)
    ann, bea = await desk.at_work(Role.FINANCE, "ann"), await desk.at_work(Role.OWNER, "bea")
    page = await shown(ann, order, "60")
    assert "May agree: <bdi>bea</bdi>" in page
    alone = await ann.post(f"/orders/{order}/refund", carried(page) | {"alone": "1"})
    assert "You are not the only operator: bea may agree. Nothing was changed." in alone.text
    for _ in range(2):
        await ann.post(f"/orders/{order}/refund", carried(page))
    own = (await ann.get(f"/orders/{order}")).text
    assert "Nothing moved yet: 60.00 is above 50.00. Refund 1 waits for another one." in own
    assert "Agree: give" not in own
    agree, withdraw = (f"/orders/{order}/refunds/1/{deed}" for deed in ("agree", "withdraw"))
    assert "another operator must agree. Nothing was changed." in (await ann.post(agree)).text
    assert f'href="/orders/{order}#refunds"' in (await bea.get("/orders/waiting")).text
    offered = (await bea.get(f"/orders/{order}")).text
    assert "Agree: give" in offered
    assert "(sixty USD)" in offered
    assert "Say why" in (await bea.post(withdraw, {"reason": ""})).text
    assert (await bea.post(f"/orders/{order}/refunds/2/agree")).status_code == 409
    assert await shop.funds() == (19, 0)
    assert (await bea.post(agree)).status_code == 303
    assert await shop.funds() == (79, 0)
    late = await bea.post(agree)
    assert f"No refund 1 of order {order} waits. Nothing was changed." in late.text
    page = await shown(ann, order, "5")
    await ann.post(f"/orders/{order}/refund", carried(page))
    await bea.post(withdraw.replace("refunds/1", "refunds/2"), {"reason": "enough"})
    assert "None waits" in (await bea.get("/orders/waiting")).text
    assert [row[:2] for row in await shop.rows(DEEDS)] == [
        ("ann", "ask for a refund"),
        ("bea", "agree to a refund"),
        ("ann", "ask for a refund"),
        ("bea", "decline a refund"),
    ]


async def test_the_only_one_who_moves_money_says_so(desk: Desk, shop: Shop) -> None:
    order = await dear(shop)
    browser = await desk.at_work(Role.FINANCE)
    await desk.account("opal", Role.OPERATOR)
    page = await shown(browser, order, "60")
    assert "I am the only operator" in page
    await browser.post(f"/orders/{order}/refund", carried(page) | {"alone": "1"})
    assert await shop.funds() == (79, 0)
    (reason,) = (await shop.rows("SELECT reason FROM journal_entries WHERE kind = 'adjust'"))[0]
    assert "decided alone" in reason


async def test_money_asks_again_who_it_is_and_then_goes_on(desk: Desk, shop: Shop) -> None:
    order = await shop.active()
    browser = await desk.at_work(Role.FINANCE)
    form = carried(await shown(browser, order, "0.35"))
    await desk.age(proven_at="16 minutes")
    asked = await browser.post(f"/orders/{order}/refund", form)
    assert asked.status_code == 403
    assert carried(asked.text) == form
    assert await shop.funds() == (100 - RATE, 0)
    sent = carried(asked.text) | {"code": desk.code("finance")}
    assert (await browser.post(f"/orders/{order}/refund", sent)).status_code == 303
    assert len(await shop.rows("SELECT id FROM goodwill")) == 1
