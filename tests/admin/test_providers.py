"""Providers: what keeps orders from them, and what an operator says about their offers."""

import csv
import io

from gateway.domain.operators import Role
from tests.admin.visiting import Browser, Desk
from tests.operations.shop import SERVICES, Shop

DEEDS = "SELECT actor, what, reason FROM deeds WHERE actor = 'operator' ORDER BY id"


async def exported(browser: Browser) -> dict[str, list[str]]:
    """The rows of the file, by provider."""
    text = (await browser.get("/providers?export=csv")).text
    return {row[0]: row for row in list(csv.reader(io.StringIO(text)))[1:]}


async def test_one_is_stopped_stands_first_and_goes_on(desk: Desk, shop: Shop) -> None:
    browser = await desk.at_work(Role.OPERATOR)
    why = {"reason": "<b>they</b> move house"}
    assert (await browser.post("/providers/beta/stop", {})).status_code == 409
    stopped = [(await browser.post("/providers/beta/stop", why)).status_code for _ in range(2)]
    assert stopped == [303, 409]
    page = (await browser.get("/providers")).text
    assert page.index("beta") < page.index("acme")
    assert "&lt;b&gt;they" in page
    assert list(await exported(browser)) == ["beta", "acme"]
    state = (await browser.get("/providers/beta")).text
    seen = state.partition('name="state" value="')[2].partition('"')[0]
    stale = await browser.post("/providers/beta/resume", {**why, "state": "of before"})
    assert stale.status_code == 409
    gone_on = await browser.post("/providers/beta/resume", {**why, "state": seen})
    assert gone_on.status_code == 303
    assert await shop.rows("SELECT count(*) FROM provider_stops") == [(0,)]
    assert [row[1] for row in await shop.rows(DEEDS)] == ["stop provider", "resume provider"]


async def test_offers_that_wait_are_shown_with_the_way_to_agree(desk: Desk, shop: Shop) -> None:
    browser = await desk.at_work(Role.OPERATOR)
    shop.acme.change(services={"101": {"rate": "2.00"}, "104": {"name": "<i>Other</i>"}})
    await shop.sync()
    assert (await exported(browser))["acme"][5] == "2"
    page = (await browser.get("/providers/acme")).text
    assert all(rate in page for rate in ("0.90", "2.00"))
    assert "<i>" not in page
    assert 'href="/services/held?provider=acme"' in page


async def test_its_list_is_read_at_once_and_a_loss_is_believed_when_told(
    desk: Desk, shop: Shop
) -> None:
    browser = await desk.at_work(Role.OPERATOR)
    assert (await browser.post("/providers/acme/sync")).status_code == 303
    assert (await browser.post("/providers/acme/sync", {"agreed": "1"})).status_code == 409
    shop.acme.list_only(
        {
            "service": "101",
            "name": "Followers, worldwide",
            "category": "Followers",
            "type": "Default",
            "rate": "0.90",
            "min": "50",
            "max": "10000",
        }
    )
    odd = await browser.post("/providers/acme/sync")
    assert odd.status_code == 409
    assert "nothing was delisted" in odd.text
    assert "believe what is gone" in (await browser.get("/providers/acme")).text
    assert (await browser.post("/providers/acme/sync", {"agreed": "1"})).status_code == 303
    listed = "SELECT count(*) FROM offers WHERE provider = 'acme' AND state = 'listed'"
    assert await shop.rows(listed) == [(1,)]
    assert [row[1] for row in await shop.rows(DEEDS)] == ["agree to list"]


async def test_one_that_was_never_read_and_one_that_is_none(desk: Desk, shop: Shop) -> None:
    tables = {**shop.tables, "gamma": 'url = "http://127.0.0.1:9/api/v2"\ncurrency = "EUR"'}
    await shop.reapply(tables, SERVICES)
    browser = await desk.at_work(Role.OWNER)
    assert "never read" in (await browser.get("/providers")).text
    assert "Nothing is on record" in (await browser.get("/providers/gamma")).text
    for name in ("nobody", "%3Cscript%3E", "x" * 300):
        assert (await browser.get(f"/providers/{name}")).status_code == 404
        assert (await browser.post(f"/providers/{name}/sync")).status_code == 404
