"""Accepting in sets, written by the database alone."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from gateway.domain.money import net_charge
from gateway.domain.refusals import Code, Refusal
from gateway.storage import claims, customers, placing
from gateway.storage.database import Database
from gateway.storage.placing import Priced
from tests.storage.books import PLACEMENT, PRICED, customer

TEN = replace(PRICED, charge=Decimal(10))
NO_FUNDS = Refusal(Code.FUNDS)


async def opened(database: Database, *paid_in: str) -> None:
    async with database.transaction() as connection:
        for number, amount in enumerate(paid_in):
            await customer(connection, f"customer {number}", amount)


async def place(database: Database, *wanted: Priced) -> list[int | Refusal]:
    async with database.transaction() as connection:
        return await placing.place(connection, wanted)


async def funds(database: Database) -> list[tuple[Decimal, Decimal]]:
    async with database.reading() as connection:
        return [(each.available, each.held) for each in await customers.listed(connection)]


async def test_forty_of_ten_at_once_on_a_hundred_are_ten(database: Database) -> None:
    await opened(database, "100")
    placed = await asyncio.gather(*(place(database, TEN) for _ in range(40)))
    assert sum(isinstance(each, int) for (each,) in placed) == 10
    assert [each for (each,) in placed if isinstance(each, Refusal)] == [NO_FUNDS] * 30
    assert await funds(database) == [(0, 100)]


async def test_sets_at_once_never_overdraw_nor_wait_in_a_ring(database: Database) -> None:
    await opened(database, "100", "100", "100")
    ones = [replace(TEN, customer=number) for number in (1, 2, 3)]
    sets = [ones[turn:] + ones[:turn] for turn in (0, 1, 2)] * 5
    placed = await asyncio.gather(*(place(database, *each) for each in sets))
    assert sum(isinstance(each, int) for some in placed for each in some) == 30
    assert await funds(database) == [(0, 100)] * 3


async def test_a_large_one_that_is_refused_leaves_room_for_a_smaller(database: Database) -> None:
    await opened(database, "25")
    large = replace(TEN, charge=Decimal(20))
    first, refused, second, last = await place(database, TEN, large, TEN, TEN)
    assert (refused, last) == (NO_FUNDS, NO_FUNDS)
    assert isinstance(first, int)
    assert isinstance(second, int)
    assert await funds(database) == [(5, 20)]


async def test_a_customer_without_a_purse_has_no_funds(database: Database) -> None:
    await opened(database, "25")
    euros = replace(TEN, currency="EUR")
    assert await place(database, replace(TEN, customer=9), euros) == [NO_FUNDS, NO_FUNDS]


async def test_an_empty_set_is_nothing(database: Database) -> None:
    assert await place(database) == []


async def test_all_of_a_placement_is_on_record(database: Database) -> None:
    await opened(database, "25")
    full = replace(
        TEN,
        placement=replace(
            PLACEMENT,
            link="https://a.example/'\"\\%;\u2028😀",
            comments=("one", 'two "2"', "{3}", ""),
            runs=3,
            interval_minutes=60,
            details=(("type_of_traffic", "1"), ("google_keyword", 'a\n"b" 😀'), ("country", "")),
        ),
        charge=Decimal("9.999999"),
        conversion=Decimal("1.160000000001"),
        cost_currency="EUR",
        offers=("acme:101", "beta:7"),
    )
    (order,) = await place(database, full)
    assert isinstance(order, int)
    async with database.reading() as connection:
        found = await connection.execute(text("SELECT * FROM orders"))
        row = found.mappings().one()
    placement = full.placement
    assert row["id"] == order
    assert (row["link"], row["comments"]) == (placement.link, list(placement.comments))
    assert (row["quantity"], row["runs"], row["quantity_total"]) == (1_000, 3, 3_000)
    assert (row["charge"], row["conversion"]) == (full.charge, full.conversion)
    assert (row["offers"], row["priced"]) == (["acme:101", "beta:7"], {"rule": "1"})
    assert (row["state"], row["charged_quantity"]) == ("queued", 3_000)
    async with database.reading() as connection:
        assert (await claims.load(connection, order)).placement == placement


async def test_what_has_no_details_has_none_on_record(database: Database) -> None:
    await opened(database, "25")
    (order,) = await place(database, TEN)
    assert isinstance(order, int)
    async with database.reading() as connection:
        found = await connection.execute(text("SELECT details IS NULL FROM orders"))
        assert found.scalar_one() is True
        assert (await claims.load(connection, order)).placement == TEN.placement


async def test_what_fails_in_the_middle_leaves_nothing(database: Database) -> None:
    await opened(database, "25")
    finer = replace(TEN, charge=Decimal("1.0000001"))
    with pytest.raises(IntegrityError, match="orders_charge_check"):
        await place(database, TEN, finer)
    assert await funds(database) == [(25, 0)]


@pytest.mark.parametrize("charge", ["1.35", "0.000001", "123456789.123457", "0.000004"])
async def test_the_database_rounds_net_charges_as_we_do(database: Database, charge: str) -> None:
    quantities = [(1, 0), (1, 1), (3, 1), (3, 2), (777, 500), (999_999_999, 123_456_789)]
    async with database.reading() as connection:
        for quantity, charged in quantities:
            asked = text("SELECT net_charge(:charge, :quantity, :charged)")
            values = {"charge": Decimal(charge), "quantity": quantity, "charged": charged}
            found = (await connection.execute(asked, values)).scalar_one()
            assert found == net_charge(Decimal(charge), quantity, charged)
