"""What was paid in at a provider is seen, then booked once."""

from gateway.domain.operators import Role
from tests.admin.visiting import Desk
from tests.operations.shop import Shop


async def test_it_is_seen_and_booked_once(desk: Desk, shop: Shop) -> None:
    browser = await desk.at_work(Role.FINANCE)
    fields = {"amount": "250", "way": "in", "reference": "wire 3", "reason": "new funds"}
    shown = await browser.post("/providers/acme/fund/preview", fields)
    assert "two hundred fifty USD" in shown.text
    assert await shop.rows("SELECT count(*) FROM journal_entries WHERE kind = 'fund'") == [(0,)]
    booked = [await browser.post("/providers/acme/fund", fields) for _ in range(2)]
    assert [each.status_code for each in booked] == [303, 409]
    out = {**fields, "amount": "50", "way": "out", "reference": "wire 4"}
    assert (await browser.post("/providers/acme/fund", out)).status_code == 303
    assert "200.00" in (await browser.get("/providers/acme")).text
    for wrong in ({"way": ""}, {"amount": "-1"}, {"reason": ""}, {"reference": "x" * 101}):
        for path in ("/providers/acme/fund", "/providers/acme/fund/preview"):
            answer = await browser.post(path, {**fields, "reference": "wire 5", **wrong})
            assert answer.status_code == 409, wrong
    told = "SELECT reason, after ->> 'amount' FROM deeds WHERE what = 'fund provider' ORDER BY id"
    assert await shop.rows(told) == [("new funds", "250.00"), ("new funds", "-50.00")]
