"""Refills and cancels that customers asked for, and what an order's turn means for them."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.catalog import OfferRef
from gateway.domain.orders import State
from gateway.domain.requests import OVER, Kind, Past, RequestState, turned

_LOCK = text("""
SELECT id, state, closed_from, service_id, provider, offer, now() - ended_at AS ended_for
  FROM orders WHERE id = ANY (:orders) AND customer_id = :customer ORDER BY id FOR UPDATE""")
_LOCK_ONE = text("""
SELECT id, state, closed_from, service_id, provider, offer, now() - ended_at AS ended_for
  FROM orders WHERE id = :order FOR UPDATE""")
_PAST = text("""
SELECT order_id, count(*) AS times,
       bool_or(state IN ('asked', 'sent', 'in_progress')) AS open
  FROM order_requests WHERE order_id = ANY (:orders) AND kind = :kind GROUP BY 1""")
_ASK = text("""
INSERT INTO order_requests (order_id, customer_id, kind, provider)
SELECT id, customer_id, :kind, provider FROM orders WHERE id = ANY (:orders) ORDER BY id
ON CONFLICT (order_id, kind) WHERE state IN ('asked', 'sent', 'in_progress') DO NOTHING
RETURNING order_id, id""")
_WANTED = text("""
WITH ours AS (
    UPDATE orders SET cancel_wanted = true, next_run_at = NULL
     WHERE id = ANY (:orders) AND (state <> 'active' OR self_run) RETURNING id, self_run)
UPDATE order_parts p SET next_poll_at = now() FROM ours WHERE p.order_id = ours.id
   AND ours.self_run AND p.next_poll_at > now()""")
_STATES = text("""
SELECT id, state FROM order_requests
 WHERE id = ANY (:refills) AND customer_id = :customer AND kind = 'refill'""")
_REFILLING = text("""
SELECT order_id, now() - asked_at AS open_for FROM order_requests
 WHERE order_id = ANY (:orders) AND kind = 'refill'
   AND state IN ('asked', 'sent', 'in_progress')""")
_OPEN = text("""
SELECT id, order_id, kind, state, provider_request IS NOT NULL AS by_id FROM order_requests
 WHERE order_id = ANY (:orders) AND state IN ('asked', 'sent', 'in_progress')
 ORDER BY id FOR UPDATE""")
_TURN = text("""
UPDATE order_requests r SET state = t.state, ended_at = CASE WHEN t.over THEN now() END
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS t (id bigint, state text, over boolean)
 WHERE r.id = t.id""")
_OF_ORDER = text("""
SELECT id, kind, provider, state, provider_request, note, tries, asked_at, sent_at, ended_at
  FROM order_requests WHERE order_id = :order ORDER BY id""")


@dataclass(frozen=True, slots=True)
class Turn:
    """What an observation, or the end of an attempt, made of an order.

    `refunded`: it lowered what the customer pays.
    """

    order: int
    before: State
    after: State
    refunded: bool


@dataclass(frozen=True, slots=True)
class Owned:
    """A customer's order, locked. `ended_for` None = it has not ended."""

    id: int
    state: State
    closed_from: State | None
    service: int
    ref: OfferRef
    ended_for: timedelta | None


async def refilling(connection: AsyncConnection, orders: Collection[int]) -> dict[int, timedelta]:
    """Which of these orders have a refill that has not ended, and for how long it is open."""
    if not orders:
        return {}
    found = await connection.execute(_REFILLING, {"orders": list(orders)})
    return {row.order_id: row.open_for for row in found}


async def seen(connection: AsyncConnection, rows: Sequence[Turn]) -> None:
    """Bring the open requests of orders to where their orders stand now.

    The orders are locked, in the order of their ids; what did not change does no harm.
    """
    turns = {row.order: row for row in rows}
    if not turns:
        return
    changed: list[dict[str, Any]] = []
    for request in await connection.execute(_OPEN, {"orders": list(turns)}):
        turn, before = turns[request.order_id], RequestState(request.state)
        after = turned(
            Kind(request.kind),
            before,
            turn.before,
            turn.after,
            refunded=turn.refunded,
            by_id=request.by_id,
        )
        if after is not before:
            changed.append({"id": request.id, "state": after, "over": after in OVER})
    if changed:
        await connection.execute(_TURN, {"rows": json.dumps(changed)})


async def lock(
    connection: AsyncConnection, customer: int, orders: Sequence[int]
) -> dict[int, Owned]:
    """Lock those of the orders that are this customer's, in the order of their ids."""
    found = await connection.execute(_LOCK, {"customer": customer, "orders": sorted(orders)})
    return {row.id: _owned(row) for row in found}


async def lock_one(connection: AsyncConnection, order: int) -> Owned | None:
    """Lock an order for an operator, whoever's it is; None when there is none."""
    row = (await connection.execute(_LOCK_ONE, {"order": order})).first()
    return _owned(row) if row else None


async def past(connection: AsyncConnection, kind: Kind, orders: Collection[int]) -> dict[int, Past]:
    """What was asked for locked orders before; those of which nothing was are absent."""
    found = await connection.execute(_PAST, {"kind": kind, "orders": list(orders)})
    return {row.order_id: Past(row.times, row.open) for row in found}


async def ask(connection: AsyncConnection, kind: Kind, orders: Collection[int]) -> dict[int, int]:
    """Record a request for each of these locked orders: order -> the request's id.

    An order that has an open one of that kind is absent.
    """
    if not orders:
        return {}
    made = await connection.execute(_ASK, {"kind": kind, "orders": list(orders)})
    return {row.order_id: row.id for row in made}


async def want_cancel(connection: AsyncConnection, orders: Collection[int]) -> None:
    """Nothing more is sent for these locked orders, and their parts are looked at soon.

    Of an active one only further runs are left to send.
    """
    if orders:
        await connection.execute(_WANTED, {"orders": list(orders)})


async def states(
    connection: AsyncConnection, customer: int, refills: Sequence[int]
) -> dict[int, RequestState]:
    """Those of the refills that are this customer's; all others are simply absent."""
    found = await connection.execute(_STATES, {"refills": list(refills), "customer": customer})
    return {row.id: RequestState(row.state) for row in found}


async def of_order(connection: AsyncConnection, order: int) -> list[dict[str, Any]]:
    """All requests of one order, oldest first, as rows for operators."""
    found = await connection.execute(_OF_ORDER, {"order": order})
    return [dict(row) for row in found.mappings()]


def _owned(row: Row[Any]) -> Owned:
    return Owned(
        id=row.id,
        state=State(row.state),
        closed_from=State(row.closed_from) if row.closed_from else None,
        service=row.service_id,
        ref=OfferRef(row.provider, row.offer),
        ended_for=row.ended_for,
    )
