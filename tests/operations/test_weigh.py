"""A balance beside the books, on a shop with pretend providers."""

import asyncio
from decimal import Decimal

from sqlalchemy import text

from gateway.dialects.messages import AskBalance
from gateway.domain.equation import Equation
from gateway.domain.operators import Actor
from gateway.operations.claim import claim
from gateway.operations.dispatch import send, settle
from gateway.operations.fund import fund
from gateway.operations.providers import providers
from gateway.operations.weigh import weigh
from tests.operations.shop import COST, Shop


async def weighed(shop: Shop) -> Equation:
    found = await weigh(shop.backends, shop.provider())
    assert found is not None
    return found


async def paid_in(shop: Shop, amount: str = "1000000", reference: str = "opening") -> None:
    await fund(shop.backends, "acme", Decimal(amount), actor=Actor("ann"), reference=reference)


async def test_without_funds_the_first_quiet_reading_is_the_level(shop: Shop) -> None:
    found = await weighed(shop)
    assert (found.unexplained, found.quiet, found.absolute) == (0, True, False)
    await shop.active()
    assert (await weighed(shop)).unexplained == 0
    await shop.order(marks="?fault=reset_after")
    await shop.send()
    found = await weighed(shop)
    assert (found.unexplained, found.quiet) == (COST, True)


async def test_with_funds_it_is_absolute(shop: Shop) -> None:
    await weighed(shop)
    await paid_in(shop, "1000005")
    await shop.active()
    found = await weighed(shop)
    assert (found.unexplained, found.absolute, found.currency) == (5, True, "USD")


async def test_beside_an_order_in_doubt_there_is_no_level(shop: Shop) -> None:
    await shop.execute("DELETE FROM balance_readings")
    await shop.order(marks="?fault=reset_after")
    await shop.send()
    assert await weigh(shop.backends, shop.provider()) is None
    await paid_in(shop)
    found = await weighed(shop)
    assert (found.unexplained, found.quiet) == (COST, True)


async def test_an_open_add_is_no_quiet(shop: Shop) -> None:
    await paid_in(shop)
    await shop.order()
    departures = await claim(shop.backends, "acme", 1, 100)
    assert not (await weighed(shop)).quiet
    await settle(shop.backends, await asyncio.gather(*(send(shop.backends, d) for d in departures)))
    found = await weighed(shop)
    assert (found.quiet, found.unexplained) == (True, 0)


def take(shop: Shop, amount: str) -> None:
    """Acme's balance of ours falls without any order."""
    shop.acme.orders.balance -= Decimal(amount)


async def later(shop: Shop, minutes: int = 10) -> Equation:
    """Time passes, and the balance is read again."""
    by = f"interval '{minutes} minutes'"
    async with shop.backends.database.transaction() as connection:
        # the ledger only grows; here its times move, too
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        for column in ("balance_readings SET read_at = read_at", "journal_entries SET at = at"):
            await connection.execute(text(f"UPDATE {column} - {by}"))
    return await weighed(shop)


async def opened(shop: Shop) -> list[tuple[str, Decimal, str]]:
    """What is open of a whole provider: class, difference, note."""
    return await shop.rows(
        "SELECT class, seen - expected, note FROM discrepancies"
        " WHERE closed_at IS NULL AND order_id IS NULL ORDER BY id"
    )


async def test_what_doubt_explains_is_no_discrepancy(shop: Shop) -> None:
    await paid_in(shop)
    for _ in range(2):
        await shop.order(marks="?fault=reset_after")
        await shop.order(marks="?fault=reset_before")
    await shop.send()
    await later(shop)
    assert (await later(shop)).unexplained == 2 * COST
    assert await opened(shop) == []


async def test_a_charge_without_an_order_is_told_at_the_second_sight(shop: Shop) -> None:
    await paid_in(shop)
    await later(shop)
    take(shop, "1.5")
    await later(shop)
    assert await opened(shop) == []
    await later(shop)
    note = "1.50 USD charged without order"
    assert await opened(shop) == [("D5", Decimal("-1.5"), note)]
    # what comes on top of it counts from its own second sight on
    take(shop, "0.5")
    await later(shop)
    assert await opened(shop) == [("D5", Decimal("-1.5"), note)]
    await later(shop)
    assert await opened(shop) == [("D5", Decimal(-2), "2.00 USD charged without order")]
    take(shop, "-2")
    await later(shop)
    assert await opened(shop) == []
    assert await shop.findings() == [("D5", None, False)]


async def test_two_readings_close_to_each_other_are_one(shop: Shop) -> None:
    await paid_in(shop)
    await later(shop)
    take(shop, "1.5")
    for _ in range(3):
        await weighed(shop)
    assert await opened(shop) == []


async def test_a_reading_while_something_moves_decides_nothing(shop: Shop) -> None:
    await paid_in(shop)
    take(shop, "1.5")
    await later(shop)
    await shop.order()
    departures = await claim(shop.backends, "acme", 1, 100)
    await later(shop)
    assert await opened(shop) == []
    await settle(shop.backends, await asyncio.gather(*(send(shop.backends, d) for d in departures)))
    await later(shop)
    assert [kind for kind, _, _ in await opened(shop)] == ["D5"]


async def test_what_was_accepted_and_not_charged_names_its_order(shop: Shop) -> None:
    await paid_in(shop)
    await later(shop)
    await shop.active()
    free = await shop.active(quantity=700)
    take(shop, "-0.63")
    await later(shop)
    await later(shop)
    note = f"0.63 USD as if he had not charged for order {free}"
    assert await opened(shop) == [("D3", Decimal("0.63"), note)]


async def test_a_credit_of_no_order_is_unknown_until_funds_are_booked(shop: Shop) -> None:
    await paid_in(shop)
    await shop.active()
    await later(shop)
    take(shop, "-50")
    await later(shop)
    await later(shop)
    assert await opened(shop) == [
        ("D10", Decimal(50), "50.00 USD credited, and nobody knows for what")
    ]
    await paid_in(shop, "50", "second")
    await later(shop)
    assert await opened(shop) == []


async def test_what_he_lowered_and_did_not_credit_is_owed(shop: Shop) -> None:
    await paid_in(shop)
    kept = await shop.active()
    await later(shop)
    await shop.see(kept, status="Partial", charge="0.45", remains=500)
    await later(shop)
    await later(shop)
    note = f"0.45 USD as if he had not credited what he gave back for order {kept}"
    assert await opened(shop) == [("D4", Decimal("-0.45"), note)]
    # the class follows what is known: a debit that is no longer his alone
    take(shop, "-0.45")
    await later(shop)
    assert await opened(shop) == []


async def test_another_currency_stops_a_provider_until_somebody_agrees(shop: Shop) -> None:
    await paid_in(shop)
    shop.acme.words[AskBalance] = b'{"balance": "12.5", "currency": "eur"}'
    assert await weigh(shop.backends, shop.provider()) is None
    assert [(kind, note) for kind, _, note in await opened(shop)] == [
        ("D9", "our balance is told in EUR, agreed is USD")
    ]
    order = await shop.order()
    await shop.send()
    assert await shop.state(order) == "queued"
    # that it comes back by itself is not enough
    del shop.acme.words[AskBalance]
    await weighed(shop)
    await shop.send()
    assert await shop.state(order) == "queued"
    (_, state) = (await providers(shop.backends))["acme"]
    assert state is not None
    assert (state.paused, state.pause_reason[:3]) == (True, "D9:")


async def test_a_sign_for_a_currency_names_none(shop: Shop) -> None:
    await paid_in(shop)
    shop.acme.words[AskBalance] = b'{"balance": "1000000", "currency": "$"}'
    assert (await weighed(shop)).unexplained == 0


async def test_workers_share_the_pace(shop: Shop) -> None:
    await paid_in(shop)
    assert await weigh(shop.backends, shop.provider(), pace_seconds=600) is None
    await shop.execute("UPDATE provider_states SET balance_at = now() - interval '601 seconds'")
    assert await weigh(shop.backends, shop.provider(), pace_seconds=600) is not None
    assert await weigh(shop.backends, shop.provider(), pace_seconds=600) is None


READINGS = "SELECT count(*) FROM balance_readings"


async def test_without_an_answer_nothing_is_recorded(shop: Shop) -> None:
    before = await shop.rows(READINGS)
    shop.acme.change(faults={"down": 1})
    assert await weigh(shop.backends, shop.provider()) is None
    assert await shop.rows(READINGS) == before
    assert await opened(shop) == []


async def test_a_balance_that_is_no_number_stops_a_provider(shop: Shop) -> None:
    before = await shop.rows(READINGS)
    shop.acme.words[AskBalance] = b'{"balance": "a lot", "currency": "USD"}'
    assert await weigh(shop.backends, shop.provider()) is None
    assert await shop.rows(READINGS) == before
    found = [(kind, note) for kind, _, note in await opened(shop)]
    assert found == [("D9", "HTTP 200: no balance that can be read")]
    order = await shop.order()
    await shop.send()
    assert await shop.state(order) == "queued"


async def test_old_readings_are_thinned(shop: Shop) -> None:
    await shop.execute("DELETE FROM balance_readings")
    await shop.execute(
        "INSERT INTO balance_readings (provider, currency, balance, prepaid, quiet, read_at)"
        " SELECT 'acme', 'USD', 1000000, 0, n % 7 <> 0, now() - n * interval '3 hours'"
        " FROM generate_series(4000, 1, -1) n"
    )
    await weighed(shop)
    kept = (
        "SELECT count(*), count(DISTINCT (read_at AT TIME ZONE 'UTC')::date), bool_and(quiet)"
        " FROM balance_readings WHERE read_at {} now() - interval '{}'"
    )
    assert (await shop.rows(kept.format(">", "47 hours")))[0][0] == 16
    ((old, days, quiet),) = await shop.rows(kept.format("<", "3 days"))
    # the very first gives the level, long after it would have gone
    assert (old, quiet) == (days, True)
    assert days - 1 in {396, 397, 398}
    assert (await weighed(shop)).unexplained == 0


async def test_an_order_that_was_refused_by_a_lie_is_found(shop: Shop) -> None:
    await paid_in(shop)
    await later(shop)
    order = await shop.order(marks="?fault=liar")
    await shop.send()
    assert (await shop.attempt(order))["outcome"] == "refused"
    await later(shop)
    await later(shop)
    assert await opened(shop) == [("D5", -COST, "0.90 USD charged without order")]
