"""A statement by the page says what the whole one says."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from gateway.domain.operators import Actor
from gateway.operations.adjust import Wanted, adjust
from gateway.operations.export_statement import export_statement
from gateway.operations.page_statement import (
    Kind,
    Position,
    StatementAsked,
    StatementPage,
    page_statement,
)
from gateway.operations.statement import statement
from tests.operations.shop import Shop

ANN = Actor("ann")


async def test_pages_and_files_and_the_whole_say_the_same(shop: Shop) -> None:
    eve = await shop.customer("eve", "20")
    await shop.place(shop.placement(), caller=eve)
    order = await shop.active()
    await shop.see(order, status="Partial", remains="400")
    await adjust(shop.backends, Wanted(1, Decimal("1.5"), "sorry", "a"), actor=ANN)
    await adjust(shop.backends, Wanted(1, Decimal(-1), "too much", "b"), actor=ANN)
    await shop.order()
    whole = [
        (each.key, each.amount, each.balance)
        for each in await statement(shop.backends, "bob") or ()
    ]
    assert len(whole) == 6
    asked = StatementAsked(1)
    exported = [each async for each in export_statement(shop.backends, asked)]
    assert [(each.key, each.amount, each.balance) for each in exported] == whole
    for limit in (1, 2, 4, 6, 50):
        paged: list[tuple[str, Decimal, Decimal | None]] = []
        page = StatementPage((), Position(10**17, 1, 1))
        while page.older:
            page = await page_statement(
                shop.backends, StatementAsked(1, before=page.older, limit=limit)
            )
            assert len(page.movements) <= limit
            paged += [(each.key, each.amount, each.balance) for each in page.movements]
        assert paged[::-1] == whole
    assert (await page_statement(shop.backends, asked)).movements[0].actor == "customer"
    assert (await page_statement(shop.backends, StatementAsked(99))).movements == ()


async def test_one_kind_or_one_day_of_it(shop: Shop) -> None:
    order = await shop.active()
    await shop.see(order, status="Canceled", remains="1000", charge="0")
    await adjust(shop.backends, Wanted(1, Decimal("1.5"), "sorry", "a"), actor=ANN)
    await adjust(shop.backends, Wanted(1, Decimal(-1), "too much", "b"), actor=ANN)
    for kind, amounts in (
        (Kind.TOP_UP, ["100"]),
        (Kind.HOLD, ["-1.35"]),
        (Kind.REFUND, ["1.35"]),
        (Kind.ADJUST, ["-1", "1.5"]),
        (Kind.RECHARGE, []),
    ):
        page = await page_statement(shop.backends, StatementAsked(1, kind=kind))
        assert [each.amount for each in page.movements] == [Decimal(each) for each in amounts]
        assert not [each for each in page.movements if each.balance is not None]
        found = export_statement(shop.backends, StatementAsked(1, kind=kind))
        assert [each.amount async for each in found] == [Decimal(each) for each in amounts[::-1]]
    now = datetime.now(UTC)
    hour = timedelta(hours=1)
    for since, until, count in (
        (now - hour, None, 5),
        (now + hour, None, 0),
        (None, now - hour, 0),
    ):
        page = await page_statement(shop.backends, StatementAsked(1, since=since, until=until))
        assert len(page.movements) == count
    page = await page_statement(shop.backends, StatementAsked(1, until=now + hour))
    assert page.movements[0].balance == Decimal("100.5")


def test_a_place_is_spelled_for_an_address() -> None:
    place = Position(2**40, 77, 2)
    assert Position.read(str(place)) == place
    for spelled in ("", "1.2", "1.2.3.4", "a.b.c", "-1.2.3", "1.2.³", "9" * 40 + ".1.1"):
        with pytest.raises(ValueError, match="no place"):
            Position.read(spelled)
