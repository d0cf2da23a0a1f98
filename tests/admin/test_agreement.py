"""Offers that changed are agreed to after it was seen what they were and what follows."""

from gateway.domain.operators import Role
from tests.admin.test_services import shown
from tests.admin.visiting import Desk
from tests.operations.shop import Shop

STATES = "SELECT provider, state, rate, rate_waiting FROM offers WHERE offer = '101' ORDER BY 1"


async def changed(shop: Shop) -> None:
    """Rates jumped at both, one thing became another, and one is gone."""
    for panel in (shop.acme, shop.beta):
        panel.change(services={"101": {"rate": "1.80"}})
    shop.acme.change(services={"104": {"name": '<b>it\'s "another"</b>\u202e'}})
    shop.acme.offer([], gone=["301"])
    for name in ("acme", "beta"):
        await shop.sync(name)


async def test_what_changed_stands_side_by_side(desk: Desk, shop: Shop) -> None:
    await changed(shop)
    browser = await desk.at_work(Role.OPERATOR)
    page = (await browser.get("/services/held")).text
    for told in ("rate waits", "vanished", "name: Likes, worldwide", "1.80", "/services?q=acme"):
        assert told in page
    assert "<b>it" not in page
    export = (await browser.get("/services/held?provider=acme&export=csv")).text
    assert (export.count("acme:"), export.count("beta:")) == (3, 0)
    assert "beta:101" not in (await browser.get("/services/held?state=vanished&q=s")).text


async def test_what_jumped_is_agreed_to_once_it_was_seen(desk: Desk, shop: Shop) -> None:
    await changed(shop)
    browser = await desk.at_work(Role.OPERATOR)
    fitting = {"which": "fitting", "state": "rate waits"}
    page = await browser.post("/services/held/preview", fitting)
    assert shown(page)["offer"] == ["acme:101", "beta:101"]
    assert "2.70" in page.text
    before = await shop.rows(STATES)
    unsaid = await browser.post("/services/held", shown(page))
    assert (unsaid.status_code, "Say why" in unsaid.text) == (409, True)
    shop.beta.change(services={"101": {"rate": "1.90"}})
    await shop.sync("beta")
    stale = await browser.post("/services/held", {**shown(page), "reason": "they said so"})
    assert (stale.status_code, "have moved since" in stale.text) == (409, True)
    assert (await shop.rows(STATES))[0] == before[0]
    answer = await browser.post("/services/held", {**shown(stale), "reason": "they said so"})
    assert answer.headers["location"] == "/services/held"
    assert [str(row[2]) for row in await shop.rows(STATES)] == ["1.800000000000", "1.900000000000"]
    again = await browser.post("/services/held", {**shown(stale), "reason": "they said so"})
    assert (again.status_code, "does not wait" in again.text) == (409, True)
    deeds = await shop.rows(
        "SELECT actor, subject, before -> 'rates' ->> '101', after -> 'rates' ->> '101', reason"
        " FROM deeds WHERE what = 'agree to offers' ORDER BY id"
    )
    assert deeds == [
        ("operator", "provider:acme", "0.90", "1.80", "they said so"),
        ("operator", "provider:beta", "0.90", "1.90", "they said so"),
    ]
    for wrong in ({"offer": "acme:301"}, {"offer": ":"}, {"offer": "x" * 999}, {}):
        assert (await browser.post("/services/held/preview", wrong)).status_code == 409
