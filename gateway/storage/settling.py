"""Writing down how an attempt ended: the attempt, the order, the money and the event in one go.

Every function expects its orders to be locked by `lock` in the same transaction (money.md 2).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.catalog import OfferRef
from gateway.domain.orders import State
from gateway.domain.outcomes import Outcome
from gateway.domain.postings import CostTerms, capture, cost, release
from gateway.storage.claims import AttemptKey
from gateway.storage.ledger import Posting

RAW_BYTES_MAX = 8_192

_LOCK = text("""
SELECT id, state, customer_id, currency, charge, cost, cost_currency, conversion, cost_booked,
       provider, offer
  FROM orders WHERE id = ANY (:orders) ORDER BY id FOR UPDATE""")
_KNOWN = text("""
SELECT provider, provider_order, order_id FROM attempts
 WHERE (provider, provider_order) IN (SELECT * FROM unnest(
   CAST(:providers AS text[]), CAST(:ids AS text[])))""")
_END = text("""
UPDATE attempts a SET outcome = r.outcome, provider_order = r.provider_order, reason = r.reason,
       code = r.code, trace_sent = r.trace_sent, trace_body = r.trace_body,
       trace_resp = r.trace_resp, http_status = r.http_status, raw = decode(r.raw, 'hex'),
       took_milliseconds = r.took_milliseconds, ended_at = now()
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (order_id bigint, number integer,
    outcome text, provider_order text, reason text, code text, trace_sent boolean,
    trace_body boolean, trace_resp boolean, http_status integer, raw text,
    took_milliseconds integer)
 WHERE (a.order_id, a.number) = (r.order_id, r.number) AND (a.outcome IN ('open', 'uncertain')
   OR a.outcome = 'disproved' AND r.outcome = 'accepted')
RETURNING a.order_id, a.number""")
_MOVE = text("""
WITH rows AS (SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (order_id bigint,
    from_state text, to_state text, reason text, evidence jsonb)),
  moved AS (
    UPDATE orders o SET state = r.to_state,
           progress = CASE r.to_state WHEN 'active' THEN coalesce(o.progress, 'pending') END
      FROM rows r WHERE o.id = r.order_id)
INSERT INTO order_events (order_id, seq, from_state, to_state, actor, reason, evidence)
SELECT r.order_id, (SELECT max(seq) + 1 FROM order_events e WHERE e.order_id = r.order_id),
       r.from_state, r.to_state, :actor, r.reason, r.evidence FROM rows r""")
_CONFIRMED = text("""
UPDATE orders o SET provider_order = r.provider_order, cost_booked = o.cost,
       next_poll_at = now() + make_interval(secs => r.poll_seconds)
  FROM jsonb_to_recordset(CAST(:rows AS jsonb))
    AS r (order_id bigint, provider_order text, poll_seconds integer)
 WHERE o.id = r.order_id""")
_REQUEUED = text("""
UPDATE orders SET provider = :provider, offer = :offer, tried = :tried, tries = :tries,
       next_at = now() + CAST(:wait AS interval) WHERE id = :order""")
_FAILED = text("UPDATE orders SET ended_at = now() WHERE id = ANY (:orders)")


@dataclass(frozen=True, slots=True)
class Ended:
    """How one attempt ended, with its evidence; `raw` holds no key."""

    key: AttemptKey
    outcome: Outcome
    provider_order: str | None = None
    reason: str = ""
    code: str | None = None
    trace: tuple[bool, bool, bool] | None = None
    http_status: int | None = None
    raw: bytes = b""
    took_milliseconds: int | None = None


@dataclass(frozen=True, slots=True)
class Locked:
    """What settling needs of a locked order. Costs are in the provider's currency."""

    id: int
    state: State
    customer: int
    currency: str
    charge: Decimal
    cost: Decimal
    cost_booked: Decimal
    terms: CostTerms
    ref: OfferRef


@dataclass(frozen=True, slots=True)
class Move:
    """One change of state, for its event."""

    order: int
    before: State
    after: State
    reason: str = ""
    evidence: dict[str, Any] = field(default_factory=dict[str, Any])


async def lock(connection: AsyncConnection, orders: Sequence[int]) -> dict[int, Locked]:
    """Lock orders, always in the order of their ids, so that two settlers never wait in a ring.

    For the same reason a transaction posts once, at its end: `ledger.post` locks the balances in
    the order of the customers, and nobody waits for them longer than he must.
    """
    found = await connection.execute(_LOCK, {"orders": sorted(orders)})
    return {
        row.id: Locked(
            id=row.id,
            state=State(row.state),
            customer=row.customer_id,
            currency=row.currency,
            charge=row.charge,
            cost=row.cost,
            cost_booked=row.cost_booked,
            terms=CostTerms(row.provider, row.cost_currency, row.currency, row.conversion),
            ref=OfferRef(row.provider, row.offer),
        )
        for row in found
    }


async def known_orders(
    connection: AsyncConnection, ids: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    """Which of these (provider, provider's order id) belong to orders of ours already."""
    found = await connection.execute(
        _KNOWN, {"providers": [each[0] for each in ids], "ids": [each[1] for each in ids]}
    )
    return {(row.provider, row.provider_order): row.order_id for row in found}


async def end_attempts(connection: AsyncConnection, ended: Sequence[Ended]) -> set[AttemptKey]:
    """Write outcomes on attempts that are still open or uncertain; which ones they were.

    An id that comes after all for a disproved one is written too: it is better evidence.
    """
    rows = json.dumps([_row(each) for each in ended])
    found = await connection.execute(_END, {"rows": rows})
    return {AttemptKey(row.order_id, row.number) for row in found}


async def move(connection: AsyncConnection, moves: Sequence[Move], *, actor: str) -> None:
    """Change states and write the events; the database refuses what is no edge."""
    rows = [
        {
            "order_id": each.order,
            "from_state": each.before,
            "to_state": each.after,
            "reason": each.reason,
            "evidence": each.evidence or None,
        }
        for each in moves
    ]
    await connection.execute(_MOVE, {"rows": json.dumps(rows), "actor": actor})


async def confirm(
    connection: AsyncConnection,
    orders: Sequence[tuple[Locked, str]],
    *,
    actor: str,
    poll_seconds: int,
) -> list[Posting]:
    """Accepted upstream under these ids: polling begins (T3).

    What is to be posted: the charges captured, the costs booked.
    """
    postings: list[Posting] = []
    for order, _ in orders:
        postings.append(Posting(capture(order.customer, order.currency, order.charge), order.id))
        if booked := cost(order.terms, Decimal(0), order.cost, "cost"):
            postings.append(Posting(booked, order.id))
    rows = [
        {"order_id": order.id, "provider_order": number, "poll_seconds": poll_seconds}
        for order, number in orders
    ]
    await connection.execute(_CONFIRMED, {"rows": json.dumps(rows)})
    await move(
        connection,
        [
            Move(order.id, order.state, State.ACTIVE, f"accepted as {number}")
            for order, number in orders
        ],
        actor=actor,
    )
    return postings


async def requeue(
    connection: AsyncConnection,
    order: Locked,
    ref: OfferRef,
    *,
    tried: Sequence[OfferRef],
    tries: int,
    wait: timedelta,
) -> None:
    """Back to the queue after proof that nothing was taken; the hold stays (T4)."""
    await connection.execute(
        _REQUEUED,
        {
            "order": order.id,
            "provider": ref.provider,
            "offer": ref.offer,
            "tried": [str(each) for each in tried],
            "tries": tries,
            "wait": wait,
        },
    )


async def doubt(connection: AsyncConnection, order: Locked, ended: Ended, *, actor: str) -> None:
    """Not proven either way: the hold stays, and nothing is sent again (T6, T7)."""
    if order.state is not State.SENDING:
        return
    sent, body, resp = ended.trace or (None, None, None)
    evidence = {
        "attempt": ended.key.number,
        "sent": sent,
        "body": body,
        "resp": resp,
        "http_status": ended.http_status,
    }
    moved = Move(order.id, order.state, State.UNCONFIRMED, ended.reason, evidence)
    await move(connection, [moved], actor=actor)


async def fail(
    connection: AsyncConnection, orders: Sequence[Locked], *, actor: str, reason: str
) -> list[Posting]:
    """Proven not accepted, or given up before sending (T5, T16); what is to be posted: releases."""
    await connection.execute(_FAILED, {"orders": [order.id for order in orders]})
    moves = [Move(order.id, order.state, State.FAILED, reason) for order in orders]
    await move(connection, moves, actor=actor)
    return [
        Posting(release(order.customer, order.currency, order.charge, reason), order.id)
        for order in orders
    ]


def _row(ended: Ended) -> dict[str, Any]:
    sent, body, resp = ended.trace or (None, None, None)
    return {
        "order_id": ended.key.order,
        "number": ended.key.number,
        "outcome": ended.outcome,
        "provider_order": ended.provider_order,
        "reason": ended.reason[:500],
        "code": ended.code,
        "trace_sent": sent,
        "trace_body": body,
        "trace_resp": resp,
        "http_status": ended.http_status,
        "raw": ended.raw[:RAW_BYTES_MAX].hex(),
        "took_milliseconds": ended.took_milliseconds,
    }
