"""Services are looked for, switched, ordered and removed, each after it was seen what changes."""

import csv
import re
from dataclasses import replace
from html import unescape

import httpx

from gateway.domain.edits import Switch
from gateway.domain.operators import Actor, Role
from gateway.operations.apply import Terms, apply
from gateway.operations.edit import edit
from gateway.operations.plan import plan
from gateway.operations.stored import stored
from gateway.storage.documents import Documents
from tests.admin.visiting import Browser, Desk
from tests.operations.shop import MARKUP, Shop, documents, put_on_sale

EVIL = "<script>alert(1)</script>\u202e\u2066 " + "x" * 10_000


def shown(page: httpx.Response) -> dict[str, list[str]]:
    """The hidden fields of the last form of a page: the one that applies what is shown."""
    found: dict[str, list[str]] = {}
    form = page.text.rpartition('<form class="card"')[2]
    for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form):
        found.setdefault(name, []).append(unescape(value))
    return found


async def active(desk: Desk) -> tuple[int, Documents]:
    found = await stored(desk.backends)
    assert found is not None
    return found.number, found.documents


async def switched(desk: Desk, shop: Shop, *numbers: int) -> None:
    """By somebody else meanwhile."""
    _, now = await active(desk)
    made = await edit(desk.backends, now, [Switch(frozenset(numbers), enabled=False)])
    await apply(shop.backends, made, await plan(shop.backends, made), actor=Actor("eve"))


async def ids(browser: Browser, query: str) -> list[str]:
    page = await browser.get(f"/services?{query}")
    assert page.status_code == 200, query
    return re.findall(r'<td class="right"><a href="/services/(\d+)">', page.text)


async def test_services_are_filtered_sorted_and_exported_alike(desk: Desk, shop: Shop) -> None:
    await switched(desk, shop, 2)
    await shop.execute(
        "INSERT INTO offer_quality VALUES (1, 'acme', '101', 90, 10, 0, 65, 7300, 200, 10)"
    )
    browser = await desk.at_work(Role.VIEWER)
    assert await ids(browser, "") == ["1", "3", "4", "2"]
    assert await ids(browser, "sort=-id") == ["4", "3", "2", "1"]
    assert await ids(browser, "sort=-rate&category=*") == ["4", "3", "1", "2"]
    assert (await ids(browser, "sort=-start"))[0] == (await ids(browser, "sort=refused"))[0] == "1"
    assert await ids(browser, "sale=off&provider=acme") == ["2"]
    assert await ids(browser, "q=beta:101&sort=nonsense&sale=what&page=0") == ["1"]
    assert await ids(browser, "page=999999") == []
    page = (await browser.get("/services?q=followers")).text
    assert all(told in page for told in ("1 min", "2 h", "10.0 %", "5.0 %", "1.35"))
    assert "/services/switch/preview" not in page
    answer = await browser.get("/services?provider=acme&sort=-cost&export=csv")
    head, *rows = csv.reader(answer.text.splitlines())
    assert head[:2] == ["id", "name"]
    assert [row[0] for row in rows] == await ids(browser, "provider=acme&sort=-cost")
    assert (await browser.get("/services/99")).status_code == 404
    assert (await browser.get(f"/services/{'9' * 5_000}")).status_code == 404


async def test_several_are_switched_off_with_a_note_and_on_record(desk: Desk, shop: Shop) -> None:
    browser = await desk.at_work(Role.OPERATOR)
    await browser.get("/services")
    chosen = {"which": "ticked", "enabled": "0", "service": ["1", "3"]}
    page = await browser.post("/services/switch/preview", chosen)
    assert page.status_code == 200
    assert "Switch 2 services off?" in page.text
    assert "+enabled = false" in page.text
    assert await active(desk) == (1, (await active(desk))[1])
    unsaid = await browser.post("/services/switch", shown(page))
    assert (unsaid.status_code, "Say why" in unsaid.text) == (409, True)
    answer = await browser.post("/services/switch", {**shown(page), "note": "they are away"})
    assert answer.headers["location"] == "/services"
    told = (await browser.get("/services")).text
    assert "Switched off: 2 services. Revision 2 is active." in told
    assert 'href="/markup/revisions/2"' in told
    assert await ids(browser, "sale=off") == ["1", "3"]
    again = await browser.post("/services/switch", {**shown(page), "note": "they are away"})
    assert (again.status_code, "It is so already" in again.text) == (409, True)
    assert (await active(desk))[0] == 2
    deeds = await shop.rows("SELECT actor, address, what, reason FROM deeds WHERE id > 1 LIMIT 9")
    assert ("operator", "10.0.0.1", "apply catalog", "they are away") in deeds
    all_of = {"which": "fitting", "enabled": "1", "sale": "off"}
    page = await browser.post("/services/switch/preview", all_of)
    assert shown(page)["services"] == ["1 3"]
    for wrong in ({"enabled": "1"}, {**chosen, "service": "x" * 50}, {**chosen, "service": "77"}):
        assert (await browser.post("/services/switch/preview", wrong)).status_code == 409


async def test_what_was_seen_is_what_is_applied(desk: Desk, shop: Shop) -> None:
    """Another revision, another rate, or a loss nobody agreed to: nothing is changed."""
    browser = await desk.at_work(Role.OPERATOR)
    await switched(desk, shop, 1)
    on = {"which": "ticked", "enabled": "1", "service": "1"}
    page = await browser.post("/services/switch/preview", on)
    await switched(desk, shop, 2)
    stale = await browser.post("/services/switch", {**shown(page), "note": "back"})
    assert stale.status_code == 409
    assert "Revision 3 is active by now" in stale.text
    shop.acme.change(services={"101": {"rate": "1.00"}})
    await shop.sync()
    moved = await browser.post("/services/switch", {**shown(stale), "note": "back"})
    assert (moved.status_code, "have moved" in moved.text) == (409, True)
    losing = replace(documents(shop.tables), markup=MARKUP.replace('percent = "50"', 'rate = "1"'))
    losing = await edit(desk.backends, losing, [Switch(frozenset({1}), enabled=False)])
    terms = Terms(losses_agreed=True)
    told = await plan(desk.backends, losing)
    await apply(desk.backends, losing, told, actor=Actor("eve"), terms=terms)
    page = await browser.post("/services/switch/preview", on)
    assert "may be sold at a loss" in page.text
    refused = await browser.post("/services/switch", {**shown(page), "note": "back"})
    assert (refused.status_code, "1 would lose money" in refused.text) == (409, True)
    assert (await active(desk))[0] == 4
    (token,) = re.findall(r'id="losses" value="(\w+)"', refused.text)
    blind = {**shown(refused), "note": "back", "losses": "1"}
    assert (await browser.post("/services/switch", blind)).status_code == 409
    agreed = {**shown(refused), "note": "back", "losses": token}
    assert (await browser.post("/services/switch", agreed)).status_code == 303
    assert (await active(desk))[0] == 5


async def test_who_may_only_look_changes_nothing(desk: Desk, shop: Shop) -> None:
    browser = await desk.at_work(Role.VIEWER)
    assert "Take off sale" not in (await browser.get("/services/1")).text
    for path in ("/services/switch", "/services/1", "/services/held", "/services/import"):
        for end in ("", "/preview"):
            answer = await browser.post(path + end, {"service": "1", "deed": "remove"})
            assert (answer.status_code, "does not allow" in answer.text) == (403, True)
    assert (await active(desk))[0] == 1


async def test_hostile_names_are_shown_as_what_they_are(desk: Desk, shop: Shop) -> None:
    # no document holds what turns a line round; a provider's list may
    evil = EVIL.replace("\u202e", "").replace("\u2066", "")
    services = (
        f'[[services]]\nid = 1\nname = "{evil[:290]}"\ncategory = "{evil[:290]}"\n'
        f'offers = ["acme:101"]\ndescription = "{evil[:5_000]}"\n'
    )
    shop.acme.change(services={"101": {"name": EVIL[:500]}})
    await put_on_sale(shop.backends, documents(shop.tables, services))
    browser = await desk.at_work(Role.OPERATOR)
    fields = {"which": "ticked", "enabled": "0", "service": "1"}
    for page in (
        await browser.get("/services"),
        await browser.get("/services/1"),
        await browser.post("/services/switch/preview", fields),
    ):
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;alert" in page.text
        assert not {"\u202e", "\u2066"} & set(page.text)
        assert len(page.content) < 100_000
