"""Tallies: whatever happened, they are what the ledger sums to, each transfer counted once."""

import asyncio
from decimal import Decimal

import pytest
from sqlalchemy import text

from gateway.domain.closing import Into
from gateway.domain.operators import Actor
from gateway.operations.close_discrepancy import close_discrepancy
from gateway.operations.fund import fund
from gateway.operations.tally import tally
from gateway.storage import leases, tallying
from tests.operations.parrot import Parrot
from tests.operations.shop import SERVICES, Serve, Shop, table

ANN = Actor("ann")
COUNTED = """
SELECT account, at, currency, provider, category, entry, transfers, amount FROM tallies
 WHERE span = '{span}' ORDER BY 1, 2, 3, 4, 5, 6"""
# written anew, from nothing, by another way
SUMMED = """
SELECT a.kind, date_trunc('{span}', e.at, 'UTC'), a.currency,
       CASE a.kind WHEN 'held' THEN '' ELSE coalesce(a.provider,
         CASE WHEN e.order_id IS NULL OR e.kind = 'loss' THEN (
           SELECT max(p.provider) FROM movements x JOIN accounts p ON p.id = x.account_id
            WHERE x.entry_id = e.id) END, o.provider, '') END,
       CASE WHEN a.provider IS NULL AND o.id IS NOT NULL
            THEN CASE o.service_id WHEN 1 THEN 'Followers' ELSE 'Likes' END ELSE '' END,
       CASE WHEN e.kind = 'cost' AND e.key LIKE 'seen:%' THEN 'correction' ELSE e.kind END,
       count(*), sum(m.amount)
  FROM movements m JOIN accounts a ON a.id = m.account_id
  JOIN journal_entries e ON e.id = m.entry_id
  LEFT JOIN orders o ON o.id = e.order_id
 WHERE a.customer_id IS NULL OR a.kind = 'held' AND e.kind = 'hold'
 GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6"""


async def proven(shop: Shop) -> None:
    """By the hour and by the day they are what the ledger says."""
    for span in ("hour", "day"):
        counted = await shop.rows(COUNTED.format(span=span))
        assert counted == await shop.rows(SUMMED.format(span=span))
        assert counted


async def broken_off(shop: Shop) -> None:
    """A count whose process dies before it commits."""
    async with shop.backends.database.transaction() as connection:
        assert await tallying.count(connection, lambda _: "Followers")
        raise RuntimeError


async def live(shop: Shop, serve: Serve) -> None:
    """Orders that end in every way, in two currencies, with losses and what is never explained."""
    gamma = Parrot(currency="EUR")
    services = SERVICES.replace('"beta:101"', '"gamma:101"')
    await shop.reapply({**shop.tables, "gamma": table(await serve(gamma), "EUR")}, services)
    await shop.sync("gamma")
    carol = await shop.customer("carol", "50")
    await fund(shop.backends, "acme", Decimal(1_000_000), actor=ANN, reference="opening")
    kept = await shop.active()
    await shop.see(kept, status="Partial", charge="0.9", remains=500)
    ((number,),) = await shop.rows("SELECT id FROM discrepancies WHERE closed_at IS NULL")
    await close_discrepancy(shop.backends, number, actor=ANN, note="gone", into=Into.LOSS)
    await shop.see(await shop.active(service=2), status="Canceled", charge="0", remains=1000)
    await shop.see(await shop.active(), status="Completed", charge="0.90004", remains=0)
    await shop.place(shop.placement(service=2), caller=carol)
    failed = await shop.order(marks="?fault=reset_after")
    await shop.send()
    assert await shop.state(failed) == "unconfirmed"
    await shop.decide(failed, alone=True)
    await shop.order()


async def test_tallies_are_what_the_ledger_sums_to(shop: Shop, serve: Serve) -> None:
    await live(shop, serve)
    while await tally(shop.backends, batches=1, rows=1):
        pass
    await proven(shop)
    await shop.active()
    assert await tally(shop.backends)
    assert not await tally(shop.backends)
    await proven(shop)


async def test_two_at_once_count_once_and_a_broken_one_not_at_all(shop: Shop) -> None:
    await shop.active()
    await asyncio.gather(*(tally(shop.backends) for _ in range(2)))
    await tally(shop.backends)
    await proven(shop)
    await shop.active()
    with pytest.raises(RuntimeError):
        await broken_off(shop)
    async with shop.backends.database.transaction() as connection:
        assert await leases.leads(connection, tallying.TALLY)
        assert not await tally(shop.backends)
    await tally(shop.backends)
    await proven(shop)


async def test_what_is_still_being_written_waits(shop: Shop) -> None:
    await shop.active()
    async with shop.backends.database.transaction() as connection:
        await connection.execute(text("SELECT pg_current_xact_id()"))
        await shop.active()
        await tally(shop.backends)
        assert await shop.rows(
            "SELECT transfers FROM tallies WHERE (span, entry) = ('day', 'capture')"
        ) == [(1,)]
    await tally(shop.backends)
    await proven(shop)


async def test_marks_of_another_cluster_count_for_nothing(shop: Shop) -> None:
    await shop.active()
    await tally(shop.backends)
    await shop.execute("UPDATE tally_marks SET counted = '9000000000000000'")
    await shop.active()
    await tally(shop.backends)
    await proven(shop)
