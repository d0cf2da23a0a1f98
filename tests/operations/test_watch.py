"""What is wrong with our own books is found within a minute, and stops what it must."""

from decimal import Decimal

import pytest

from gateway.domain.refusals import Code, Refusal
from gateway.operations.add import Wanted, add
from gateway.operations.fold import fold
from gateway.operations.watch import watch
from tests.operations.shop import Shop


async def opened(shop: Shop) -> list[tuple[str, str, int | None, Decimal | None, Decimal | None]]:
    return await shop.rows(
        "SELECT class, provider, order_id, expected, seen FROM discrepancies"
        " WHERE closed_at IS NULL ORDER BY id"
    )


async def test_sound_books_are_left_alone(shop: Shop) -> None:
    for marks in ("", "?fault=reset_after", "?fault=refuse"):
        await shop.order(marks=marks)
    await shop.send()
    for _ in range(2):
        assert await watch(shop.backends) == 0
    assert await opened(shop) == []


async def test_a_charge_that_is_not_the_net_one_stops_all_sending(shop: Shop) -> None:
    order = await shop.active()
    waiting = await shop.order()
    await shop.execute(f"UPDATE orders SET charged_quantity = 500 WHERE id = {order}")  # noqa: S608  ours
    assert await watch(shop.backends) == 1
    found = ("D11", "acme", order, Decimal("0.675"), Decimal("1.35"))
    assert await opened(shop) == [found]
    await shop.send()
    assert await shop.state(waiting) == "queued"
    # no look at the order explains it
    await shop.see(order, status="In progress", charge="0.9", remains=500)
    assert await opened(shop) == [found]
    await shop.execute(f"UPDATE orders SET charged_quantity = 1000 WHERE id = {order}")  # noqa: S608  ours


async def test_a_balance_that_is_not_its_transfers_stops_its_customer(shop: Shop) -> None:
    ann = await shop.customer("ann", "50")
    waiting = await shop.order()
    await shop.execute("UPDATE balances SET available = available + 5 WHERE customer_id = 1")
    assert await watch(shop.backends) == 2  # the books do not balance, either
    found = ("D12", "customer:1", None, Decimal("98.65"), Decimal("103.65"))
    assert await opened(shop) == [found]
    placed = await add(shop.backends, [Wanted(shop.bob, shop.placement())])
    assert placed == [Refusal(Code.FUNDS)]
    (other,) = await shop.place(shop.placement(), caller=ann)
    await shop.send()
    assert await shop.state(waiting) == "queued"
    assert await shop.state(other) == "active"
    await shop.execute("UPDATE balances SET available = available - 5 WHERE customer_id = 1")


async def test_the_second_look_adds_up_what_is_new_alone(shop: Shop) -> None:
    await shop.active()
    await watch(shop.backends)
    assert await shop.rows(
        "SELECT count(*) FROM folds JOIN accounts a ON a.id = account_id"
        " WHERE a.customer_id IS NOT NULL"
    ) == [(2,)]
    await shop.active()
    assert await watch(shop.backends) == 0
    await shop.proven()
    await shop.execute("UPDATE balances SET held = held + 1 WHERE customer_id = 1")
    assert await watch(shop.backends) == 2
    await shop.execute("UPDATE balances SET held = held - 1 WHERE customer_id = 1")


@pytest.mark.parametrize("entries", [0, 1])
async def test_it_looks_no_further_back_than_it_says(
    shop: Shop, entries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await shop.active()
    await shop.execute(f"UPDATE orders SET charged_quantity = 500 WHERE id = {order}")  # noqa: S608  ours
    monkeypatch.setattr("gateway.storage.watching.ENTRIES_MAX", entries)
    assert await watch(shop.backends) == entries
    await shop.execute(f"UPDATE orders SET charged_quantity = 1000 WHERE id = {order}")  # noqa: S608  ours


async def test_a_fold_that_is_wrong_stops_all_sending(shop: Shop) -> None:
    order = await shop.order()
    await fold(shop.backends)
    worse = "UPDATE folds SET amount = amount {sign} 1 WHERE account_id = (SELECT id FROM accounts"
    worse += " WHERE kind = 'top_ups')"
    await shop.execute(worse.format(sign="+"))
    assert await watch(shop.backends) == 1
    assert [row[:2] for row in await opened(shop)] == [("D12", "house")]
    await shop.send()
    assert await shop.state(order) == "queued"
    await shop.execute(worse.format(sign="-"))
