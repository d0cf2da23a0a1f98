"""Large books for benchmarks: orders that have lived, copied with all their rows.

A copy differs from its original in its ids, its customer and its times, so that what is measured
is what the operations leave behind, and `gateway verify` holds for it all the same. Originals have
no parts, requests or discrepancies: those are not copied. Triggers and foreign keys are off while
copies are written, for which the role must be a superuser.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import asyncpg
from sqlalchemy import URL, Table, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.storage.database import Database
from gateway.storage.ledger_tables import JOURNAL_ENTRIES
from gateway.storage.tables import ATTEMPTS, ORDER_EVENTS, ORDERS

BATCH = 50_000
STATEMENT_SECONDS = 600

# ids are drawn in the order in which orders arrive; the first to come is the oldest
_COPIES = text("""
CREATE TEMP TABLE copies ON COMMIT DROP AS
SELECT nextval(pg_get_serial_sequence('orders', 'id')) AS copy_id, k.original, k.ago,
       b.customer_id AS copy_customer, b.available_id AS copy_available, b.held_id AS copy_held,
       own.available_id AS own_available, own.held_id AS own_held
  FROM (SELECT (CAST(:orders AS bigint[]))[k % :kinds + 1] AS original, k / :kinds AS turn,
               CAST(:spread AS interval) * ((:total - k)::numeric / :total) AS ago
          FROM generate_series(CAST(:first AS integer), CAST(:last AS integer)) AS k ORDER BY k) k
  JOIN orders o ON o.id = k.original
  JOIN balances own ON (own.customer_id, own.currency) = (o.customer_id, o.currency)
  JOIN (SELECT *, row_number() OVER (ORDER BY customer_id) - 1 AS place,
               count(*) OVER () AS customers FROM balances) b
    ON b.currency = o.currency AND b.place = k.turn % b.customers
 ORDER BY k.ago DESC""")
_ENTRIES = text("""
CREATE TEMP TABLE copied_entries ON COMMIT DROP AS
SELECT nextval(pg_get_serial_sequence('journal_entries', 'id')) AS copy_entry, x.*
  FROM (SELECT e.id AS entry, c.* FROM copies c JOIN journal_entries e ON e.order_id = c.original
         ORDER BY c.copy_id, e.id) x""")
_TRANSFERS = text("""
INSERT INTO transfers (entry_id, leg, debit_id, credit_id, currency, amount)
SELECT c.copy_entry, t.leg,
       CASE t.debit_id WHEN own_available THEN copy_available WHEN own_held THEN copy_held
         ELSE t.debit_id END,
       CASE t.credit_id WHEN own_available THEN copy_available WHEN own_held THEN copy_held
         ELSE t.credit_id END, t.currency, t.amount
  FROM copied_entries c JOIN transfers t ON t.entry_id = c.entry""")
_BALANCES = text("""
UPDATE balances b SET available = b.available + moved.available, held = b.held + moved.held
  FROM (SELECT copy_customer, t.currency,
               sum(CASE own_available WHEN t.credit_id THEN amount WHEN t.debit_id THEN -amount
                     ELSE 0 END) AS available,
               sum(CASE own_held WHEN t.credit_id THEN amount WHEN t.debit_id THEN -amount
                     ELSE 0 END) AS held
          FROM copied_entries c JOIN transfers t ON t.entry_id = c.entry GROUP BY 1, 2) moved
 WHERE (b.customer_id, b.currency) = (moved.copy_customer, moved.currency)""")
_AGE = text("""
UPDATE orders SET created_at = created_at - CAST(:age AS interval),
       next_at = next_at - CAST(:age AS interval)
 WHERE state = 'queued' AND id BETWEEN :first AND :last""")
_BOUNDS = text("""
SELECT coalesce(min(id), 0), coalesce(max(id), 0) FROM orders WHERE state = 'queued'""")
_LOOK_LATER = text("""
UPDATE orders SET next_poll_at = now() + interval '1 day'
 WHERE state IN ('active', 'completed', 'partial', 'canceled')
   AND next_poll_at < now() + interval '1 hour'""")
_COUNTS = text("SELECT state, count(*) FROM orders GROUP BY 1")
_STAND = (
    "DROP TABLE IF EXISTS stood",
    """CREATE TABLE stood AS SELECT o.id, o.seen, o.charged_quantity, o.cost_booked FROM orders o
 WHERE o.next_poll_at <= now() + interval '1 hour'
   AND o.state IN ('active', 'completed', 'partial', 'canceled')""",
    "ALTER TABLE stood ADD PRIMARY KEY (id)",
    "ANALYZE stood",
)
_NEWEST = text("SELECT coalesce(max(id), 0) FROM journal_entries")
_LOOK_NOW = text("""
UPDATE orders o SET next_poll_at = now() FROM stood s
 WHERE s.id = o.id AND o.seen = s.seen AND o.next_poll_at IS NOT NULL""")
_MOVED = text("""
SELECT coalesce(o.provider_order, '') AS provider_order, coalesce(e.entries, 0) AS entries,
       coalesce(c.changes, 0) AS changes
  FROM (SELECT order_id, count(*) AS entries FROM journal_entries WHERE id > :newest
         GROUP BY 1) e
  FULL JOIN (SELECT n.id, (n.charged_quantity <> s.charged_quantity)::integer
                        + (n.cost_booked <> s.cost_booked)::integer AS changes
               FROM stood s JOIN orders n USING (id)
              WHERE (n.charged_quantity, n.cost_booked) <> (s.charged_quantity, s.cost_booked)) c
    ON c.id = e.order_id
  LEFT JOIN orders o ON o.id = coalesce(e.order_id, c.id)""")
_VARY = text("""
UPDATE orders SET link = 'https://a.example/' || id, service_id = 1 + id % :services
 WHERE id BETWEEN :first AND :last""")
_ALL = text("SELECT coalesce(min(id), 0), coalesce(max(id), 0) FROM orders")
_BRAKED = text("SELECT count(*) FROM braked_refunds")
# as long after its own first moment as the original was after its own
_EARLIER = "now() - c.ago + (original.{column} - {began})"
_LOOKED = """CASE original.state WHEN 'active' THEN now() - c.ago
         ELSE original.next_poll_at + c.ago END"""
_THEIRS = """CASE WHEN original.provider_order IS NOT NULL THEN '9' || c.copy_id END"""


@dataclass(frozen=True, slots=True)
class Copies:
    """How many copies are made of which orders in turn, over all customers of their currency.

    `spread`: so long before now the first one arrived, the others evenly since. Active ones are due
    for a look, what has ended is looked at again within `spread`.
    """

    orders: Sequence[int]
    count: int
    spread: timedelta


@dataclass(frozen=True, slots=True)
class Moved:
    """An order for which something was booked, or changed, since it stood otherwise.

    `entries` of the journal; `changes` of the quantity that is charged and of the cost, so 0 to 2.
    """

    provider_order: str
    entries: int
    changes: int


async def multiply(database: Database, copies: Copies) -> None:
    """Write the copies. The house accounts of their originals take part, customers pay in turn."""
    for first in range(0, copies.count, BATCH):
        async with database.transaction() as connection:
            last = min(first + BATCH, copies.count) - 1
            await _copy(connection, copies, first, last)


async def age(database: Database, seconds: int) -> None:
    """Let all queued orders have waited so much longer."""
    async with database.reading() as connection:
        low, high = (await connection.execute(_BOUNDS)).one()
    for first in range(low, high + 1, BATCH):
        asked = {"age": timedelta(seconds=seconds), "first": first, "last": first + BATCH - 1}
        async with database.transaction() as connection:
            await connection.execute(_AGE, asked)


async def look_later(database: Database) -> None:
    """Let nothing be due for a look within the next hour."""
    async with database.transaction() as connection:
        await connection.execute(_LOOK_LATER)


async def stand(database: Database) -> int:
    """Note where all stand that are followed within the hour; the newest entry of the journal."""
    for statement in _STAND:
        async with database.transaction() as connection:
            await connection.execute(text(statement))
    async with database.reading() as connection:
        newest: int = (await connection.execute(_NEWEST)).scalar_one()
    return newest


async def look_now(database: Database) -> int:
    """Let all be due that were not looked at since `stand`; how many."""
    async with database.transaction() as connection:
        return (await connection.execute(_LOOK_NOW)).rowcount


async def moved(database: Database, newest: int) -> list[Moved]:
    """What was booked after an entry, which `stand` gave, and what changed since."""
    async with database.reading() as connection:
        found = await connection.execute(_MOVED, {"newest": newest})
        return [Moved(row.provider_order, row.entries, row.changes) for row in found]


async def vary(database: Database, services: int) -> None:
    """Give each order a link of its own, and one of so many services."""
    async with database.reading() as connection:
        low, high = (await connection.execute(_ALL)).one()
    for first in range(low, high + 1, BATCH):
        asked = {"services": services, "first": first, "last": first + BATCH - 1}
        async with database.transaction() as connection:
            await connection.execute(_VARY, asked)


async def braked(database: Database) -> int:
    """How many orders wait for a second word of their provider."""
    async with database.reading() as connection:
        held: int = (await connection.execute(_BRAKED)).scalar_one()
    return held


async def tidy(database: Database) -> None:
    """What autovacuum does sooner or later: dead rows swept, statistics up to date."""
    async with database.dedicated() as connection:
        await connection.execute("VACUUM (ANALYZE)")


@asynccontextmanager
async def twin(database_url: str) -> AsyncGenerator[str]:
    """The URL of a copy of a database that nobody is connected to, gone at the end of the block."""
    around = make_url(database_url)
    name = f"{around.database}_twin"
    await _administer(around, f"CREATE DATABASE {name} TEMPLATE {around.database}")
    try:
        yield around.set(database=name).render_as_string(hide_password=False)
    finally:
        await _administer(around, f"DROP DATABASE {name} WITH (FORCE)")


async def counts(connection: AsyncConnection) -> dict[str, int]:
    """How many orders there are in each state."""
    return {row[0]: row[1] for row in await connection.execute(_COUNTS)}


async def _copy(connection: AsyncConnection, copies: Copies, first: int, last: int) -> None:
    await connection.execute(text("SET LOCAL session_replication_role = replica"))
    asked = {
        "orders": list(copies.orders),
        "kinds": len(copies.orders),
        "spread": copies.spread,
        "total": copies.count,
        "first": first,
        "last": last,
    }
    await connection.execute(_COPIES, asked)
    await connection.execute(_ENTRIES)
    earlier = _times("created_at", "ended_at")
    named = {"id": "c.copy_id", "customer_id": "c.copy_customer", "provider_order": _THEIRS}
    waits = {"next_at": "now() - c.ago", "next_poll_at": _LOOKED}
    await _insert(connection, ORDERS, named | earlier | waits, "copies", "id = c.original")
    of_order = {"order_id": "c.copy_id"}
    await _insert(connection, ORDER_EVENTS, of_order, "copies", "order_id = c.original")
    tried = _times("started_at", "ended_at")
    theirs = of_order | {"provider_order": _THEIRS} | tried
    await _insert(connection, ATTEMPTS, theirs, "copies", "order_id = c.original")
    entry = of_order | {"id": "c.copy_entry"}
    await _insert(connection, JOURNAL_ENTRIES, entry, "copied_entries", "id = c.entry")
    await connection.execute(_TRANSFERS)
    await connection.execute(_BALANCES)


def _times(began: str, ended: str) -> dict[str, str]:
    return {
        name: _EARLIER.format(column=name, began=f"original.{began}") for name in (began, ended)
    }


async def _insert(
    connection: AsyncConnection, table: Table, other: dict[str, str], copies: str, of: str
) -> None:
    """Every column as the original has it, but for those that are another's."""
    names = [column.name for column in table.c]
    values = [other.get(name, f"original.{name}") for name in names]
    await connection.execute(
        text(f"""
INSERT INTO {table.name} ({", ".join(names)}) SELECT {", ".join(values)}
  FROM {copies} c JOIN {table.name} original ON original.{of}""")  # noqa: S608  names of columns
    )


async def _administer(around: URL, statement: str) -> None:
    beside = around.set(drivername="postgresql", database="postgres")
    connection = await asyncpg.connect(beside.render_as_string(hide_password=False))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
