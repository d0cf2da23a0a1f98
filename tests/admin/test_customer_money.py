"""Money moves when it was seen, once, and above the limit by two."""

import re

import pytest

from gateway.domain.operators import Role
from tests.admin.visiting import Browser, Desk
from tests.operations.shop import Shop

AVAILABLE = "SELECT available FROM balances WHERE customer_id = 1"
FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


async def asked(browser: Browser, path: str, **typed: str) -> dict[str, str]:
    """What the page that asks whether it is meant would send; empty where it refuses."""
    answer = await browser.post(f"{path}/preview", {"token": "a" * 32, "reason": "why", **typed})
    shown = answer.text.partition("<main")[2]
    return dict(FIELD.findall(shown)) if answer.status_code == 200 else {}


async def test_a_top_up_is_seen_and_then_booked_once(desk: Desk, shop: Shop) -> None:
    browser = await desk.at_work(Role.FINANCE)
    path = "/customers/1/top-up"
    fields = await asked(browser, path, amount="1234.5", reference="bank 7")
    shown = (await browser.post(f"{path}/preview", fields)).text
    assert "one thousand two hundred thirty-four point five USD" in shown
    assert re.search(r"100\.00</span> → .*1,334\.50", shown)
    assert await shop.rows(AVAILABLE) == [(100,)]
    booked, again = await browser.post(path, fields), await browser.post(path, fields)
    assert (booked.status_code, again.status_code) == (303, 409)
    assert await shop.rows(AVAILABLE) == [(1334.5,)]
    (deed,) = await shop.rows("SELECT actor, reason, after FROM deeds WHERE what = 'top up'")
    assert deed[:2] == ("finance", "why")
    assert deed[2]["reference"] == "bank 7"


async def test_without_a_reference_the_form_itself_books_once(desk: Desk, shop: Shop) -> None:
    browser = await desk.at_work(Role.FINANCE)
    fields = await asked(browser, "/customers/1/top-up", amount="5", reference="")
    statuses = [(await browser.post("/customers/1/top-up", fields)).status_code for _ in range(2)]
    assert statuses == [303, 409]
    assert await shop.rows(AVAILABLE) == [(105,)]


@pytest.mark.parametrize(
    "amount", ["", "0", "-5", "1,000", "1e99", "NaN", "0.0000000000001", "1" + "0" * 12]
)
async def test_what_is_no_amount_moves_nothing(desk: Desk, shop: Shop, amount: str) -> None:
    browser = await desk.at_work(Role.FINANCE)
    for path in ("/customers/1/top-up", "/customers/1/adjustment"):
        assert await asked(browser, path, amount=amount, way="give") == {}
        fields = {"amount": amount, "way": "give", "token": "t", "reason": "why"}
        assert (await browser.post(path, fields)).status_code == 409
    assert await shop.rows(AVAILABLE) == [(100,)]


async def test_a_small_adjustment_is_booked_once_and_links_to_its_entry(
    desk: Desk, shop: Shop
) -> None:
    browser = await desk.at_work(Role.FINANCE)
    path = "/customers/1/adjustment"
    fields = await asked(browser, path, amount="7.25", way="take")
    assert fields["way"] == "take"
    for _ in range(2):
        assert (await browser.post(path, fields)).headers["location"] == "/customers/1"
    assert (await browser.post(path, {**fields, "amount": "8"})).status_code == 409
    assert await shop.rows(AVAILABLE) == [(92.75,)]
    page = (await browser.get("/customers/1")).text
    entry = page.partition('href="/entries/')[2].partition('"')[0]
    assert "adjustment" in (await browser.get(f"/entries/{entry}")).text
    assert (await browser.get("/entries/999999")).status_code == 404


async def test_nobody_is_taken_more_than_he_has(desk: Desk, shop: Shop) -> None:
    browser = await desk.at_work(Role.FINANCE)
    assert await asked(browser, "/customers/1/adjustment", amount="101", way="take") == {}
    assert await asked(browser, "/customers/1/adjustment", amount="1", way="sideways") == {}
    fields = {"amount": "101", "way": "take", "token": "t", "reason": "why"}
    assert (await browser.post("/customers/1/adjustment", fields)).status_code == 409
    assert await shop.rows(AVAILABLE) == [(100,)]


async def test_above_the_limit_a_second_operator_agrees(desk: Desk, shop: Shop) -> None:
    ann, bea = await desk.at_work(Role.FINANCE, "ann"), await desk.at_work(Role.OWNER, "bea")
    fields = await asked(ann, "/customers/1/adjustment", amount="60", way="give")
    sent = await ann.post("/customers/1/adjustment", {**fields, "alone": "1"})
    assert sent.status_code == 409
    sent = await ann.post("/customers/1/adjustment", fields)
    assert sent.headers["location"] == "/customers/adjustments"
    assert await shop.rows(AVAILABLE) == [(100,)]
    waiting = "/customers/adjustments/1"
    assert f"{waiting}/agree" not in (await ann.get(waiting)).text
    assert (await ann.post(f"{waiting}/agree", {"reason": "mine"})).status_code == 409
    assert "sixty USD" in (await bea.get(waiting)).text
    assert (await bea.post(f"{waiting}/agree", {"reason": ""})).status_code == 409
    for _ in range(2):
        assert (await bea.post(f"{waiting}/agree", {"reason": "seen"})).status_code == 303
    assert await shop.rows(AVAILABLE) == [(160,)]
    late = await ann.post(f"{waiting}/withdraw", {"reason": "no"})
    assert late.status_code == 303
    assert "booked by bea" in (await ann.get("/customers/adjustments")).text
    assert (await bea.get(waiting)).status_code == 404


async def test_who_is_the_only_one_says_so(desk: Desk, shop: Shop) -> None:
    browser = await desk.at_work(Role.FINANCE)
    typed = {"token": "b" * 32, "reason": "why", "amount": "60", "way": "give"}
    shown = await browser.post("/customers/1/adjustment/preview", typed)
    assert 'name="alone"' in shown.text
    await browser.post("/customers/1/adjustment", {**typed, "alone": "1"})
    assert "booked alone" in (await browser.get("/customers/1")).text
    assert await shop.rows(AVAILABLE) == [(160,)]
