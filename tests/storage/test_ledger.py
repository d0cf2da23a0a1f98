"""Posting: entries with their transfers and the balances they move, once and in whole."""

import asyncio
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from gateway.domain.postings import Account, Entry, Leg, top_up
from gateway.storage import customers, invariants, ledger
from gateway.storage.database import Connection, Database
from gateway.storage.ledger import BookedAlready, Posting
from tests.storage.books import customer, live

HOUSE = Account("revenue", "USD")


def adjusted(key: str, debit: Account, credit: Account, amount: str) -> Posting:
    return Posting(Entry(key, "adjust", (Leg(debit, credit, Decimal(amount)),)))


async def post(database: Database, *postings: Posting) -> None:
    async with database.transaction() as connection:
        await ledger.post(connection, postings, actor="test")


async def balances(database: Database) -> list[Decimal]:
    async with database.reading() as connection:
        return [each.available for each in await customers.listed(connection)]


async def broken(connection: Connection) -> list[str]:
    counts = {name: await invariants.count(connection, name) for name in invariants.INVARIANTS}
    return [name for name, rows in counts.items() if rows]


async def test_accounts_are_opened_when_they_are_first_named(database: Database) -> None:
    wanted = [HOUSE, Account("prepaid", "EUR", provider="acme"), HOUSE]
    async with database.transaction() as connection:
        first = await ledger.accounts(connection, wanted)
        assert await ledger.accounts(connection, wanted) == first
    assert len(first) == 2


async def test_accounts_that_two_open_at_once_are_one(database: Database) -> None:
    async def one(number: int) -> None:
        await post(database, adjusted(f"adj:{number}", HOUSE, Account("cost", "USD"), "1"))

    await asyncio.gather(*(one(number) for number in range(10)))
    async with database.reading() as connection:
        count = await connection.execute(text("SELECT count(*) FROM accounts"))
        assert count.scalar_one() == 2


async def test_the_same_key_books_once(database: Database) -> None:
    async with database.transaction() as connection:
        number = await customer(connection, "bob", "0.000000000001")
    again = Posting(top_up(number, "USD", Decimal(5), "top_up:bob"))
    with pytest.raises(BookedAlready, match="top_up:bob"):
        await post(database, again)
    assert await balances(database) == [Decimal("0.000000000001")]


async def test_several_entries_stand_or_fall_together(database: Database) -> None:
    async with database.transaction() as connection:
        number = await customer(connection, "bob", "10")
    mine = Account("available", "USD", number)
    with pytest.raises(IntegrityError, match="no_overdraft"):
        await post(
            database,
            adjusted("adj:1", mine, HOUSE, "4"),
            adjusted("adj:2", mine, HOUSE, "7"),
        )
    assert await balances(database) == [10]
    await post(database, adjusted("adj:1", mine, HOUSE, "4"), adjusted("adj:2", mine, HOUSE, "6"))
    assert await balances(database) == [0]
    async with database.reading() as connection:
        assert await broken(connection) == []


@pytest.mark.parametrize("amount", ["0", "-1", "NaN", "0.0000000000004"])
async def test_an_amount_that_is_none_is_refused(database: Database, amount: str) -> None:
    with pytest.raises(IntegrityError, match="amount_check"):
        await post(database, adjusted("adj:1", HOUSE, Account("cost", "USD"), amount))


async def test_posters_with_several_customers_never_wait_in_a_ring(database: Database) -> None:
    async with database.transaction() as connection:
        both = [await customer(connection, name, "100") for name in ("ann", "bob")]
    one, other = (Account("available", "USD", number) for number in both)
    await asyncio.gather(
        *(
            post(
                database,
                adjusted(f"adj:{turn}", (one, other)[turn % 2], HOUSE, "1"),
                adjusted(f"adj:{turn}b", (other, one)[turn % 2], HOUSE, "1"),
            )
            for turn in range(20)
        )
    )
    assert await balances(database) == [80, 80]


async def test_folding_changes_no_balance(database: Database) -> None:
    await live(database)
    query = text("SELECT kind, amount FROM house_balances ORDER BY kind, provider")
    async with database.reading() as connection:
        before = (await connection.execute(query)).all()
    assert {row.kind: row.amount for row in before}["revenue"] == Decimal("-4.860004")
    # two at once, one of them beside a transaction that has written and not committed
    async with database.transaction() as open_one:
        posting = adjusted("adj:1", HOUSE, Account("cost", "USD"), "1")
        await ledger.post(open_one, [posting], actor="test")

        async def fold() -> None:
            async with database.transaction() as connection:
                await ledger.fold(connection)

        await asyncio.gather(fold(), fold())
        async with database.reading() as connection:
            assert (await connection.execute(query)).all() == before
    await fold()
    async with database.reading() as connection:
        after = {row.kind: row.amount for row in await connection.execute(query)}
        assert after["revenue"] == Decimal("-3.860004")
        assert await broken(connection) == []
