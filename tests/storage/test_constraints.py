"""What Postgres refuses, whatever our code does: each illegal write meets its constraint."""

from collections.abc import AsyncGenerator
from typing import TypeAlias

import asyncpg
import pytest

from tests.storage.conftest import Books

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

# in the life of orders: 1 queued, 2 active, 3 partial, 4 failed, 5 unconfirmed, 6 closed
_ACCOUNT = "(SELECT id FROM accounts WHERE kind = '{}' AND coalesce(customer_id, 1) = 1)"
REVENUE, COST = (_ACCOUNT.format(kind) for kind in ("revenue", "cost"))
FRANCS = "(SELECT id FROM accounts WHERE currency = 'CHF')"
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


def entry(order: str, key: str, kind: str) -> str:
    return (
        f"INSERT INTO journal_entries (id, order_id, key, kind, actor) "  # noqa: S608  ours
        f"VALUES (9999, {order}, '{key}', '{kind}', 'test')"
    )


def transfer(debit: str, credit: str, amount: str, currency: str = "USD") -> str:
    return (
        f"INSERT INTO transfers (entry_id, leg, debit_id, credit_id, currency, amount) "  # noqa: S608  ours
        f"VALUES (9999, 1, {debit}, {credit}, '{currency}', '{amount}')"
    )


def adjusted(debit: str, credit: str, amount: str, currency: str = "USD") -> str:
    return f"{entry('NULL', 'adj:1', 'adjust')}; {transfer(debit, credit, amount, currency)}"


def account(kind: str, customer: str, provider: str, currency: str = "CHF") -> str:
    return (
        f"INSERT INTO accounts (kind, customer_id, provider, currency) "  # noqa: S608  ours
        f"VALUES ('{kind}', {customer}, {provider}, '{currency}')"
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


MONEY = {
    "overdraft": ("no_overdraft", "UPDATE balances SET available = available - 1000"),
    "NaN as balance": ("no_overdraft", "UPDATE balances SET available = 'NaN'"),
    "endless balance": ("", "UPDATE balances SET available = 1e26"),
    "capture of more than is held": ("no_overcapture", "UPDATE balances SET held = held - 50"),
    "NaN as held": ("no_overcapture", "UPDATE balances SET held = 'NaN'"),
    "second hold": ("entry_once", entry("1", "hold", "hold")),
    "second hold under another key": ("one_hold", entry("1", "hold2", "hold")),
    "another thing under the hold's key": ("one_hold", entry("4", "hold", "adjust")),
    "release after capture": ("entry_once", entry("2", "settle", "release")),
    "capture after release": ("entry_once", entry("4", "settle", "capture")),
    "second capture under another key": ("one_settlement", entry("2", "settle2", "capture")),
    "second release under another key": ("one_settlement", entry("4", "settle2", "release")),
    "another thing as settlement": ("one_settlement", entry("1", "settle", "adjust")),
    "hold without an order": ("of_an_order", entry("NULL", "hold", "hold")),
    "refund without an order": ("of_an_order", entry("NULL", "seen:9", "refund")),
    "the same refund twice": ("entry_once", entry("3", "seen:1", "refund")),
    "the same top-up twice": ("entry_once", entry("NULL", "top_up:one", "top_up")),
    "unknown kind of entry": ("journal_entries_kind_check", entry("1", "gift:1", "gift")),
    "entry without a name": ("journal_entries_key_check", entry("1", "x", "adjust")),
    "entry without a transfer": ("not_empty", entry("NULL", "adj:1", "adjust")),
    "capture without a transfer": ("not_empty", entry("1", "settle", "capture")),
    "negative amount": ("transfers_amount_check", adjusted(COST, REVENUE, "-1")),
    "no amount": ("transfers_amount_check", adjusted(COST, REVENUE, "0")),
    "less than the last digit": ("transfers_amount_check", adjusted(COST, REVENUE, "4e-13")),
    "NaN": ("transfers_amount_check", adjusted(COST, REVENUE, "NaN")),
    "without end": ("", adjusted(COST, REVENUE, "Infinity")),
    "to itself": ("two_accounts", adjusted(COST, COST, "1")),
    "one-sided": ("", adjusted(COST, "NULL", "1")),
    "from nowhere": ("debit_currency", adjusted("99999", COST, "1")),
    "in a currency that neither has": ("_currency", adjusted(COST, REVENUE, "1", "EUR")),
    "across currencies": (
        "credit_currency",
        f"{account('revenue', 'NULL', 'NULL')}; {adjusted(COST, FRANCS, '1')}",
    ),
    "a rate that is none": (
        "journal_entries_rate_check",
        "INSERT INTO journal_entries (key, kind, actor, rate) VALUES ('adj:1', 'adjust', 'x', 0)",
    ),
    "customer's account without a customer": ("customers_own", account("held", "NULL", "NULL")),
    "house account of a customer": ("customers_own", account("revenue", "1", "NULL")),
    "prepaid without a provider": ("providers_own", account("prepaid", "NULL", "NULL")),
    "cost of a provider": ("providers_own", account("cost", "NULL", "'acme'")),
    "the same account twice": ("accounts_one", account("revenue", "NULL", "NULL", "USD")),
    "account of nobody": ("accounts_customer_id_fkey", account("held", "999", "NULL")),
    "unknown kind of account": ("accounts_kind_check", account("pocket", "NULL", "NULL")),
    "currency in small letters": (
        "accounts_currency_check",
        account("revenue", "NULL", "NULL", "usd"),
    ),
    "balance of another's account": (
        "available_own",
        "UPDATE balances SET available_id = (SELECT available_id + 1000 FROM balances "
        "WHERE customer_id = 2) WHERE customer_id = 1",
    ),
    "two balances of one account": (
        "balances_available",
        "UPDATE balances SET available_id = (SELECT min(available_id) FROM balances)",
    ),
}
HISTORY = {
    f"{how.split()[0]} {table}": ("append_only", how.format(table))
    for table in (
        "transfers",
        "journal_entries",
        "order_events",
        "catalog_revisions",
        "catalog_activations",
    )
    for how in (
        "DELETE FROM {}",
        "TRUNCATE {} CASCADE",
    )
} | {
    "edit a transfer": ("append_only", "UPDATE transfers SET amount = amount + 1"),
    "edit an entry": ("append_only", "UPDATE journal_entries SET reason = 'x'"),
    "edit an event": ("append_only", "UPDATE order_events SET actor = 'x'"),
    "edit a revision": ("append_only", "UPDATE catalog_revisions SET note = 'x'"),
    "edit an activation": ("append_only", "UPDATE catalog_activations SET actor = 'x'"),
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


@pytest.fixture
async def connection(books: Books) -> AsyncGenerator[Connection]:
    """A connection of a careless program; what it does is undone."""
    opened = await asyncpg.connect(books.url)
    transaction = opened.transaction()
    await transaction.start()
    yield opened
    await transaction.rollback()
    await opened.close()


async def attempt(connection: Connection, statements: str) -> asyncpg.PostgresError:
    with pytest.raises(
        (asyncpg.IntegrityConstraintViolationError, asyncpg.NumericValueOutOfRangeError)
    ) as refused:
        await connection.execute(f"{statements}; SET CONSTRAINTS ALL IMMEDIATE")
    return refused.value


async def test_the_life_is_numbered_as_the_table_says(books: Books) -> None:
    life = books.life
    numbers = (life.queued, life.active, life.partial, life.failed, life.unconfirmed, life.closed)
    assert numbers == (1, 2, 3, 4, 5, 6)


@pytest.mark.parametrize(
    ("constraint", "statements"),
    [pytest.param(*case, id=what) for what, case in {**MONEY, **HISTORY, **ORDERS}.items()],
)
async def test_it_is_refused(connection: Connection, constraint: str, statements: str) -> None:
    refused = await attempt(connection, statements)
    name = str(getattr(refused, "constraint_name", ""))
    assert constraint in name


@pytest.mark.parametrize(("order", "state"), MOVES)
async def test_a_move_that_is_no_edge_is_refused(
    connection: Connection, order: int, state: str
) -> None:
    refused = await attempt(
        connection,
        f"UPDATE orders SET state = '{state}', closed_from = NULL, progress = NULL "  # noqa: S608  ours
        f"WHERE id = {order}",
    )
    assert getattr(refused, "constraint_name", "") == "orders_edge"


async def test_what_is_legal_is_not_refused(connection: Connection) -> None:
    await connection.execute(_ATTEMPT.format(4, 2, "refused", "NULL"))
    await connection.execute(adjusted(COST, REVENUE, "1e-12"))
    await connection.execute(
        "INSERT INTO discrepancies (class, provider, note, closed_at) "
        "VALUES ('D4', 'acme', '', now()), ('D4', 'acme', '', now())"
    )
    await connection.execute(order(charge="0.000001"))
    await connection.execute("UPDATE orders SET state = 'canceled' WHERE id = 3")
    await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
