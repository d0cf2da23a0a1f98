"""A customer's statement: shown, filtered, exported."""

import csv
import io

import pytest

from gateway.domain.operators import Role
from tests.admin.visiting import Browser, Desk
from tests.operations.shop import Shop


async def exported(browser: Browser, query: str) -> list[list[str]]:
    answer = await browser.get(f"/customers/1/statement?{query}&export=csv")
    return list(csv.reader(io.StringIO(answer.text)))[1:]


async def test_every_movement_links_to_what_made_it(desk: Desk, shop: Shop) -> None:
    order = await shop.active()
    await shop.see(order, status="Partial", remains="400")
    browser = await desk.at_work(Role.VIEWER)
    page = (await browser.get("/customers/1/statement")).text
    assert f'href="/orders/{order}"' in page
    assert page.count('href="/entries/') == 2 * 3
    assert page.index(">refund<") < page.index(">hold<") < page.index(">top-up<")
    rows = await exported(browser, "")
    assert [(row[1], row[3], row[4]) for row in rows] == [
        ("top-up", "100.00", "100.00"),
        ("hold", "-1.35", "98.65"),
        ("refund", "0.54", "99.19"),
    ]
    assert [row[1] for row in await exported(browser, "kind=hold&since=2020-01-01")] == ["hold"]
    assert await exported(browser, "until=2020-01-01") == []


async def test_it_goes_on_by_the_page(desk: Desk, shop: Shop) -> None:
    await shop.place(*(shop.placement(50 + number) for number in range(60)))
    browser = await desk.at_work(Role.VIEWER)
    first = (await browser.get("/customers/1/statement?kind=hold")).text
    later = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert "kind=hold" in later
    second = (await browser.get(later)).text
    orders = [set(page.split('href="/orders/')[1:]) for page in (first, second)]
    assert [len(each) for each in orders] == [50, 10]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("kind=nothing", 200),
        ("before=1.2.3", 200),
        ("before=1.2", 404),
        ("since=9999-12-31", 409),
        ("until=0000-00-00", 409),
    ],
)
async def test_an_address_that_cannot_be_meant_is_no_fault(
    desk: Desk, shop: Shop, query: str, status: int
) -> None:
    browser = await desk.at_work(Role.VIEWER)
    assert (await browser.get(f"/customers/1/statement?{query}")).status_code == status
