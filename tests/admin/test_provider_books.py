"""A provider's account on its pages, and as files."""

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from re import search

from gateway.domain.operators import Actor, Role
from gateway.operations.fund import fund
from gateway.operations.tally import tally
from tests.admin.visiting import Desk
from tests.operations.shop import COST, Shop

BOOKS = "/reconciliation/providers/acme"


async def test_days_lead_to_transfers_and_those_to_orders(desk: Desk, shop: Shop) -> None:
    paid = Decimal(1_000)
    await fund(shop.backends, "acme", paid, actor=Actor("ann"), reference="b1", reason="=1+1")
    orders = [await shop.active() for _ in range(2)]
    await tally(shop.backends)
    today = datetime.now(UTC).date()
    viewer = await desk.at_work(Role.VIEWER)
    between = f"?from={today - timedelta(days=1)}&to={today + timedelta(days=1)}"
    file = await viewer.get(f"{BOOKS}{between}&export=csv")
    (day,) = csv.DictReader(io.StringIO(file.text))
    assert (day["day"], Decimal(day["funds"]), Decimal(day["costs"])) == (
        today.isoformat(),
        paid,
        -2 * COST,
    )
    assert Decimal(day["closing"]) == paid - 2 * COST
    page = (await viewer.get(BOOKS + between)).text
    link = search(rf'href="({BOOKS}/movements\?day=[\d-]+)"', page)
    assert link
    moved = (await viewer.get(link[1])).text
    for order in orders:
        assert f'href="/orders/{order}"' in moved
    for asked in (f"?day={today}&", "?"):
        file = await viewer.get(f"{BOOKS}/movements{asked}export=csv")
        rows = list(csv.DictReader(io.StringIO(file.text)))
        assert [Decimal(row["amount (USD)"]) for row in rows] == [-COST, -COST, paid]
        assert rows[-1]["reason"] == "'=1+1"


async def test_movements_go_on_where_the_page_before_ended(desk: Desk, shop: Shop) -> None:
    for number in range(51):
        await fund(shop.backends, "acme", Decimal(1), actor=Actor("ann"), reference=str(number))
    viewer = await desk.at_work(Role.VIEWER)
    first = (await viewer.get(f"{BOOKS}/movements")).text
    link = search(r'rel="next" href="([^"]+)"', first)
    assert link
    rest = (await viewer.get(link[1])).text
    assert (first.count("fund:acme:"), rest.count("fund:acme:")) == (50, 1)
    assert "Further rows" not in rest


HOSTILE = (
    "?from=0001-01-01&to=9999-12-31",
    "?from=x&to=2026-02-30&page=99999999999999",
    "?from=2026-11-22&to=2000-01-01",
    "/movements?day=9999-12-31&before=1.2",
    f"/movements?before={2**63}.{2**63}.{2**15}",
    f"/movements?day=2026-13-01&before={2**63 - 1}.0.32767",
    "/movements?day=2001-01-01",
)


async def test_whatever_stands_in_the_address_bar_is_answered(desk: Desk, shop: Shop) -> None:
    del shop
    viewer = await desk.at_work(Role.VIEWER)
    for asked in HOSTILE:
        assert (await viewer.get(BOOKS + asked)).status_code == 200, asked


async def test_a_provider_that_is_not_there_has_no_account(desk: Desk) -> None:
    viewer = await desk.at_work(Role.VIEWER)
    for name in ("gone", "%3Cb%3E", "a%2Fb"):
        for path in ("", "/movements"):
            answer = await viewer.get(f"/reconciliation/providers/{name}{path}")
            assert answer.status_code == 404
            assert "<b>" not in answer.text
