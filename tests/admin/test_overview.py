"""The first page: figures as the ledger has them, what needs somebody, and what it leads to."""

import csv
import io
import re
from decimal import Decimal

from gateway.domain.money import plain
from gateway.domain.operators import Role
from gateway.operations.tally import tally
from tests.admin.visiting import Desk
from tests.operations.shop import COST, RATE, Shop

TAGS = re.compile(r"<[^>]+>")


def figures(page: str) -> dict[str, str]:
    """The page's figures by their labels, without markup."""
    pairs = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", page, re.DOTALL)
    return {TAGS.sub("", label).strip(): TAGS.sub("", told).strip() for label, told in pairs}


async def test_an_empty_installation_has_its_first_page(desk: Desk) -> None:
    viewer = await desk.at_work(Role.VIEWER)
    for window in ("", "?window=24h", "?window=7d", "?window=' OR 1", "?window="):
        page = (await viewer.get(f"/{window}")).text
        assert "Nothing: no loss, no doubt" in page, window
        assert "Nothing is on sale yet" in page
        assert len(re.findall('aria-current="true"', page)) == 1
        assert figures(page)["orders"] == "0"


async def test_what_it_tells_agrees_with_the_ledger(desk: Desk, shop: Shop) -> None:
    await shop.active()
    await shop.see(await shop.active(service=2), status="Canceled", charge="0", remains=1000)
    doubted = await shop.order(marks="?fault=reset_after")
    await shop.send()
    await tally(shop.backends)
    page = (await (await desk.at_work(Role.VIEWER)).get("/?window=7d")).text
    ((revenue, cost),) = await shop.rows(
        "SELECT -sum(amount) FILTER (WHERE kind IN ('revenue', 'refunds')),"
        " sum(amount) FILTER (WHERE kind = 'cost') FROM house_balances"
    )
    told = figures(page)
    assert (revenue, cost) == (RATE, COST)
    assert told["orders"] == "3"
    assert Decimal(told["charge"].split()[0]) - Decimal(told["refunds"].split()[0]) == revenue
    assert Decimal(told["cost"].split()[0]) == cost
    assert told["margin"].split()[0] == plain(revenue - cost)
    assert told["held from customers"].split()[0] == plain(RATE)
    assert "Needs you (1)" in page
    assert 'href="/orders?state=unconfirmed&amp;sort=risk"' in page
    for part in ("/reconciliation/providers/acme", "/services?category=Likes", "/providers/acme"):
        assert f'href="{part}"' in page, part
    # what is drawn stands in words beside it
    assert "Orders by the day: 3 in all, at most 3" in page
    await shop.decide(doubted, alone=True)


async def test_what_needs_somebody_comes_with_what_others_wrote_of_it(
    desk: Desk, shop: Shop
) -> None:
    hostile = "<script>alert(1)</script>"
    await shop.execute(f"UPDATE provider_states SET sync_error = '{hostile}'")  # noqa: S608  ours
    page = (await (await desk.at_work(Role.VIEWER)).get("/")).text
    assert hostile not in page
    assert page.count("&lt;script&gt;") >= 4
    assert "Needs you (2)" in page
    assert len(page) < 100_000


async def test_many_categories_fit_a_page_and_are_whole_in_the_file(desk: Desk, shop: Shop) -> None:
    await shop.execute(
        "INSERT INTO tallies (span, account, at, currency, provider, category, entry, transfers,"
        " amount, low, high) SELECT 'hour', 'revenue', date_trunc('hour', now()), 'USD', 'acme',"
        " 'Category ' || n, 'capture', 2, -n, '1', '1' FROM generate_series(1, 1000) AS n"
    )
    viewer = await desk.at_work(Role.VIEWER)
    page = (await viewer.get("/")).text
    assert len(page) < 100_000
    assert "970 more" in page
    assert plain(Decimal(sum(range(1, 971)))) in page.replace(",", "")
    rows = list(csv.DictReader(io.StringIO((await viewer.get("/?export=csv")).text)))
    assert len(rows) == 1000
    assert sum(Decimal(row["charge (USD)"]) for row in rows) == sum(range(1, 1001))
