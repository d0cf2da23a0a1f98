"""Orders found by any word of theirs, page by page, both ways, and as far as was looked."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from gateway.domain.orders import State
from gateway.domain.searching import Group, Search, Sort
from gateway.domain.services import ServiceType
from gateway.operations.export_orders import export_orders
from gateway.operations.search_orders import Found, Place, search_orders
from gateway.storage import searching
from tests.operations.shop import Shop

COPIES = """
INSERT INTO orders (customer_id, service_id, kind, link, quantity, quantity_total,
  charged_quantity, currency, charge, rate, margin_min_percent, revision_id, priced, offers,
  provider, offer, cost, cost_currency, conversion, state, provider_order, created_at)
SELECT customer_id, 40 + n % 3, CASE n % 4 WHEN 0 THEN 'Package' ELSE kind END,
  'https://b.example/' || n || '/' || repeat('x', 70 * (n % 2)), quantity, quantity_total,
  charged_quantity, currency, n, rate, margin_min_percent, revision_id, priced, offers,
  CASE n % 2 WHEN 0 THEN 'acme' ELSE 'beta' END, offer, cost, cost_currency, conversion,
  CASE WHEN n <= 6 THEN 'unconfirmed' ELSE 'queued' END, NULL, now() - (30 - n) * interval '1 day'
  FROM orders, generate_series(1, 20) n ORDER BY n"""


def ids(found: Found) -> list[int]:
    return [each.standing.id for each in found.orders]


async def twenty(shop: Shop) -> None:
    """Order 1 as it really lives, and 20 rows made like it: 2 to 21, 1 to 20 of money each."""
    await shop.active()
    await shop.execute("UPDATE orders SET created_at = now() - interval '40 days'")
    await shop.execute(COPIES)


async def clear(shop: Shop) -> None:
    await shop.execute("DELETE FROM discrepancies")
    await shop.execute("DELETE FROM orders WHERE id > 1")


async def test_every_filter_and_word_finds_its_own(shop: Shop) -> None:
    await twenty(shop)
    await shop.customer("Bobby")
    await shop.execute(
        "INSERT INTO discrepancies (class, provider, order_id, note) "
        "SELECT 'D6', 'acme', n, 'x' FROM unnest(ARRAY[1, 9]) n"
    )
    first = await shop.story(1)
    (created,) = (await shop.rows("SELECT created_at FROM orders WHERE id = 11"))[0]
    theirs = first.order.provider_order or ""
    day = timedelta(days=1)
    all_ = list(range(21, 0, -1))
    for wanted, found in (
        (Search(), all_),
        (Search(words=f" {theirs} "), sorted({1, int(theirs)} & set(all_), reverse=True)),
        (Search(words="#7"), [7]),
        (Search(words="https://b.example/7/"), [8]),
        (Search(words="https://b.example/5/" + "x" * 70), [6]),
        (Search(words="https://b.example/5/" + "x" * 69 + "y"), []),
        (Search(words="https://a.example/1"), [1]),
        (Search(words="BOB"), all_),
        (Search(words="%"), []),
        (Search(words="9" * 25), []),
        (Search(words="\x00\ud800"), []),
        (Search(customer="bob"), all_),
        (Search(customer="bo"), []),
        (Search(words="bob", provider="beta", service=41), [20, 14, 8, 2]),
        (Search(state=State.ACTIVE), [1]),
        (Search(state=State.UNCONFIRMED), list(range(7, 1, -1))),
        (Search(state=Group.IN_DOUBT, provider="acme"), [7, 5, 3]),
        (Search(state=Group.ODD), [9, 1]),
        (Search(state=Group.ODD, words="bob", service=1), [1]),
        (Search(state=Group.OPEN), all_),
        (Search(state=Group.ENDED), []),
        (Search(state=State.CLOSED), []),
        (Search(kind=ServiceType.PACKAGE), [21, 17, 13, 9, 5]),
        (Search(service=42, sort=Sort.OLDEST), [3, 6, 9, 12, 15, 18, 21]),
        (Search(service=2**70), []),
        (Search(created_from=created, created_to=created + 2 * day), [12, 11]),
        (Search(created_to=created, sort=Sort.OLDEST, customer="bob"), list(range(1, 11))),
        (Search(sort=Sort.RISK), [7, 6, 5, 4, 3, 2]),
        (Search(sort=Sort.RISK, state=State.QUEUED), []),
    ):
        page = await search_orders(shop.backends, wanted)
        assert (ids(page), page.searched_to, page.cut) == (found, None, False), wanted
        assert [each.standing.id async for each in export_orders(shop.backends, wanted)] == found
    await clear(shop)


@pytest.mark.parametrize("sort", Sort)
async def test_pages_go_both_ways(shop: Shop, sort: Sort) -> None:
    await twenty(shop)
    wanted = Search(sort=sort)
    whole = ids(await search_orders(shop.backends, wanted))
    pages = [await search_orders(shop.backends, wanted, Place(limit=4))]
    while (after := pages[-1].next) is not None:
        pages.append(await search_orders(shop.backends, wanted, Place(after=after, limit=4)))
    assert [each for page in pages for each in ids(page)] == whole
    assert pages[0].previous is None
    for before, page in zip(pages[1:], pages, strict=False):
        place = Place(before=before.previous, limit=4)
        assert ids(await search_orders(shop.backends, wanted, place)) == ids(page)
    short = await search_orders(shop.backends, wanted, Place(before=whole[2], limit=4))
    assert ids(short) == whole[:4]
    await clear(shop)


async def test_what_would_take_too_long_says_how_far_it_got(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await twenty(shop)
    monkeypatch.setattr(searching, "SCANNED_MAX", 8)
    monkeypatch.setattr(searching, "CANDIDATES_MAX", 3)
    wanted = Search(service=1)
    page = await search_orders(shop.backends, wanted)
    (stopped,) = (await shop.rows("SELECT created_at FROM orders WHERE id = 14"))[0]
    assert isinstance(stopped, datetime)
    assert page == Found([], next=14, searched_to=stopped)
    assert [each.standing.id async for each in export_orders(shop.backends, wanted)] == [1]
    cut = await search_orders(shop.backends, Search(words="https://b.example/"))
    assert (len(cut.orders), cut.cut) == (3, True)
    # too many to be candidates, they are read along the ids all the same
    assert len((await search_orders(shop.backends, Search(state=State.QUEUED))).orders) == 8
    assert cut.orders[0].standing.charge > Decimal(0)
    await clear(shop)
