"""What does not add up, as a list: filtered, exported, and summed by class beside the books."""

import csv
import io

from gateway.domain.operators import Role
from tests.admin.visiting import Desk
from tests.operations.shop import Shop

OPENED = """
INSERT INTO discrepancies (class, provider, expected, seen, note, opened_at, closed_at, closed_by)
VALUES ('D5', 'acme', 10, 8.500000000001, '=1+1 <b>', now() - interval '8 days', NULL, NULL),
       ('D10', 'beta', 1, 8, 'credited', now(), NULL, NULL),
       ('D9', 'acme', NULL, NULL, 'unreadable', now(), now(), 'ann'),
       ('D12', 'customer:1', 5, 5, 'mended', now(), now(), NULL)"""


ASKED = {
    "": [2, 1],
    "state=all": [4, 3, 2, 1],
    "state=closed&provider=acme": [3],
    "kind=D5": [1],
    "age=7d": [1],
    "order=7": [],
    "state=all&provider=customer%3A1": [4],
    "kind=D5'&state=x&age=9y&order=-1&before=abc&sort=%3Cb%3E": [2, 1],
    f"order={2**63}&before={2**64}": [2, 1],
    "before=2": [1],
}


async def test_what_is_exported_is_what_is_shown(desk: Desk, shop: Shop) -> None:
    await shop.execute(OPENED)
    viewer = await desk.at_work(Role.VIEWER)
    for asked, numbers in ASKED.items():
        page = (await viewer.get(f"/reconciliation?{asked}")).text
        shown = [number for number in (4, 3, 2, 1) if f'href="/reconciliation/{number}"' in page]
        assert shown == numbers, asked
        if asked != "before=2":
            file = (await viewer.get(f"/reconciliation?{asked}&export=csv")).text
            rows = list(csv.DictReader(io.StringIO(file)))
            assert [int(row["number"]) for row in rows] == numbers, asked
        back = 'href="/reconciliation?' in page and "First rows</a>" in page
        assert back == ("before=" in asked), asked
    assert "=1+1 &lt;b&gt;" in (await viewer.get("/reconciliation")).text
    file = (await viewer.get("/reconciliation?kind=D5&export=csv")).text
    (row,) = csv.DictReader(io.StringIO(file))
    assert (row["difference"], row["what"]) == ("-1.499999999999", "'=1+1 <b>")


async def test_classes_and_books_stand_above_and_below(desk: Desk, shop: Shop) -> None:
    await shop.execute(OPENED)
    page = (await (await desk.at_work(Role.VIEWER)).get("/reconciliation")).text
    assert 'href="/reconciliation?kind=D5&amp;age=7d"' in page
    assert "an entry to loss" in page
    for provider in ("acme", "beta"):
        assert f'href="/reconciliation/providers/{provider}"' in page
    assert "Prove the ledger" in page
