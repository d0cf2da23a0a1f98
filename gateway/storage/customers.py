"""Customers, their keys and what they have."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.storage import ledger

ORDERS_MAX = 200_000

_ADD = text("""
INSERT INTO customers (name, group_name, currency) VALUES (:name, :group, :currency)
RETURNING id""")
_LATEST_DIALECT = text("""
SELECT dialect FROM customer_keys WHERE customer_id = :customer ORDER BY id DESC LIMIT 1""")
_ADD_KEY = text("""
INSERT INTO customer_keys (customer_id, digest, hint, dialect)
VALUES (:customer, :digest, :hint, :dialect)""")
_BY_KEY = text("""
SELECT c.id, c.name, c.group_name, c.currency, k.dialect, c.calls_per_second, c.adds_per_second
  FROM customer_keys k
  JOIN customers c ON c.id = k.customer_id
 WHERE k.digest = :digest AND c.enabled AND k.revoked_at IS NULL
   AND (k.expires_at IS NULL OR k.expires_at > now())""")
_BALANCE = text("""
SELECT available FROM balances WHERE customer_id = :customer AND currency = :currency""")
_LIST = text("""
SELECT c.id, c.name, c.group_name AS "group", c.currency, c.enabled, b.available, b.held,
       (SELECT count(*) FROM orders o WHERE o.customer_id = c.id) AS orders
  FROM customers c LEFT JOIN balances b ON (b.customer_id, b.currency) = (c.id, c.currency)
 ORDER BY c.id""")
_BUYERS = text("""
SELECT id, name, group_name AS "group" FROM customers
 WHERE CAST(:name AS text) IS NULL OR name = :name ORDER BY id""")
# ids rise with time: where a week ago stands among a million is found with twenty looks
_ORDERED = text("""
WITH RECURSIVE bisected (low, high) AS (
  SELECT CAST(0 AS bigint), coalesce((SELECT max(id) FROM orders), 0)
  UNION ALL
  SELECT CASE WHEN r.recent THEN b.low ELSE b.mid END, CASE WHEN r.recent THEN b.mid ELSE b.high END
    FROM (SELECT low, high, (low + high) / 2 AS mid FROM bisected WHERE high - low > 1) b,
         LATERAL (SELECT o.created_at > now() - make_interval(days => :days) AS recent
                    FROM orders o WHERE o.id > b.mid ORDER BY o.id LIMIT 1) r),
  since AS MATERIALIZED (
    SELECT greatest(max(low), (SELECT max(id) FROM orders) - :limit) AS id FROM bisected)
SELECT count(*) FROM unnest(CAST(:customers AS bigint[])) AS c (id), since, LATERAL (
  SELECT 1 FROM orders o
   WHERE o.customer_id = c.id AND o.id > since.id
     AND o.service_id = ANY(CAST(:services AS bigint[]))
     AND o.created_at > now() - make_interval(days => :days) LIMIT 1) AS found""")
_STATEMENT = text("""
SELECT e.at, e.order_id, e.kind, e.key, e.reason,
       CASE WHEN t.credit_id = b.available_id THEN t.amount ELSE -t.amount END AS amount,
       sum(CASE WHEN t.credit_id = b.available_id THEN t.amount ELSE -t.amount END)
         OVER (ORDER BY e.id, t.leg) AS balance
  FROM balances b
  JOIN transfers t ON b.available_id IN (t.debit_id, t.credit_id)
  JOIN journal_entries e ON e.id = t.entry_id
 WHERE b.customer_id = :customer AND b.currency = :currency ORDER BY e.id, t.leg""")


class NameTaken(Exception):  # noqa: N818  an expected no
    """Another customer has this name."""


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer and what he has: `available` may be spent, `held` is reserved for open orders."""

    id: int
    name: str
    group: str
    currency: str
    enabled: bool
    available: Decimal
    held: Decimal
    orders: int


@dataclass(frozen=True, slots=True)
class Named:
    """A customer as pricing knows him."""

    id: int
    name: str
    group: str


@dataclass(frozen=True, slots=True)
class KeyOwner:
    """Who a key belongs to, the dialect that its holder speaks, and his own paces if any."""

    id: int
    name: str
    group: str
    currency: str
    dialect: str
    calls_per_second: int | None = None
    adds_per_second: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One movement of a customer's available balance, and what it came to."""

    at: datetime
    order: int | None
    kind: str
    key: str
    reason: str
    amount: Decimal
    balance: Decimal


async def add(connection: AsyncConnection, name: str, group: str, currency: str) -> int:
    """A new customer with an empty balance; raises `NameTaken`."""
    try:
        made = await connection.execute(_ADD, {"name": name, "group": group, "currency": currency})
    except IntegrityError as error:
        raise NameTaken(name) from error
    number: int = made.scalar_one()
    await ledger.open_balance(connection, number, currency)
    return number


async def latest_dialect(connection: AsyncConnection, customer: int) -> str | None:
    """How the holder of a customer's latest key is spoken to; None: he never had one."""
    found = await connection.execute(_LATEST_DIALECT, {"customer": customer})
    return found.scalar_one_or_none()


async def add_key(
    connection: AsyncConnection, customer: int, digest: bytes, hint: str, dialect: str
) -> None:
    """Store a key by its digest; the hint is its last characters, for people."""
    await connection.execute(
        _ADD_KEY, {"customer": customer, "digest": digest, "hint": hint, "dialect": dialect}
    )


async def by_key(connection: AsyncConnection, digest: bytes) -> KeyOwner | None:
    """The enabled customer behind a live key."""
    row = (await connection.execute(_BY_KEY, {"digest": digest})).first()
    if row is None:
        return None
    paces = (row.calls_per_second, row.adds_per_second)
    return KeyOwner(row.id, row.name, row.group_name, row.currency, row.dialect, *paces)


async def available(connection: AsyncConnection, customer: int, currency: str) -> Decimal:
    """What a customer may still spend."""
    found: Decimal | None = (
        await connection.execute(_BALANCE, {"customer": customer, "currency": currency})
    ).scalar()
    return found if found is not None else Decimal(0)


async def listed(connection: AsyncConnection) -> Sequence[Customer]:
    """All customers, each with how many orders he ever made: that takes its time."""
    found = (await connection.execute(_LIST)).mappings()
    return [Customer(**row) for row in found]


async def buyers(connection: AsyncConnection) -> Sequence[Named]:
    """All customers, without what they have."""
    found = await connection.execute(_BUYERS, {"name": None})
    return [Named(**row) for row in found.mappings()]


async def named(connection: AsyncConnection, name: str) -> Named | None:
    """The customer of a name, without what he has."""
    row = (await connection.execute(_BUYERS, {"name": name})).mappings().first()
    return Named(**row) if row else None


async def ordered(
    connection: AsyncConnection, customers: Sequence[int], services: Sequence[int], *, days: int
) -> int:
    """How many of these customers ordered one of these services within so many days.

    Of more than `ORDERS_MAX` orders only the last are looked at.
    """
    if not customers or not services:
        return 0
    asked = {
        "customers": list(customers),
        "services": list(services),
        "days": days,
        "limit": ORDERS_MAX,
    }
    found = await connection.execute(_ORDERED, asked)
    count: int = found.scalar_one()
    return count


async def statement(connection: AsyncConnection, customer: int, currency: str) -> Sequence[Line]:
    """Every movement of the available balance, oldest first."""
    found = await connection.execute(_STATEMENT, {"customer": customer, "currency": currency})
    return [
        Line(row.at, row.order_id, row.kind, row.key, row.reason, row.amount, row.balance)
        for row in found
    ]
