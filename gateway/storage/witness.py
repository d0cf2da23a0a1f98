"""What a simulation looks up beside the operations: when something falls due, and all records."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.orders import State
from gateway.domain.outcomes import Outcome

# it is asked at every step: each figure by an index that knows it, whatever has ended by now
WAITING = """
SELECT p.provider, q.queued,
       CASE WHEN q.queued > 0 THEN greatest(q.next_at, b.until, t.paused_until) END, q.oldest_at,
       (SELECT count(*) FROM orders o WHERE o.state = 'sending' AND o.provider = p.provider),
       d.unconfirmed, d.review,
       (SELECT o.next_poll_at FROM orders o WHERE o.provider = p.provider
           AND o.state IN ('active', 'completed', 'partial', 'canceled') AND o.state = 'active'
         ORDER BY o.next_poll_at LIMIT 1) IS NOT NULL,
       (SELECT min(o.next_poll_at) FROM orders o WHERE o.provider = p.provider
           AND o.state IN ('active', 'completed', 'partial', 'canceled')),
       least(d.first_look_at,
         (SELECT i.next_at FROM investigations i JOIN attempts a USING (order_id, number)
           WHERE i.provider = p.provider AND i.next_at IS NOT NULL AND a.outcome = 'uncertain'
           ORDER BY i.next_at LIMIT 1)),
       (SELECT i.next_at FROM investigations i JOIN attempts a USING (order_id, number)
         WHERE i.provider = p.provider AND i.next_at IS NOT NULL AND a.outcome = 'disproved'
         ORDER BY i.next_at LIMIT 1),
       ARRAY(SELECT a.cost FROM attempts a JOIN orders o ON o.id = a.order_id
         WHERE a.provider = p.provider AND a.outcome = 'uncertain' AND o.state <> 'failed'
         ORDER BY a.cost),
       (SELECT min(a.lease_until) FROM attempts a
         WHERE a.provider = p.provider AND a.outcome = 'open'),
       b.until > now() IS TRUE
  FROM unnest($1::text[]) AS p (provider)
  CROSS JOIN LATERAL (
    SELECT count(*) AS queued, min(o.next_at) AS next_at, min(o.created_at) AS oldest_at
      FROM orders o WHERE o.state = 'queued' AND o.provider = p.provider) q
  CROSS JOIN LATERAL (
    SELECT count(DISTINCT o.id) FILTER (WHERE o.state = 'unconfirmed') AS unconfirmed,
           count(DISTINCT o.id) FILTER (WHERE o.state = 'review') AS review,
           min(a.ended_at) FILTER (WHERE i.order_id IS NULL) AS first_look_at
      FROM orders o
      LEFT JOIN attempts a ON a.order_id = o.id AND a.outcome = 'uncertain'
      LEFT JOIN investigations i ON (i.order_id, i.number) = (a.order_id, a.number)
     WHERE o.state IN ('unconfirmed', 'review') AND o.provider = p.provider) d
  LEFT JOIN breakers b ON b.provider = p.provider
  LEFT JOIN provider_states t ON t.provider = p.provider
 ORDER BY p.provider"""
_ORDERS = text("""
SELECT o.id, o.customer_id, o.state, coalesce(o.closed_from, o.state) AS word, o.provider,
       o.provider_order, o.link, o.quantity_total, o.charged_quantity, o.charge, o.cost_booked,
       (SELECT e.actor FROM order_events e WHERE e.order_id = o.id AND e.to_state = 'failed')
         AS failed_by,
       (SELECT min(e.at) FROM journal_entries e WHERE e.order_id = o.id AND e.kind = 'loss')
         AS lost_at,
       EXISTS (SELECT FROM discrepancies d WHERE d.order_id = o.id AND d.class = 'D5') AS foreign_id
  FROM orders o ORDER BY o.id""")
_ATTEMPTS = text("""
SELECT order_id, number, provider, outcome, reason, trace_sent, provider_order
  FROM attempts ORDER BY order_id, number""")
_DOUBTS = text("""
SELECT order_id, to_state, actor, reason, at FROM order_events
 WHERE from_state IN ('sending', 'unconfirmed', 'review') ORDER BY order_id, seq""")
_PURSES = text("""
SELECT b.customer_id, b.available, b.held,
       (SELECT coalesce(sum(t.amount), 0) FROM transfers t JOIN accounts a ON a.id = t.debit_id
         WHERE a.kind = 'top_ups' AND t.credit_id = b.available_id) AS paid_in
  FROM balances b ORDER BY b.customer_id""")
_FINDINGS = text("""
SELECT class, count(*) AS found FROM discrepancies GROUP BY class ORDER BY class""")
_RAISED = text("""
SELECT provider, coalesce(expected - seen, 0) AS amount, opened_at, closed_at FROM discrepancies
 WHERE class = 'D5' AND order_id IS NULL ORDER BY id""")


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much of one provider's waits for whom, and when the first of it falls due.

    `doubted`: what each attempt in doubt may have cost, in his currency.
    """

    provider: str
    queued: int
    send_at: datetime | None
    oldest_at: datetime | None
    sending: int
    unconfirmed: int
    review: int
    active: bool
    poll_at: datetime | None
    investigate_at: datetime | None
    look_back_at: datetime | None
    doubted: Sequence[Decimal]
    reap_at: datetime | None
    shut: bool


@dataclass(frozen=True, slots=True)
class Placed:
    """An order as it stands. `word`: its state, or the one that it was closed from.

    `failed_by`: who gave its hold back. `lost_at`: since when a loss is booked for it.
    `foreign_id`: an id that was found for it after all is on record.
    """

    id: int
    customer: int
    state: State
    word: State
    provider: str
    provider_order: str | None
    link: str
    quantity: int
    charged_quantity: int
    charge: Decimal
    cost_booked: Decimal
    failed_by: str | None
    lost_at: datetime | None
    foreign_id: bool


@dataclass(frozen=True, slots=True)
class Tried:
    """An attempt as it stands."""

    order: int
    number: int
    provider: str
    outcome: Outcome
    reason: str
    traced: bool
    provider_order: str | None


@dataclass(frozen=True, slots=True)
class Decided:
    """A move of an order out of sending or out of doubt, who made it, why and when."""

    order: int
    to: State
    actor: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Purse:
    """A customer's money, and all that he paid in."""

    customer: int
    available: Decimal
    held: Decimal
    paid_in: Decimal


@dataclass(frozen=True, slots=True)
class Raised:
    """What a provider charged, in his currency, and nobody knew for what (D5), and for how long."""

    provider: str
    amount: Decimal
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Records:
    """Everything that the books and the orders say. `findings`: discrepancies by class."""

    orders: Sequence[Placed]
    attempts: Sequence[Tried]
    decisions: Sequence[Decided]
    purses: Sequence[Purse]
    findings: dict[str, int]
    raised: Sequence[Raised]


async def records(connection: AsyncConnection) -> Records:
    """All of it, as one transaction sees it."""
    orders = [
        Placed(
            row.id,
            row.customer_id,
            State(row.state),
            State(row.word),
            row.provider,
            row.provider_order,
            row.link,
            row.quantity_total,
            row.charged_quantity,
            row.charge,
            row.cost_booked,
            row.failed_by,
            row.lost_at,
            row.foreign_id,
        )
        for row in await connection.execute(_ORDERS)
    ]
    attempts = [
        Tried(
            row.order_id,
            row.number,
            row.provider,
            Outcome(row.outcome),
            row.reason,
            row.trace_sent is not None,
            row.provider_order,
        )
        for row in await connection.execute(_ATTEMPTS)
    ]
    decisions = [
        Decided(row.order_id, State(row.to_state), row.actor, row.reason, row.at)
        for row in await connection.execute(_DOUBTS)
    ]
    purses = [Purse(*row) for row in await connection.execute(_PURSES)]
    findings = {row[0]: row[1] for row in await connection.execute(_FINDINGS)}
    raised = [Raised(*row) for row in await connection.execute(_RAISED)]
    return Records(orders, attempts, decisions, purses, findings, raised)
