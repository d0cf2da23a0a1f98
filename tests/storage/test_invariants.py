"""Each invariant is empty after a life of orders, and finds the piece of damage that it is for."""

from collections.abc import AsyncGenerator

import asyncpg
import pytest

from gateway.storage.invariants import INVARIANTS
from tests.storage.conftest import Books

DAMAGE = {
    "entries whole": (
        "INSERT INTO journal_entries (key, kind, actor) VALUES ('adj:1', 'adjust', 'x')",
        "UPDATE transfers SET leg = 2 WHERE entry_id = 1",
        "UPDATE transfers SET currency = 'EUR' WHERE entry_id = 1",
        "UPDATE transfers SET entry_id = 999 WHERE entry_id = 1",
        "UPDATE journal_entries SET order_id = 999 WHERE id = 5",
    ),
    "balances exact": (
        "UPDATE balances SET available = available + 0.000000000001 WHERE customer_id = 1",
        "UPDATE balances SET held = 0",
        "DELETE FROM balances WHERE customer_id = 2",
        "UPDATE transfers SET amount = amount + 1 WHERE entry_id = 1",
        "UPDATE folds SET amount = amount + 1",
    ),
    "no overdraft": (
        "ALTER TABLE balances DROP CONSTRAINT no_overdraft; UPDATE balances SET available = -1",
        "ALTER TABLE balances DROP CONSTRAINT no_overcapture; UPDATE balances SET held = 'NaN'",
    ),
    "held is open orders": (
        "UPDATE orders SET charge = charge + 0.000001 WHERE state = 'queued'",
        "UPDATE orders SET state = 'failed' WHERE state = 'unconfirmed'",
        "DELETE FROM orders WHERE state = 'queued'",
    ),
    "net charge": (
        "UPDATE orders SET charged_quantity = 1 WHERE state = 'partial'",
        "UPDATE orders SET customer_id = 2 WHERE state = 'active'",
        "UPDATE orders SET state = 'failed' WHERE state = 'partial'",
    ),
    "settled by state": (
        "UPDATE orders SET state = 'failed', progress = NULL WHERE state = 'active'",
        "UPDATE orders SET state = 'queued' WHERE state = 'partial'",
        "DELETE FROM journal_entries WHERE kind = 'hold'",
        "DELETE FROM journal_entries WHERE kind = 'release'",
    ),
    "refunds within capture": (
        "UPDATE transfers SET amount = 2 WHERE entry_id = (SELECT id FROM journal_entries "
        "WHERE kind = 'refund')",
    ),
    "one accepted attempt": (
        "UPDATE attempts SET outcome = 'refused', provider_order = NULL WHERE outcome = 'accepted'",
        "UPDATE attempts SET outcome = 'open' WHERE outcome = 'uncertain'",
        "DELETE FROM attempts WHERE outcome = 'uncertain'",
        "UPDATE orders SET provider_order = '9' WHERE id = 2",
    ),
    "books balance": (
        "UPDATE folds SET amount = amount + 1 WHERE amount = (SELECT min(amount) FROM folds)",
        "UPDATE balances SET held = held + 1 WHERE customer_id = 1",
    ),
    "history replays": (
        "UPDATE orders SET state = 'canceled' WHERE state = 'partial'",
        "DELETE FROM order_events WHERE seq = 2",
        "DELETE FROM orders WHERE state = 'queued'",
        "UPDATE order_events SET from_state = 'queued' WHERE from_state = 'sending'",
    ),
    "cost as booked": (
        "UPDATE orders SET cost_booked = cost_booked + 0.000000000001 WHERE state = 'active'",
        "UPDATE journal_entries SET order_id = 2, key = 'cost2' WHERE order_id = 3 "
        "AND kind = 'cost'",
        "DELETE FROM transfers WHERE entry_id = (SELECT id FROM journal_entries "
        "WHERE key = 'cost:2')",
    ),
    "runs as sent": (
        "DELETE FROM order_parts WHERE order_id = 7 AND part = 2",
        "UPDATE order_parts SET provider_order = '1' WHERE order_id = 7 AND part = 2",
        "UPDATE order_parts SET provider_order = '1' WHERE order_id = 7 AND part = 1",
        "UPDATE attempts SET outcome = 'refused', provider_order = NULL WHERE run = 2",
        "UPDATE orders SET parts = 3 WHERE id = 7",
        "UPDATE orders SET next_poll_at = now() WHERE id = 7",
        "ALTER TABLE orders DROP CONSTRAINT quantity_over_runs; "
        "UPDATE orders SET runs = 1 WHERE id = 7",
    ),
    "runs in turn": (
        "UPDATE orders SET self_run = false, next_run_at = NULL WHERE id = 7",
        "UPDATE attempts SET run = 4 WHERE order_id = 7 AND run = 2",
        "UPDATE attempts SET run = 3 WHERE order_id = 7 AND run = 2",
        "UPDATE attempts SET run = 3 WHERE order_id = 8 AND run = 2",
        "UPDATE orders SET next_run_at = now() WHERE id = 8",
        "UPDATE orders SET parts = 3 WHERE id = 7",
        "UPDATE orders SET parts = 0 WHERE id = 7",
        "UPDATE orders SET state = 'closed', closed_from = 'completed', progress = NULL "
        "WHERE id = 7",
    ),
    "children apart": (
        "DELETE FROM order_parts WHERE order_id = 9 AND part = 1",
        "UPDATE order_parts SET order_id = 2 WHERE order_id = 9",
        "UPDATE orders SET parts = 1 WHERE id = 9",
        "UPDATE orders SET state = 'queued', progress = NULL WHERE id = 9",
        "UPDATE order_parts SET provider_order = '9002' WHERE order_id = 9 AND part = 1",
        "UPDATE order_parts SET provider_order = '600' WHERE order_id = 9 AND part = 1",
        "UPDATE order_parts SET provider_order = '9002' WHERE order_id = 7 AND part = 2",
    ),
}


@pytest.fixture
async def connection(books: Books) -> AsyncGenerator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection that may do anything, as triggers and foreign keys are off; it is undone."""
    opened = await asyncpg.connect(books.url)
    transaction = opened.transaction()
    await transaction.start()
    await opened.execute("SET LOCAL session_replication_role = replica")
    yield opened
    await transaction.rollback()
    await opened.close()


async def test_a_life_of_orders_leaves_them_empty(
    connection: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    for name, query in INVARIANTS.items():
        assert await connection.fetch(query) == [], name


def test_each_of_them_was_seen_failing() -> None:
    assert list(DAMAGE) == list(INVARIANTS)


@pytest.mark.parametrize(
    ("name", "damage"), [(name, each) for name, some in DAMAGE.items() for each in some]
)
async def test_damage_is_found(
    connection: "asyncpg.Connection[asyncpg.Record]", name: str, damage: str
) -> None:
    await connection.execute(damage)
    assert await connection.fetch(INVARIANTS[name])
