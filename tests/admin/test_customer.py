"""One customer: what he is told to be, and what a stale form does not change."""

import pytest

from gateway.domain.operators import Role
from tests.admin.visiting import Browser, Desk
from tests.operations.shop import Shop

SEEN = {"seen_group": "", "seen_enabled": "yes"}
DEEDS = "SELECT actor, address, what, reason FROM deeds WHERE actor <> 'test' ORDER BY id"


async def change(browser: Browser, **fields: str) -> int:
    wanted = {"group": "gold", "enabled": "no", "reason": "late", **SEEN, **fields}
    return (await browser.post("/customers/1", wanted)).status_code


async def test_his_account_is_told_with_its_parts(desk: Desk, shop: Shop) -> None:
    await shop.order()
    browser = await desk.at_work(Role.VIEWER)
    page = (await browser.get("/customers/1")).text
    for part in ("/customers/1/statement?kind=top_up", "100.00", "98.65", "1.35"):
        assert part in page
    assert "<form" not in page.partition("<main")[2]


async def test_he_is_kept_out_once_and_a_form_of_before_changes_nothing(
    desk: Desk, shop: Shop
) -> None:
    browser = await desk.at_work(Role.OPERATOR)
    assert await change(browser, reason="") == 409
    assert await change(browser) == 303
    assert "in the group gold and may not order" in (await browser.get("/customers/1")).text
    assert await change(browser, group="silver", enabled="yes") == 409
    rows = await shop.rows("SELECT group_name, enabled FROM customers WHERE id = 1")
    assert rows == [("gold", False)]
    assert await shop.rows(DEEDS) == [("operator", "10.0.0.1", "change customer", "late")]


async def test_his_limits_are_his_own(desk: Desk, shop: Shop) -> None:
    browser = await desk.at_work(Role.OPERATOR)
    fields = {"calls_per_second": "5", "spend_max_daily": "12.5", "reason": "new"}
    assert (await browser.post("/customers/1/limits", fields)).status_code == 303
    page = (await browser.get("/customers/1")).text
    assert 'name="seen_spend_max_daily" value="12.50"' in page
    for wrong in (fields, {"calls_per_second": "many"}, {"calls_per_second": "0"}):
        stale = await browser.post("/customers/1/limits", {"reason": "again", **wrong})
        assert stale.status_code == 409
    assert await shop.rows("SELECT calls_per_second, adds_per_second FROM customers") == [(5, None)]
    assert len(await shop.rows(DEEDS)) == 1


@pytest.mark.parametrize("number", ["99", str(2**63), "9" * 60])
async def test_nobody_has_no_page(desk: Desk, number: str) -> None:
    browser = await desk.at_work(Role.OPERATOR)
    for path in ("", "/statement", "/keys/1"):
        assert (await browser.get(f"/customers/{number}{path}")).status_code == 404
    fields = {"reason": "why", "dialect": "standard", "enabled": "yes"}
    for path in ("", "/keys", "/limits"):
        answer = await browser.post(f"/customers/{number}{path}", fields)
        assert answer.status_code == 404, path
