"""Runs that are due: claimed by their own index, one by one, never past a wish to cancel."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from gateway.domain.sending import GiveUp
from gateway.storage import discrepancies, runs
from gateway.storage.database import Connection, Database
from gateway.storage.runs import RunKey
from tests.storage.books import ACME, live

RUN = RunKey(7, 3, "acme")
SOON = text("SELECT bool_and(next_poll_at <= now()) FROM order_parts WHERE order_id = 7")


async def left(connection: Connection) -> tuple[bool, int]:
    """Whether order 7 has a next run, and how often that was tried."""
    found = await connection.execute(
        text("SELECT next_run_at IS NOT NULL, run_tries FROM orders WHERE id = 7")
    )
    return tuple(found.one())


async def due(connection: Connection) -> None:
    await connection.execute(text("UPDATE orders SET next_run_at = now() WHERE id = 7"))


async def test_a_run_is_due_an_interval_after_the_start_of_the_one_before(
    database: Database,
) -> None:
    life = await live(database)
    async with database.transaction() as connection:
        assert await runs.claim(connection, "acme", 10) == []
        gap = "SELECT next_run_at - max(a.started_at) FROM orders JOIN attempts a ON order_id = id"
        found = await connection.execute(text(f"{gap} WHERE id = 7 GROUP BY next_run_at"))
        assert found.scalar_one() == timedelta(minutes=60)
        await due(connection)
        assert await runs.claim(connection, "beta", 10) == []
        (claimed,) = await runs.claim(connection, "acme", 10)
        assert (claimed.key, claimed.ref) == (RUN, ACME)
        assert (claimed.sale.offers, claimed.cost_currency) == ((ACME,), "USD")
        assert (claimed.placement.runs, claimed.placement.interval_minutes) == (3, 60)
        assert timedelta(minutes=-60) <= claimed.late_for < timedelta(minutes=-59)
        assert life.dripping == claimed.key.order


async def test_two_workers_never_claim_the_same_run(database: Database) -> None:
    await live(database)
    async with database.transaction() as connection:
        await due(connection)
    async with database.transaction() as one, database.transaction() as other:
        assert len(await runs.claim(one, "acme", 10)) == 1
        assert await runs.claim(other, "acme", 10) == []


async def test_a_run_that_is_put_off_keeps_count(database: Database) -> None:
    await live(database)
    async with database.transaction() as connection:
        await runs.retry(connection, RUN, timedelta(seconds=90), tries=4)
        assert await left(connection) == (True, 4)
        await connection.execute(text("UPDATE orders SET cancel_wanted = true WHERE id = 7"))
        later = "UPDATE order_parts SET next_poll_at = 'infinity' WHERE order_id = 7"
        await connection.execute(text(later))
        await runs.retry(connection, RUN, timedelta(seconds=90), tries=5)
        assert await left(connection) == (False, 5)
        # or nothing would ever end it
        assert (await connection.execute(SOON)).scalar_one() is True


async def test_a_run_that_is_given_up_is_told_and_its_order_looked_at(database: Database) -> None:
    await live(database)
    async with database.transaction() as connection:
        await runs.retry(connection, RUN, GiveUp("refused"), tries=4)
        assert (await left(connection))[0] is False
        found = {
            each.order: (each.kind, each.note) for each in await discrepancies.listed(connection)
        }
        assert found[7] == ("D7", "run 3 was given up: refused")
        # of which a run is unconfirmed since before
        assert found[8] == ("D7", "run 2 is unconfirmed: later runs wait")
        assert (await connection.execute(SOON)).scalar_one() is True


async def test_runs_are_claimed_by_their_own_index(database: Database) -> None:
    await live(database)
    async with database.transaction() as connection:
        more = """
INSERT INTO orders SELECT r.* FROM orders o, generate_series(1000, 4000) number,
  LATERAL jsonb_populate_record(o, jsonb_build_object('id', number)) r WHERE o.id = :order"""
        await connection.execute(text(more), {"order": 2})
        await connection.execute(text("ANALYZE orders"))
        plan = await connection.execute(
            text(f"EXPLAIN {runs.CLAIM.text}"), {"provider": "acme", "limit": 8}
        )
        steps = "\n".join(plan.scalars())
        assert "Index Scan using orders_next_run" in steps
        assert "Seq Scan on orders" not in steps
        await connection.execute(text("DELETE FROM orders WHERE id > 999"))


@pytest.mark.parametrize("orders", [[], [999]])
async def test_no_more_runs_of_nothing(database: Database, orders: list[int]) -> None:
    async with database.transaction() as connection:
        await runs.no_more(connection, orders)
