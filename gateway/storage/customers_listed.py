"""Customers as operators look for them: by page, by filter, one with all that is known of him."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.money import EXACT, total

PAGE_MAX = 1_000
GROUPS_MAX = 200

_COLUMNS = """
SELECT c.id, c.name, c.group_name AS "group", c.currency, c.enabled, c.created_at,
       coalesce(b.available, 0) AS available, coalesce(b.held, 0) AS held"""
_FROM = """
  FROM customers c LEFT JOIN balances b ON (b.customer_id, b.currency) = (c.id, c.currency)"""
# only what is asked for: a count that asks nothing of balances does not look at them
_FILTERS = {
    "text": "strpos(lower(c.name), lower(:text)) > 0",
    "group": "c.group_name = :group",
    "enabled": "c.enabled = :enabled",
    "available_min": "coalesce(b.available, 0) >= :available_min",
    "available_below": "coalesce(b.available, 0) < :available_below",
}
_ONE = text(f"{_COLUMNS} {_FROM} WHERE c.id = :customer")
_BY_NAME = text(f"{_COLUMNS} {_FROM} WHERE c.name = :customer")
_GROUPS = text("SELECT DISTINCT group_name FROM customers ORDER BY 1 LIMIT :limit")
_LOCK = text("SELECT id FROM customers WHERE id = :customer FOR NO KEY UPDATE")
_PAID_IN = text("""
SELECT coalesce(sum(t.amount), 0) FROM balances b
  JOIN accounts a ON a.kind = 'top_ups' AND a.currency = b.currency
  JOIN transfers t ON t.debit_id = a.id AND t.credit_id = b.available_id
 WHERE b.customer_id = :customer AND b.currency = :currency""")
_ADJUSTED = text("""
SELECT coalesce(sum(amount), 0) FROM adjustments
 WHERE customer_id = :customer AND outcome = 'booked'""")
_LIMITS = text("""
SELECT c.calls_per_second, c.adds_per_second, b.spend_max AS spend_max_daily,
       CASE WHEN b.spent_on = (now() AT TIME ZONE 'UTC')::date THEN b.spent ELSE 0 END AS spent
  FROM customers c LEFT JOIN balances b ON (b.customer_id, b.currency) = (c.id, c.currency)
 WHERE c.id = :customer""")
_CHANGE = text("""
UPDATE customers SET group_name = :group, enabled = :enabled WHERE id = :customer""")
_SET_PACES = text("""
UPDATE customers SET calls_per_second = :calls_per_second, adds_per_second = :adds_per_second
 WHERE id = :customer""")
_SET_SPEND = text("""
UPDATE balances SET spend_max = :spend_max_daily
 WHERE (customer_id, currency) = (:customer, :currency)""")


class Sort(StrEnum):
    """By what a list of customers is ordered."""

    ID = "id"
    NAME = "name"
    AVAILABLE = "available"
    HELD = "held"
    NEWEST = "newest"


_ORDER: Mapping[Sort, tuple[str, str]] = {
    Sort.ID: ("c.id", "c.id DESC"),
    Sort.NAME: ("c.name, c.id", "c.name DESC, c.id DESC"),
    Sort.AVAILABLE: ("available, c.id", "available DESC, c.id DESC"),
    Sort.HELD: ("held, c.id", "held DESC, c.id DESC"),
    Sort.NEWEST: ("c.created_at DESC, c.id DESC", "c.created_at, c.id"),
}


@dataclass(frozen=True, slots=True)
class CustomersAsked:
    """Which customers, in which order; None leaves a filter out. Amounts are in house currency.

    `text`: in the name, whatever its case. `limit`: 1 to 1,000.
    """

    text: str = ""
    group: str | None = None
    enabled: bool | None = None
    available_min: Decimal | None = None
    available_below: Decimal | None = None
    sort: Sort = Sort.ID
    reverse: bool = False
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Listed:
    """A customer and what he has: `available` may be spent, `held` is reserved for open orders."""

    id: int
    name: str
    group: str
    currency: str
    enabled: bool
    created_at: datetime
    available: Decimal
    held: Decimal


@dataclass(frozen=True, slots=True)
class CustomersPage:
    """One page; `found` is how many fit the filter, `groups` the names of all there are."""

    customers: Sequence[Listed]
    found: int
    groups: Sequence[str]


@dataclass(frozen=True, slots=True)
class OwnLimits:
    """What a customer may do at most; None: as everybody. Paces are per process of the front door.

    `spend_max_daily`: the charges of what he orders in a day (UTC), whatever comes of it.
    """

    calls_per_second: int | None = None
    adds_per_second: int | None = None
    spend_max_daily: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Sums:
    """A customer's account in four figures: paid_in + adjusted - used = available + held.

    `used` is what his orders cost him net of refunds; `today`, what he ordered since midnight UTC.
    """

    paid_in: Decimal
    adjusted: Decimal
    used: Decimal
    today: Decimal


async def page(connection: AsyncConnection, asked: CustomersAsked) -> CustomersPage:
    """The customers that are asked for."""
    where, bound = _filter(asked)
    order = _ORDER[asked.sort][asked.reverse]
    query = f"{_COLUMNS} {_FROM} {where} ORDER BY {order} LIMIT :limit OFFSET :offset"
    room = {"limit": max(1, min(asked.limit, PAGE_MAX)), "offset": max(asked.offset, 0)}
    found = await connection.execute(text(query), {**bound, **room})
    counted = f"SELECT count(*) {_FROM} {where}"
    count = (await connection.execute(text(counted), bound)).scalar_one()
    groups = await connection.execute(_GROUPS, {"limit": GROUPS_MAX})
    return CustomersPage([Listed(**row) for row in found.mappings()], count, list(groups.scalars()))


async def after(
    connection: AsyncConnection, asked: CustomersAsked, customer: int
) -> Sequence[Listed]:
    """The next thousand that fit the filter behind this id, by id, whatever order is asked for."""
    where, bound = _filter(asked)
    query = f"{_COLUMNS} {_FROM} {where} AND c.id > :after ORDER BY c.id LIMIT :limit"
    found = await connection.execute(text(query), {**bound, "after": customer, "limit": PAGE_MAX})
    return [Listed(**row) for row in found.mappings()]


async def find(
    connection: AsyncConnection, customer: int | str, *, lock: bool = False
) -> Listed | None:
    """A customer by his id, or by his name; locked against others who change what he is."""
    query = _BY_NAME if isinstance(customer, str) else _ONE
    row = (await connection.execute(query, {"customer": customer})).mappings().first()
    if row is None or not lock:
        return Listed(**row) if row else None
    await connection.execute(_LOCK, {"customer": row["id"]})
    return Listed(**(await connection.execute(_ONE, {"customer": row["id"]})).mappings().one())


async def sums(connection: AsyncConnection, customer: Listed) -> Sums:
    """His account in four figures."""
    asked = {"customer": customer.id, "currency": customer.currency}
    paid_in: Decimal = (await connection.execute(_PAID_IN, asked)).scalar_one()
    adjusted: Decimal = (await connection.execute(_ADJUSTED, asked)).scalar_one()
    _, today = await _limits(connection, customer.id)
    left = total((customer.available, customer.held))
    used = EXACT.subtract(total((paid_in, adjusted)), left)
    return Sums(paid_in, adjusted, used, today)


async def limits(connection: AsyncConnection, customer: int) -> OwnLimits:
    """His own limits; none of them for whom there is none."""
    own, _ = await _limits(connection, customer)
    return own


async def set_limits(connection: AsyncConnection, customer: Listed, own: OwnLimits) -> None:
    """In place of those that he had."""
    values = {
        "calls_per_second": own.calls_per_second,
        "adds_per_second": own.adds_per_second,
        "customer": customer.id,
    }
    await connection.execute(_SET_PACES, values)
    spend = {"customer": customer.id, "currency": customer.currency}
    await connection.execute(_SET_SPEND, {**spend, "spend_max_daily": own.spend_max_daily})


async def change(connection: AsyncConnection, customer: int, *, group: str, enabled: bool) -> None:
    """Put him into a group, and let him in or not."""
    await connection.execute(_CHANGE, {"customer": customer, "group": group, "enabled": enabled})


async def _limits(connection: AsyncConnection, customer: int) -> tuple[OwnLimits, Decimal]:
    row = (await connection.execute(_LIMITS, {"customer": customer})).first()
    if row is None:
        return OwnLimits(), Decimal(0)
    own = OwnLimits(row.calls_per_second, row.adds_per_second, row.spend_max_daily)
    return own, row.spent or Decimal(0)


def _filter(asked: CustomersAsked) -> tuple[str, dict[str, Any]]:
    wanted = {name: getattr(asked, name) for name in _FILTERS}
    bound = {name: value for name, value in wanted.items() if value is not None and value != ""}
    return " AND ".join(("WHERE true", *(_FILTERS[name] for name in bound))), bound
