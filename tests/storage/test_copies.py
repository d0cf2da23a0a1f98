"""Large books: copies that prove themselves, and statements that find their way in them."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import make_url, text

from gateway.domain.postings import top_up
from gateway.embedded import Servers
from gateway.storage import (
    breakers,
    claims,
    copies,
    floors,
    invariants,
    investigations,
    lanes,
    leases,
    ledger,
    polling,
    runs,
)
from gateway.storage.copies import Copies
from gateway.storage.database import Connection, Database
from gateway.storage.ledger import Posting
from tests.storage.books import CHARGE, Life, live

ENDED = 6_000
QUEUED = 3_000
OPEN = 1_000
DAYS = timedelta(days=20)
PREPARED = 7
"""From the sixth time on Postgres may plan a statement without looking at what is asked."""
FEW = 50
NEIGHBOURS = 400


@dataclass(frozen=True)
class Large:
    """Books with thousands of orders; tests undo what they do to them."""

    database: Database
    life: Life


@pytest.fixture(scope="module")
async def large(servers: Servers, template: str) -> AsyncGenerator[Large]:
    name = f"gateway_large_{uuid4().hex[:12]}"
    around = make_url(servers.database_url)
    admin = await asyncpg.connect(
        around.set(drivername="postgresql").render_as_string(hide_password=False)
    )
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    database = Database(
        around.set(database=name).render_as_string(hide_password=False), statement_seconds=60
    )
    life = await live(database)
    async with database.transaction() as connection:
        paid_in = [top_up(each, "USD", Decimal(100_000), f"top_up:more:{each}") for each in (1, 2)]
        await ledger.post(connection, [Posting(each) for each in paid_in], actor="test")
    ended = (life.partial, life.failed, life.closed)
    await copies.multiply(database, Copies(ended, ENDED, DAYS))
    await copies.multiply(database, Copies([life.active], OPEN, timedelta(minutes=1)))
    await copies.multiply(database, Copies([life.queued], QUEUED, timedelta(minutes=1)))
    await copies.tidy(database)
    yield Large(database, life)
    await database.close()
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


async def rows_read(connection: Connection) -> int:
    """How many rows of orders and attempts this session has read since it last told so."""
    found = await connection.execute(
        text("""
SELECT coalesce(sum(seq_tup_read + idx_tup_fetch), 0) FROM pg_stat_xact_user_tables
 WHERE relname IN ('orders', 'attempts')""")
    )
    return int(found.scalar_one())


async def test_copies_are_as_many_as_asked_and_in_the_states_of_their_originals(
    large: Large,
) -> None:
    async with large.database.reading() as connection:
        found = await copies.counts(connection)
    third = ENDED // 3
    assert found["queued"] == QUEUED + 1
    assert (found["partial"], found["failed"], found["closed"]) == (third + 1, third + 1, third + 1)
    assert found["active"] >= OPEN


async def test_copies_break_no_invariant(large: Large) -> None:
    async with large.database.reading() as connection:
        found = {name: await invariants.count(connection, name) for name in invariants.INVARIANTS}
    assert not {name: rows for name, rows in found.items() if rows}


async def test_customers_pay_for_copies_in_turn(large: Large) -> None:
    async with large.database.reading() as connection:
        held = await connection.execute(text("SELECT held FROM balances ORDER BY customer_id"))
        one, two = held.scalars()
    assert one - two < 10 * CHARGE
    assert one + two > QUEUED * CHARGE


async def test_a_claim_reads_what_it_takes(large: Large) -> None:
    async with large.database.reading() as connection:
        before = await rows_read(connection)
        for turn in range(1, PREPARED + 1):
            assert len(await claims.claim(connection, "acme", 8, 1_800)) == 8
            assert (await lanes.load(connection, "acme", 600)).under_way == 0
            assert (await breakers.gate(connection, "acme", 8)).limit == 8
            assert await runs.claim(connection, "acme", 8) == []
            assert await claims.waiting_providers(connection) == ["acme"]
            # each order once to find it, and once to lock it
            assert await rows_read(connection) - before <= turn * FEW


async def test_nobody_is_looked_at_to_find_that_none_is_too_old(large: Large) -> None:
    async with large.database.reading() as connection:
        before = await rows_read(connection)
        for _ in range(PREPARED):
            assert await claims.too_old(connection, 600, 200) == []
        assert await rows_read(connection) == before


async def test_the_oldest_are_too_old_first_whoever_they_wait_for(large: Large) -> None:
    async with large.database.reading() as connection:
        before = await rows_read(connection)
        for turn in range(1, PREPARED + 1):
            assert len(await claims.too_old(connection, 30, 200)) == 200
            assert await rows_read(connection) - before <= turn * 2 * 200


async def test_waiting_providers_are_found_one_by_one(large: Large) -> None:
    async with large.database.reading() as connection:
        await connection.execute(
            text("UPDATE orders SET provider = 'p' || id % 3 WHERE state = 'queued' AND id % 2 = 0")
        )
        assert await claims.waiting_providers(connection) == ["acme", "p0", "p1", "p2"]
        await connection.execute(text("DELETE FROM orders WHERE state = 'queued'"))
        assert await claims.waiting_providers(connection) == []


async def test_what_is_due_for_a_look_is_read_alone(large: Large) -> None:
    async with large.database.reading() as connection:
        before = await rows_read(connection)
        for turn in range(1, PREPARED + 1):
            assert len(await polling.due(connection, "acme", 100, 60)) == 100
            assert await rows_read(connection) - before <= turn * 4 * 100


async def test_hardly_anybody_is_looked_at_to_find_that_none_is_to_be_closed(large: Large) -> None:
    async with large.database.reading() as connection:
        before = await rows_read(connection)
        for turn in range(1, PREPARED + 1):
            assert await polling.close_old(connection, 30, 500) == 0
            assert await rows_read(connection) - before <= turn * FEW


async def test_what_asks_for_doubtful_attempts_reads_their_neighbours_alone(large: Large) -> None:
    async with large.database.reading() as connection:
        before = await rows_read(connection)
        for turn in range(1, PREPARED + 1):
            found = await investigations.suspects(connection, "acme", 600)
            assert large.life.unconfirmed in {each.key.order for each in found}
            assert not await leases.lost_attempts(connection, grace_seconds=5, limit=200)
            assert await rows_read(connection) - before <= turn * len(found) * NEIGHBOURS


async def test_a_look_at_a_whole_table_is_noticed(large: Large) -> None:
    async with large.database.reading() as connection:
        before = await rows_read(connection)
        await connection.execute(text("SELECT count(link) FROM orders WHERE link <> ''"))
        assert await rows_read(connection) - before > ENDED + QUEUED


async def test_the_textbook_queue_moves_as_orders_do(large: Large) -> None:
    await floors.build(large.database)
    async with large.database.reading() as connection:
        assert await floors.take(connection, "acme", 8) == 8
        assert await floors.look(connection, "acme", 100) == 100
        left = "SELECT count(*) FROM floor_queue WHERE state = 'queued'"
        assert (await connection.execute(text(left))).scalar_one() == QUEUED + 1 - 8
        await floors.add_up(connection)
        await floors.count(connection)
        await connection.execute(text("DROP TABLE floor_queue"))
        await connection.commit()


async def test_queued_orders_grow_old(large: Large) -> None:
    await copies.age(large.database, 3_600)
    async with large.database.reading() as connection:
        assert len(await claims.too_old(connection, 1_800, 5_000)) == QUEUED + 1
