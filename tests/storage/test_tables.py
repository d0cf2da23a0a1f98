"""What Postgres refuses of orders, attempts and history, whatever our code does."""

import asyncpg
import pytest

from tests.storage.conftest import Books, refusal

# in the life of orders: 1 queued, 2 active, 3 partial, 4 failed, 5 unconfirmed, 6 closed
_ATTEMPT = (
    "INSERT INTO attempts (order_id, number, provider, offer, cost, cost_currency, worker_id, "
    "lease_until, outcome, provider_order) VALUES ({}, {}, 'acme', '101', 1, 'USD', 1, now(), "
    "'{}', {})"
)
_ORDER = (
    "INSERT INTO orders (customer_id, service_id, kind, link, quantity, runs, quantity_total, "
    "charged_quantity, currency, charge, rate, margin_min_percent, revision_id, priced, offers, "
    "provider, offer, cost, cost_currency, conversion) VALUES (1, 1, 'Default', 'x', {}, {}, {}, "
    "0, 'USD', {}, 1, 0, 1, '{{}}', '{{}}', 'acme', '1', {}, 'USD', {})"
)


def order(
    quantity: str = "1",
    runs: str = "NULL",
    total: str = "1",
    charge: str = "1",
    cost: str = "1",
    conversion: str = "1",
) -> str:
    return _ORDER.format(quantity, runs, total, charge, cost, conversion)


KEPT_FOR_EVER = {
    "transfers": "amount",
    "journal_entries": "reason",
    "order_events": "actor",
    "catalog_revisions": "note",
    "catalog_activations": "actor",
}
HISTORY = {
    f"{statement.split()[0].lower()} {table}": ("append_only", statement)
    for table, column in KEPT_FOR_EVER.items()
    for statement in (
        f"UPDATE {table} SET {column} = {column}",  # noqa: S608  ours
        f"DELETE FROM {table}",  # noqa: S608  ours
        f"TRUNCATE {table} CASCADE",
    )
}
ORDERS = {
    "second attempt while one is uncertain": (
        "attempts_one_live",
        _ATTEMPT.format(5, 2, "open", "NULL"),
    ),
    "second attempt after acceptance": ("attempts_one_live", _ATTEMPT.format(2, 2, "open", "NULL")),
    "one provider's order for two of ours": (
        "attempts_provider_order",
        "UPDATE attempts SET outcome = 'accepted', provider_order = '9002' WHERE order_id = 5",
    ),
    "accepted without an id": (
        "accepted_has_id",
        "UPDATE attempts SET outcome = 'accepted' WHERE order_id = 5",
    ),
    "an id without acceptance": (
        "accepted_has_id",
        "UPDATE attempts SET provider_order = '1' WHERE order_id = 5",
    ),
    "an id without end": (
        "attempts_provider_order_check",
        "UPDATE attempts SET provider_order = repeat('9', 65) WHERE order_id = 2",
    ),
    "attempt of no order": ("attempts_order_id_fkey", _ATTEMPT.format(99, 1, "open", "NULL")),
    "unknown outcome": (
        "attempts_outcome_check",
        "UPDATE attempts SET outcome = 'lost' WHERE order_id = 5",
    ),
    "another charge": ("orders_charge_fixed", "UPDATE orders SET charge = 1"),
    "another customer": ("orders_charge_fixed", "UPDATE orders SET customer_id = 2 WHERE id = 1"),
    "another quantity": (
        "orders_charge_fixed",
        "UPDATE orders SET quantity = 9, quantity_total = 9, charged_quantity = 9 WHERE id = 1",
    ),
    "charge finer than customers see": ("orders_charge_check", order(charge="0.0000001")),
    "free": ("orders_charge_check", order(charge="0")),
    "a charge that is none": ("orders_charge_check", order(charge="'NaN'")),
    "a cost that is none": ("orders_cost_check", order(cost="'NaN'")),
    "a conversion that is none": ("orders_conversion_check", order(conversion="0")),
    "no quantity": ("orders_quantity_check", order(quantity="0", total="0")),
    "more than all runs": ("quantity_over_runs", order(runs="2", total="3")),
    "no runs": ("orders_runs_check", order(runs="0", total="0")),
    "more than was ordered": (
        "charged_part",
        "UPDATE orders SET charged_quantity = quantity_total + 1",
    ),
    "less than nothing": ("charged_part", "UPDATE orders SET charged_quantity = -1"),
    "negative cost": ("orders_cost_booked_check", "UPDATE orders SET cost_booked = -1"),
    "active without progress": (
        "progress_while_active",
        "UPDATE orders SET progress = NULL WHERE id = 2",
    ),
    "progress of what is queued": (
        "progress_while_active",
        "UPDATE orders SET progress = 'pending' WHERE id = 1",
    ),
    "active without an id": (
        "id_once_confirmed",
        "UPDATE orders SET provider_order = NULL WHERE id = 2",
    ),
    "closed without memory": (
        "closed_remembers",
        "UPDATE orders SET closed_from = NULL WHERE id = 6",
    ),
    "an event that is no move": (
        "known_edge",
        "INSERT INTO order_events (order_id, seq, from_state, to_state, actor) "
        "VALUES (4, 9, 'failed', 'queued', 'test')",
    ),
    "a first event from somewhere": (
        "first_event",
        "INSERT INTO order_events (order_id, seq, from_state, to_state, actor) "
        "VALUES (99, 1, 'queued', 'sending', 'test')",
    ),
    "a life that begins in the middle": (
        "starts_queued",
        "INSERT INTO order_events (order_id, seq, to_state, actor) "
        "VALUES (99, 1, 'active', 'test')",
    ),
    "the same request id twice": (
        "idempotency_pkey",
        "INSERT INTO idempotency (customer_id, key, input_sha256, order_id) "
        "VALUES (1, 'a', 'x', 1)",
    ),
    "two customers of one name": (
        "customers_name",
        "INSERT INTO customers (name, currency) VALUES ('one', 'USD')",
    ),
    "a key in the clear": (
        "customer_keys_digest_check",
        "INSERT INTO customer_keys (customer_id, digest, hint) VALUES (1, 'gw_secret', 'x')",
    ),
    "an offer for nothing": (
        "offers_rate_check",
        "INSERT INTO offers (provider, offer, name, category, kind, description, rate, "
        "quantity_min, quantity_max) VALUES ('acme', '1', '', '', '', '', 0, 1, 1)",
    ),
    "the same discrepancy open twice": (
        "discrepancies_open",
        "INSERT INTO discrepancies (class, provider, order_id, note) "
        "VALUES ('D4', 'acme', NULL, ''), ('D4', 'acme', NULL, '')",
    ),
    "unknown class of discrepancy": (
        "discrepancies_class_check",
        "INSERT INTO discrepancies (class, provider, note) VALUES ('D13', 'acme', '')",
    ),
}
MOVES = [
    (1, "completed"),
    (1, "unconfirmed"),
    (2, "queued"),
    (2, "failed"),
    (2, "closed"),
    (3, "queued"),
    (3, "failed"),
    (4, "queued"),
    (4, "active"),
    (5, "sending"),
    (5, "completed"),
    (6, "completed"),
    (6, "active"),
]


async def test_the_life_is_numbered_as_the_table_says(books: Books) -> None:
    life = books.life
    numbers = (life.queued, life.active, life.partial, life.failed, life.unconfirmed, life.closed)
    assert numbers == (1, 2, 3, 4, 5, 6)


@pytest.mark.parametrize(
    ("constraint", "statements"),
    [pytest.param(*case, id=what) for what, case in {**HISTORY, **ORDERS}.items()],
)
async def test_it_is_refused(books: Books, constraint: str, statements: str) -> None:
    assert constraint in await refusal(books, statements)


@pytest.mark.parametrize(("order", "state"), MOVES)
async def test_a_move_that_is_no_edge_is_refused(books: Books, order: int, state: str) -> None:
    move = f"UPDATE orders SET state = '{state}', closed_from = NULL, progress = NULL "  # noqa: S608  ours
    assert await refusal(books, f"{move} WHERE id = {order}") == "orders_edge"


async def test_what_is_legal_is_not_refused(books: Books) -> None:
    connection = await asyncpg.connect(books.url)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute(_ATTEMPT.format(4, 2, "refused", "NULL"))
    await connection.execute(
        "INSERT INTO discrepancies (class, provider, note, closed_at) "
        "VALUES ('D4', 'acme', '', now()), ('D4', 'acme', '', now())"
    )
    await connection.execute(order(charge="0.000001"))
    await connection.execute("UPDATE orders SET state = 'canceled' WHERE id = 3")
    await transaction.rollback()
    await connection.close()
