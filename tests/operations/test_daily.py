"""A customer's days close with what the action `balance` answers, to the last digit."""

from decimal import Decimal

from sqlalchemy import text

from gateway.domain.operators import Actor
from gateway.domain.postings import Account, Entry, Leg
from gateway.operations.balance import balance
from gateway.operations.daily import daily
from gateway.operations.take_back import take_back
from gateway.operations.top_up import top_up
from gateway.storage import ledger
from gateway.storage.ledger import Posting
from tests.operations.shop import RATE, Shop


async def yesterday(shop: Shop) -> None:
    """What was booked so far was booked a day earlier."""
    async with shop.backends.database.transaction() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        await connection.execute(text("UPDATE journal_entries SET at = at - interval '1 day'"))


async def test_days_add_up_to_the_balance(shop: Shop) -> None:
    kept = await shop.active()
    given_up = await shop.order()
    await take_back(shop.backends, given_up, actor=Actor("ann"), reason="asked to")
    await yesterday(shop)
    await yesterday(shop)
    await shop.see(kept, status="Partial", charge="0.3", remains=667)
    goodwill = Leg(
        Account("adjustment", "USD"), Account("available", "USD", 1), Decimal("0.000000000001")
    )
    async with shop.backends.database.transaction() as connection:
        entry = Entry("adjust:1", "adjust", (goodwill,), reason="sorry")
        await ledger.post(connection, [Posting(entry)], actor="ann")
    await yesterday(shop)
    await top_up(shop.backends, "bob", Decimal("0.5"), reference="x", actor=Actor("test"))
    await shop.order(quantity=700)
    found = await daily(shop.backends, "bob")
    assert found is not None
    assert found.adds_up
    assert found.balance == (await balance(shop.backends, shop.bob)).amount
    net = Decimal("0.449550")
    told = [
        (day.opening, day.top_ups, day.net_charges, day.adjustments, day.closing)
        for day in found.days
    ]
    cent = Decimal("0.000000000001")
    first = 100 - RATE
    second = first + (RATE - net) + cent
    assert told == [
        (0, 100, RATE, 0, first),
        (first, 0, net - RATE, cent, second),
        (second, Decimal("0.5"), Decimal("0.945"), 0, second + Decimal("0.5") - Decimal("0.945")),
    ]
    assert found.days[0].day < found.days[1].day < found.days[2].day


async def test_a_balance_that_does_not_add_up_is_told(shop: Shop) -> None:
    await shop.execute("UPDATE balances SET available = available + 0.000000000001")
    found = await daily(shop.backends, "bob")
    assert found is not None
    assert not found.adds_up
    await shop.execute("UPDATE balances SET available = available - 0.000000000001")
    assert await daily(shop.backends, "nobody") is None


async def test_who_never_had_anything_has_no_days(shop: Shop) -> None:
    await shop.customer("ann")
    found = await daily(shop.backends, "ann")
    assert found is not None
    assert (found.days, found.balance, found.adds_up) == ([], 0, True)
