"""The list of orders: found, paged, exported as found, and what waits for a second operator."""

import csv
import io

import pytest

from gateway.domain.operators import Role
from gateway.storage import searching
from tests.admin.visiting import Desk
from tests.operations.shop import Shop


def exported(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


async def test_what_is_filtered_is_what_is_shown_and_exported(desk: Desk, shop: Shop) -> None:
    first = await shop.order()
    await shop.execute("UPDATE customers SET name = '=cmd(1)'")
    sent = [await shop.active(2_000) for _ in range(2)]
    browser = await desk.at_work(Role.VIEWER)
    for asked, found in (
        ("", [*sent[::-1], first]),
        ("state=queued", []),
        ("state=open&sort=oldest", [first, *sent]),
        ("customer=%3Dcmd(1)&provider=acme", [*sent[::-1], first]),
        ("customer=cmd", []),
        ("service=1&kind=Package", []),
        ("from=2000-01-01&to=2199-01-01T12:00", [*sent[::-1], first]),
        ("to=2000-01-01", []),
    ):
        shown = (await browser.get(f"/orders?{asked}")).text
        table = await browser.get(f"/orders?{asked}&export=csv")
        assert [int(row["order"]) for row in exported(table.text)] == found, asked
        assert [each for each in found if f'href="/orders/{each}"' not in shown] == [], asked
        assert ("No order fits" in shown) is (not found), asked
    row = exported((await browser.get("/orders?state=active&export=csv")).text)[0]
    assert row["state"] == "active"
    assert row["customer"] == "'=cmd(1)"
    assert (row["charge (USD)"], row["cost (USD)"], row["margin (USD)"]) == ("2.70", "1.80", "0.90")


async def test_an_id_that_is_typed_leads_to_its_order(desk: Desk, shop: Shop) -> None:
    order = await shop.active()
    browser = await desk.at_work(Role.VIEWER)
    for typed in (f"{order}", f"%23{order}", f"0{order}"):
        assert (await browser.get(f"/orders?q={typed}")).headers.get("location") == "/orders/1"
    theirs = (await shop.story(order)).order.provider_order
    assert f'href="/orders/{order}"' in (await browser.get(f"/orders?q={theirs}")).text


async def test_pages_go_both_ways_and_say_how_far_they_looked(
    desk: Desk, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.place(*(shop.placement(50) for _ in range(60)))
    await shop.execute("UPDATE orders SET link = repeat('\"><b>', 400)")
    browser = await desk.at_work(Role.VIEWER)
    page = await browser.get("/orders?customer=bob")
    assert len(page.content) < 100_000
    assert "<b>" not in page.text
    first = page.text
    assert 'href="/orders?customer=bob&amp;after=11"' in first
    second = (await browser.get("/orders?customer=bob&after=11")).text
    assert 'href="/orders/10"' in second
    assert 'href="/orders?customer=bob&amp;before=10"' in second
    assert "Further rows" not in second
    monkeypatch.setattr(searching, "SCANNED_MAX", 8)
    far = (await browser.get("/orders?service=2")).text
    assert "None among those that were looked at so far." in far
    assert "Searched back to" in far
    assert 'href="/orders?service=2&amp;after=53"' in far
    back = (await browser.get("/orders?service=2&before=5")).text
    assert 'href="/orders?service=2&amp;before=13">' in back
    assert "Searched back to" in back


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ("state=gone", "is not a state"),
        ("kind=%3Cscript%3E", "is not a type"),
        ("sort=-id", "is not an order of rows"),
        ("service=1;--", "is not a service"),
        ("service=" + "9" * 5_000, "is not a service"),
        ("from=yesterday", "is not a time"),
        ("to=2026-02-31", "is not a time"),
        ("to=0001-01-01", "is not a time"),
    ],
)
async def test_a_filter_that_means_nothing_is_refused_in_words(
    desk: Desk, asked: str, why: str
) -> None:
    browser = await desk.at_work(Role.VIEWER)
    for query in (asked, f"{asked}&export=csv"):
        answer = await browser.get(f"/orders?{query}")
        assert answer.status_code == 400
        assert why in answer.text
        assert "<script>" not in answer.text


async def test_hostile_words_and_places_find_nothing_and_break_nothing(desk: Desk) -> None:
    browser = await desk.at_work(Role.VIEWER)
    hostile = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E%E2%80%AE"
    for asked in (
        f"q={hostile}",
        f"customer={hostile}&provider={hostile}",
        "q=" + "x" * 3_000,
        "q=%25",
        "after=" + "9" * 19,
        "before=-1&after=x",
        "service=" + "9" * 19,
    ):
        answer = await browser.get(f"/orders?{asked}")
        assert answer.status_code == 200, asked
        assert "<script>alert" not in answer.text
        assert "No order fits" in answer.text
