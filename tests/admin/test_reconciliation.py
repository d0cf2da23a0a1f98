"""What does not add up, as a list: filtered, exported, and summed by class beside the books."""

import csv
import io

import pytest

from gateway.domain.operators import Role
from tests.admin.visiting import Desk
from tests.operations.shop import Shop

OPENED = """
INSERT INTO discrepancies (class, provider, expected, seen, note, opened_at, closed_at, closed_by)
VALUES ('D5', 'acme', 10, 8.500000000001, '=1+1 <b>', now() - interval '8 days', NULL, NULL),
       ('D10', 'beta', 1, 8, 'credited', now(), NULL, NULL),
       ('D9', 'acme', NULL, NULL, 'unreadable', now(), now(), 'ann'),
       ('D12', 'customer:1', 5, 5, 'mended', now(), now(), NULL)"""


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ("", [2, 1]),
        ("state=all", [4, 3, 2, 1]),
        ("state=closed&provider=acme", [3]),
        ("kind=D5", [1]),
        ("age=7d", [1]),
        ("order=7", []),
        ("state=all&provider=customer%3A1", [4]),
        ("kind=D5'&state=x&age=9y&order=-1&before=abc&sort=%3Cb%3E", [2, 1]),
        (f"order={2**63}&before={2**64}", [2, 1]),
        ("before=2", [1]),
    ],
)
async def test_what_is_exported_is_what_is_shown(
    desk: Desk, shop: Shop, asked: str, numbers: list[int]
) -> None:
    await shop.execute(OPENED)
    viewer = await desk.at_work(Role.VIEWER)
    page = await viewer.get(f"/reconciliation?{asked}")
    assert page.status_code == 200
    shown = [number for number in (4, 3, 2, 1) if f'href="/reconciliation/{number}"' in page.text]
    assert shown == numbers
    filtered = "&".join(each for each in asked.split("&") if not each.startswith("before"))
    file = await viewer.get(f"/reconciliation?{filtered}&export=csv")
    rows = list(csv.DictReader(io.StringIO(file.text)))
    if "before" not in asked:
        assert [int(row["number"]) for row in rows] == numbers
    if numbers[-1:] == [1]:
        assert rows[-1]["difference"] == "-1.499999999999"
        assert rows[-1]["what"] == "'=1+1 <b>"
        assert "=1+1 &lt;b&gt;" in page.text


async def test_classes_and_books_stand_above_and_below(desk: Desk, shop: Shop) -> None:
    await shop.execute(OPENED)
    page = (await (await desk.at_work(Role.VIEWER)).get("/reconciliation")).text
    assert 'href="/reconciliation?kind=D5&amp;age=7d"' in page
    assert "an entry to loss" in page
    for provider in ("acme", "beta"):
        assert f'href="/reconciliation/providers/{provider}"' in page
    assert "Prove the ledger" in page
