"""Open orders: how many stand where, and those of which nobody knows (money.md 2)."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.open_orders import Braked, Counted, Doubtful, Proposed, Sending
from gateway.storage.leases import Task

CENSUS = Task(25)
LATE_QUEUED = timedelta(minutes=5)
"""Longer than this nothing waits while its provider takes orders at his usual pace."""
STATEMENT_SECONDS = 60

_LIMIT = text(f"SET LOCAL statement_timeout = '{STATEMENT_SECONDS}s'")
_EMPTY = text("DELETE FROM order_census")
_COUNT = text("""
INSERT INTO order_census (state, provider, orders, late)
SELECT 'active', provider, count(*), 0 FROM orders WHERE state = 'active' GROUP BY 2
UNION ALL
SELECT 'queued', w.provider, w.orders, coalesce(l.orders, 0)
  FROM (SELECT provider, count(*) AS orders FROM orders WHERE state = 'queued' GROUP BY 1) w
  LEFT JOIN (SELECT provider, count(*) AS orders FROM orders
     WHERE state = 'queued' AND created_at < now() - CAST(:late AS interval) GROUP BY 1) l
 USING (provider)""")
_CENSUS = text("""
SELECT state, provider, orders, late, counted_at FROM order_census ORDER BY state, provider""")
_SENDING = text("""
SELECT count(*) AS orders, count(*) FILTER (WHERE lease_until < now()) AS late FROM attempts
 WHERE outcome = 'open'""")
_DOUBTFUL = text("""
SELECT o.state, o.currency, count(*) AS orders, sum(o.charge) AS held, min(a.ended_at) AS since
  FROM orders o LEFT JOIN attempts a ON a.order_id = o.id AND a.outcome = 'uncertain' AND a.run = 1
 WHERE o.state IN ('unconfirmed', 'review') GROUP BY 1, 2 ORDER BY 1, 2""")
_PROPOSED = text("""
SELECT p.order_id, p.operator, p.accepted, p.proposed_at, o.charge FROM proposals p
  JOIN orders o ON o.id = p.order_id AND o.state IN ('unconfirmed', 'review')
  JOIN attempts a ON (a.order_id, a.number) = (p.order_id, p.number) AND a.outcome = 'uncertain'
 WHERE p.proposed_at > now() - CAST(:valid AS interval)
 ORDER BY p.proposed_at LIMIT :limit""")
_BRAKED = text("""
SELECT count(*) AS orders, coalesce(sum(amount), 0) AS amount, min(since) AS since
  FROM braked_refunds""")
_HELD = text("SELECT currency, sum(held) AS held FROM balances GROUP BY 1")


async def take_census(connection: AsyncConnection) -> None:
    """Count what may be too much to be counted while somebody waits."""
    await connection.execute(_LIMIT)
    await connection.execute(_EMPTY)
    await connection.execute(_COUNT, {"late": LATE_QUEUED})


async def census(connection: AsyncConnection) -> Sequence[Counted]:
    """Queued and active orders as they were counted last."""
    return [Counted(*row) for row in await connection.execute(_CENSUS)]


async def sending(connection: AsyncConnection) -> Sending:
    """What is under way now, later runs of drip-feeds among it."""
    return Sending(*(await connection.execute(_SENDING)).one())


async def doubtful(connection: AsyncConnection) -> Sequence[Doubtful]:
    """Orders of which nobody knows whether they were taken."""
    return [Doubtful(*row) for row in await connection.execute(_DOUBTFUL)]


async def proposed(
    connection: AsyncConnection, valid_for: timedelta, limit: int
) -> Sequence[Proposed]:
    """What waits for a second operator, the oldest first."""
    asked = {"valid": valid_for, "limit": limit}
    rows = await connection.execute(_PROPOSED, asked)
    return [Proposed(*row) for row in rows]


async def braked(connection: AsyncConnection) -> Braked:
    """Refunds that the brakes hold."""
    return Braked(*(await connection.execute(_BRAKED)).one())


async def held(connection: AsyncConnection) -> dict[str, Decimal]:
    """What is held from customers, by currency."""
    return {row.currency: row.held for row in await connection.execute(_HELD)}
