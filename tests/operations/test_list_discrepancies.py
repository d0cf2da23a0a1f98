"""Discrepancies by filter, a page at a time, and their sums."""

from datetime import timedelta
from decimal import Decimal

from gateway.operations.export_discrepancies import export_discrepancies
from gateway.operations.list_discrepancies import Wanted, list_discrepancies
from gateway.operations.sum_discrepancies import sum_discrepancies
from tests.operations.shop import Shop

ROWS = """
INSERT INTO discrepancies (class, provider, order_id, expected, seen, note, opened_at, closed_at)
VALUES ('D4', 'acme', 1, 0, 1.5, '', now() - interval '8 days', NULL),
       ('D4', 'beta', 2, 2, 0.5, '', now(), NULL), ('D7', 'acme', 1, NULL, NULL, '', now(), NULL),
       ('D1', 'acme', 3, 1, 1.0001, '', now() - interval '9 days', now())"""


async def test_filters_pages_and_sums(shop: Shop) -> None:
    await shop.execute(ROWS)

    async def ids(wanted: Wanted, before: int | None = None) -> list[int]:
        found = await list_discrepancies(shop.backends, wanted, before=before)
        return [each.id for each in found]

    assert await ids(Wanted()) == [4, 3, 2, 1]
    assert await ids(Wanted(), 3) == [2, 1]
    assert await ids(Wanted(kind="D4", is_open=True)) == [2, 1]
    assert await ids(Wanted(provider="acme", is_open=False)) == [4]
    assert await ids(Wanted(order=1)) == [3, 1]
    assert await ids(Wanted(older_than=timedelta(days=7))) == [4, 1]
    pages = [page async for page in export_discrepancies(shop.backends, Wanted(), page=3)]
    assert [[each.id for each in page] for page in pages] == [[4, 3, 2], [1]]
    owed, stuck = await sum_discrepancies(shop.backends)
    assert (owed.kind, owed.count, owed.lasting, owed.amount) == ("D4", 2, 1, 3)
    assert (stuck.kind, stuck.unknown, stuck.amount) == ("D7", 1, 0)


async def test_amounts_that_cannot_be_converted_are_not_added_up(shop: Shop) -> None:
    """Of a provider who left, or in a currency of no conversion; those of our own accounts are."""
    await shop.execute("""
        INSERT INTO discrepancies (class, provider, order_id, expected, seen, note)
        VALUES ('D4', 'acme', 1, 0, 1.5, ''), ('D4', 'gone', 2, 0, 700, ''),
               ('D4', 'gone', 3, NULL, 1, ''), ('D11', 'gone', 4, 2, 5, '')""")
    owed, net = await sum_discrepancies(shop.backends)
    assert (owed.count, owed.unknown, owed.amount) == (3, 2, Decimal("1.5"))
    assert (net.count, net.unknown, net.amount) == (1, 0, 3)
