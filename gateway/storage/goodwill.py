"""Goodwill of orders: what was given, what waits for a second operator (money.md 6)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.glimpse import Glimpse
from gateway.domain.goodwill import Wish, left_of, too_much
from gateway.domain.money import ZERO, net_charge
from gateway.domain.orders import State
from gateway.domain.postings import goodwill
from gateway.storage.judging import Judged
from gateway.storage.ledger import Posting

VALID_FOR = timedelta(days=7)
LISTED_MAX = 200

_GIVEN = text("""
SELECT e.order_id,
       sum(CASE c.kind WHEN 'available' THEN t.amount ELSE -t.amount END) AS amount
  FROM journal_entries e JOIN transfers t ON t.entry_id = e.id JOIN accounts c ON c.id = t.credit_id
 WHERE e.order_id = ANY (:orders) AND e.kind = 'adjust' GROUP BY 1""")
_ORDER = """
SELECT o.id, o.state, o.customer_id, o.currency,
       CASE o.state WHEN 'failed' THEN 0
         ELSE net_charge(o.charge, o.quantity_total, o.charged_quantity) END AS net,
       (SELECT coalesce(max(number), 0) FROM attempts a WHERE a.order_id = o.id) AS attempt
  FROM orders o WHERE o.id = :order"""
_LOOK = text(_ORDER)
_LOCK = text(f"{_ORDER} FOR UPDATE")
_COLUMNS = """
SELECT g.id, g.order_id, g.token, g.amount, g.operator, g.reason, g.why, g.state, g.asked_at,
       g.ended_at, g.ended_by, c.name AS customer, o.currency,
       g.asked_at > now() - CAST(:valid AS interval) AS valid
  FROM goodwill g JOIN orders o ON o.id = g.order_id JOIN customers c ON c.id = o.customer_id"""
_BY_TOKEN = text(f"{_COLUMNS} WHERE g.token = :token")
_ONE = text(f"{_COLUMNS} WHERE g.id = :id")
_ONE_LOCKED = text(f"{_COLUMNS} WHERE g.id = :id FOR UPDATE OF g")
_WAITING = text(f"{_COLUMNS} WHERE g.state = 'waiting' ORDER BY g.id LIMIT :limit")
_OF_ORDER = text(f"{_COLUMNS} WHERE g.order_id = :order ORDER BY g.id DESC LIMIT :limit")
_WRITE = text("""
INSERT INTO goodwill (order_id, token, amount, operator, reason, why, state, ended_at)
VALUES (:order, :token, :amount, :operator, :reason, :why, CAST(:state AS text),
  CASE WHEN CAST(:state AS text) = 'given' THEN now() END) RETURNING id""")
_END = text("UPDATE goodwill SET state = :state, ended_at = now(), ended_by = :by WHERE id = :id")


@dataclass(frozen=True, slots=True)
class Charged:
    """An order of which something may be given back. Amounts are in its currency, the house's.

    `net`: its charge less refunds; `given`: goodwill beside them.
    """

    id: int
    state: State
    customer: int
    currency: str
    net: Decimal
    given: Decimal
    attempt: int

    @property
    def left(self) -> Decimal:
        """What can still be given back."""
        return left_of(self.net, self.given)

    @property
    def glimpse(self) -> Glimpse:
        """What a form shows of it."""
        return Glimpse(self.state, self.attempt, self.left)


@dataclass(frozen=True, slots=True)
class Goodwill:
    """What an operator wants given back. `state`: `waiting`, `given` or `withdrawn`.

    `why`: why it waits, or waited, for a second operator; empty = it needed none. `ended_by`: who
    agreed, or withdrew it. `valid`: it was asked for in the last week.
    """

    id: int
    order: int
    customer: str
    token: str
    amount: Decimal
    currency: str
    operator: str
    reason: str
    why: str
    state: str
    asked_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    valid: bool


async def charged(connection: AsyncConnection, order: int, *, lock: bool = False) -> Charged | None:
    """An order as it stands; None when there is none."""
    query = _LOCK if lock else _LOOK
    row = (await connection.execute(query, {"order": order})).first()
    if row is None:
        return None
    gave = (await given(connection, [order])).get(order, ZERO)
    state = State(row.state)
    return Charged(row.id, state, row.customer_id, row.currency, row.net, gave, row.attempt)


async def given(connection: AsyncConnection, orders: Collection[int]) -> Mapping[int, Decimal]:
    """The goodwill of those of the orders that have any."""
    found = await connection.execute(_GIVEN, {"orders": list(orders)})
    return {row.order_id: row.amount for row in found}


async def replaced(connection: AsyncConnection, judged: Sequence[Judged]) -> list[Posting]:
    """What is taken back of goodwill where a refund just now gives the same money.

    It never takes more than that refund gives, and is posted with it.
    """
    refunded = {each.seen.order: each for each in judged if each.turn.refunded}
    if not refunded:
        return []
    postings: list[Posting] = []
    for order, gave in (await given(connection, refunded)).items():
        each = refunded[order]
        was = each.followed.standing
        net = net_charge(was.charge, was.quantity, each.booked.charged_quantity)
        if back := too_much(net, gave):
            key, why = f"goodwill:seen:{each.seen.seen}", "a refund stands in its place"
            entry = goodwill(each.followed.customer, was.currency, back.copy_negate(), key, why)
            postings.append(Posting(entry, order))
    return postings


async def by_token(connection: AsyncConnection, token: str) -> Goodwill | None:
    """What was asked for by a form before."""
    return await _first(connection, _BY_TOKEN, token=token)


async def find(connection: AsyncConnection, number: int, *, lock: bool = False) -> Goodwill | None:
    """One, by its number."""
    return await _first(connection, _ONE_LOCKED if lock else _ONE, id=number)


async def waiting(connection: AsyncConnection) -> Sequence[Goodwill]:
    """Those that wait for a second operator, oldest first, at most 200."""
    asked = {"valid": VALID_FOR, "limit": LISTED_MAX}
    return [_read(row) for row in await connection.execute(_WAITING, asked)]


async def of_order(connection: AsyncConnection, order: int) -> Sequence[Goodwill]:
    """All of one order, newest first, at most 200."""
    asked = {"valid": VALID_FOR, "limit": LISTED_MAX, "order": order}
    return [_read(row) for row in await connection.execute(_OF_ORDER, asked)]


async def write(
    connection: AsyncConnection, order: int, wish: Wish, operator: str, why: str, state: str
) -> int:
    """Note what an operator wants given back; its number."""
    row = {
        "order": order,
        "token": wish.token,
        "amount": wish.amount,
        "operator": operator,
        "reason": wish.reason,
        "why": why,
        "state": state,
    }
    number: int = (await connection.execute(_WRITE, row)).scalar_one()
    return number


async def end(connection: AsyncConnection, number: int, state: str, by: str) -> None:
    """One that waited is `given` or `withdrawn`."""
    await connection.execute(_END, {"id": number, "state": state, "by": by})


async def _first(connection: AsyncConnection, query: Any, **asked: object) -> Goodwill | None:
    row = (await connection.execute(query, {"valid": VALID_FOR, **asked})).first()
    return _read(row) if row else None


def _read(row: Row[Any]) -> Goodwill:
    return Goodwill(
        id=row.id,
        order=row.order_id,
        customer=row.customer,
        token=row.token,
        amount=row.amount,
        currency=row.currency,
        operator=row.operator,
        reason=row.reason,
        why=row.why,
        state=row.state,
        asked_at=row.asked_at,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        valid=row.valid,
    )
