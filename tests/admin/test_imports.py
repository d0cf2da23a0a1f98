"""Services are made of a provider's list; what is denied cannot be chosen, whatever a form says."""

from dataclasses import replace

from gateway.dialects.json_text import Json
from gateway.domain.operators import Role
from tests.admin.test_services import EVIL, active, shown
from tests.admin.visiting import Desk
from tests.operations.shop import MARKUP, Shop, documents, put_on_sale

DENIED = '\n[deny]\nwords = ["slow"]\ncategories = ["Vie*"]\n'


async def test_what_is_chosen_becomes_services(desk: Desk, shop: Shop) -> None:
    browser = await desk.at_work(Role.OPERATOR)
    page = (await browser.get("/services/import?provider=acme&category=Follow*&rate_max=3")).text
    assert 'value="102"' in page
    assert 'value="103"' not in page
    assert 'value="101"' not in page
    fields = {"provider": "acme", "which": "ticked", "offer": ["102", "105"]}
    page = await browser.post("/services/import/preview", fields)
    for told in ("Import 2 services of acme?", "[[services]]", "acme:102", "3.525", "33.3 %"):
        assert told in page.text
    answer = await browser.post("/services/import", {**shown(page), "note": "new ones"})
    assert answer.status_code == 303
    number, now = await active(desk)
    assert (number, 'offers = ["acme:105"]' in now.services) == (2, True)
    assert "Likes, mixed sources" in (await browser.get("/services/6")).text
    again = await browser.post("/services/import", {**shown(page), "note": "new ones"})
    assert (again.status_code, "sold already" in again.text) == (409, True)
    every = {"provider": "acme", "which": "fitting", "q": "mentions"}
    page = await browser.post("/services/import/preview", every)
    assert len(shown(page)["offer"]) == 6
    for path in ("?provider=none", "?provider=%3Cscript%3E"):
        assert (await browser.get(f"/services/import{path}")).status_code == 404


async def test_what_is_denied_stays_out_though_a_form_names_it(desk: Desk, shop: Shop) -> None:
    denying = replace(documents(shop.tables), markup=MARKUP + DENIED)
    await put_on_sale(shop.backends, denying)
    browser = await desk.at_work(Role.OPERATOR)
    page = (await browser.get("/services/import?provider=acme")).text
    assert "denied by word &#34;slow&#34;" in page
    assert "denied by category &#34;Vie*&#34;" in page
    assert 'name="offer" value="102"' not in page
    good = await browser.post(
        "/services/import/preview", {"provider": "acme", "offer": "103", "which": "ticked"}
    )
    assert good.status_code == 200
    for offer in ("102", "106", "101", "nope", "<script>"):
        forged = {**shown(good), "offer": ["103", offer], "note": "let me"}
        for path in ("/services/import/preview", "/services/import"):
            answer = await browser.post(path, forged)
            assert (answer.status_code, "cannot be imported" in answer.text) == (409, True)
            assert "<script>" not in answer.text.replace("<script src", "")
    assert (await active(desk))[0] == 2


async def test_hostile_names_of_a_list_are_bounded_and_escaped(desk: Desk, shop: Shop) -> None:
    row: dict[str, Json] = {
        "type": "Default",
        "min": 1,
        "max": 10,
        "rate": "1",
        "name": EVIL,
        "category": EVIL,
    }
    shop.acme.list_only(*({**row, "service": str(n), "desc": EVIL} for n in range(900, 1_000)))
    await shop.sync()
    browser = await desk.at_work(Role.OPERATOR)
    fields = {"provider": "acme", "which": "fitting"}
    for page in (
        await browser.get("/services/import?provider=acme"),
        await browser.post("/services/import/preview", fields),
    ):
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;alert" in page.text
        assert not {"\u202e", "\u2066"} & set(page.text)
        assert len(page.content) < 200_000
