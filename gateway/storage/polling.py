"""Orders that are followed upstream: which are due, what an observation changes (money.md 7)."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.observations import Word
from gateway.domain.orders import Progress, Standing, State
from gateway.domain.postings import CostTerms
from gateway.domain.quality import has_started
from gateway.storage.orders import STANDING, standing_of
from gateway.storage.parts import Asked, PartKey

_DUE = text("""
WITH due AS (
  SELECT id FROM orders
   WHERE provider = :provider AND next_poll_at <= now()
     AND state IN ('active', 'completed', 'partial', 'canceled')
   ORDER BY next_poll_at LIMIT :limit FOR UPDATE SKIP LOCKED)
UPDATE orders o SET next_poll_at = now() + make_interval(secs => :lease_seconds)
  FROM due WHERE o.id = due.id RETURNING o.id, o.provider_order, o.seen""")
_LOCK = text(f"""
SELECT {STANDING}, o.customer_id, o.quantity AS run_quantity, o.cost, o.cost_booked,
       o.cost_currency, o.conversion, o.provider, o.seen, o.seen_as,
       now() - o.seen_since AS equal_for, now() - o.created_at AS age,
       now() - o.ended_at AS ended_for, o.next_run_at IS NOT NULL AND NOT o.cancel_wanted AS more
  FROM orders o WHERE o.id = ANY (:orders) ORDER BY o.id FOR UPDATE""")  # noqa: S608  a constant
_LIVE = text("""
SELECT order_id, run, outcome FROM attempts
 WHERE order_id = ANY (:orders) AND run > 1 AND outcome IN ('open', 'uncertain')""")
_SAVE = text("""
UPDATE orders o SET start_count = coalesce(r.start_count, o.start_count),
       remains = coalesce(r.remains, o.remains), seen = r.seen, seen_as = r.seen_as,
       seen_since = CASE WHEN o.seen_as = r.seen_as THEN o.seen_since ELSE now() END,
       seen_word = coalesce(r.seen_word, o.seen_word), delivered = r.delivered, parts = r.parts,
       progress = r.progress, charged_quantity = r.charged_quantity, cost_booked = r.cost_booked,
       state = r.state,
       started_at = coalesce(o.started_at, CASE WHEN r.started THEN now() END),
       ended_at = CASE WHEN r.state = 'active' THEN NULL WHEN r.state = o.state THEN o.ended_at
                       ELSE now() END,
       next_poll_at = CASE WHEN NOT o.self_run
         THEN now() + make_interval(secs => r.poll_seconds) END
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (order_id bigint, start_count bigint,
    remains bigint, seen integer, seen_as text, seen_word text, delivered bigint, parts integer,
    state text, progress text, charged_quantity bigint, cost_booked numeric, poll_seconds integer,
    started boolean)
 WHERE o.id = r.order_id""")
_LATER = text("""
UPDATE orders SET next_poll_at = now() + make_interval(secs => :seconds)
 WHERE id = ANY (:orders) AND NOT self_run
   AND state IN ('active', 'completed', 'partial', 'canceled')""")
_EVENTS = text("""
INSERT INTO order_events (order_id, seq, from_state, to_state, actor, reason, evidence)
SELECT r.order_id, (SELECT max(seq) + 1 FROM order_events e WHERE e.order_id = r.order_id),
       r.before, r.after, 'poll', r.reason, r.evidence
  FROM jsonb_to_recordset(CAST(:rows AS jsonb))
    AS r (order_id bigint, before text, after text, reason text, evidence jsonb)""")
_CLOSE = text("""
WITH old AS (
  SELECT id, state FROM orders o
   WHERE state IN ('completed', 'partial', 'canceled')
     AND ended_at < now() - make_interval(days => :days)
     AND NOT EXISTS (SELECT FROM discrepancies d WHERE d.order_id = o.id AND d.closed_at IS NULL)
     AND NOT EXISTS (SELECT FROM order_requests r WHERE r.order_id = o.id AND r.kind = 'refill'
           AND r.state IN ('asked', 'sent', 'in_progress'))
   ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED),
  closed AS (
    UPDATE orders o SET state = 'closed', closed_from = old.state, next_poll_at = NULL
      FROM old WHERE o.id = old.id),
  parts AS (
    UPDATE order_parts p SET next_poll_at = 'infinity' FROM old WHERE p.order_id = old.id)
INSERT INTO order_events (order_id, seq, from_state, to_state, actor, reason)
SELECT id, (SELECT max(seq) + 1 FROM order_events e WHERE e.order_id = old.id), state, 'closed',
       'poll', 'ended long ago' FROM old""")
_NEEDED = text("""
SELECT provider, count(*) AS orders FROM orders WHERE provider = ANY (:providers)
   AND state IN ('sending', 'unconfirmed', 'review', 'active') GROUP BY 1 ORDER BY 1""")


class StillNeeded(Exception):  # noqa: N818  an expected no
    """A provider may not leave the catalog while orders of his have not ended."""


@dataclass(frozen=True, slots=True)
class Followed:
    """A locked order with all that judging an observation needs.

    `run_quantity`: what each run of a drip-feed brings. `more`: of one that we run ourselves runs
    are still to come; `unproven`: the one of which nobody knows whether it was taken.
    """

    standing: Standing
    customer: int
    terms: CostTerms
    seen: int
    seen_as: str | None
    equal_for: timedelta
    age: timedelta
    ended_for: timedelta
    run_quantity: int
    more: bool
    unproven: int | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What an observation leaves on the order's row."""

    order: int
    before: State
    state: State
    progress: Progress | None
    charged_quantity: int
    cost_booked: Decimal
    seen: int
    seen_as: str | None
    start_count: int | None
    remains: int | None
    poll_seconds: int
    seen_word: Word | None = None
    delivered: int | None = None
    parts: int = 0
    evidence: Mapping[str, str | int | None] | None = None


async def due(
    connection: AsyncConnection, provider: str, limit: int, lease_seconds: int
) -> dict[str, Asked]:
    """Claim orders that are due for a look, by the provider's order ids."""
    found = await connection.execute(
        _DUE, {"provider": provider, "limit": limit, "lease_seconds": lease_seconds}
    )
    return {row.provider_order: Asked(PartKey(row.id), row.seen) for row in found}


async def lock(connection: AsyncConnection, orders: Collection[int]) -> dict[int, Followed]:
    """Lock orders in the order of their ids."""
    found = await connection.execute(_LOCK, {"orders": sorted(orders)})
    followed = {row.id: _followed(row) for row in found}
    alone = [each.standing.id for each in followed.values() if each.standing.self_run]
    # asked once the locks are held: a look from before would miss a run that began meanwhile
    for row in await connection.execute(_LIVE, {"orders": alone}) if alone else ():
        unproven = row.run if row.outcome == "uncertain" else None
        followed[row.order_id] = replace(followed[row.order_id], more=True, unproven=unproven)
    return followed


async def save(connection: AsyncConnection, rows: Sequence[Seen]) -> None:
    """Write what was observed, and an event for each change of state."""
    await connection.execute(_SAVE, {"rows": json.dumps([_row(row) for row in rows])})
    events = [
        {
            "order_id": row.order,
            "before": row.before,
            "after": row.state,
            "reason": row.seen_as or "",
            "evidence": row.evidence,
        }
        for row in rows
        if row.before is not row.state
    ]
    if events:
        await connection.execute(_EVENTS, {"rows": json.dumps(events)})


async def look_later(connection: AsyncConnection, orders: Sequence[int], seconds: int) -> None:
    """Put a look off: the provider did not answer for these."""
    await connection.execute(_LATER, {"orders": list(orders), "seconds": seconds})


async def close_old(connection: AsyncConnection, days: int, limit: int) -> int:
    """End orders that ended long ago for good, but not while they are refilled; how many (T17)."""
    return (await connection.execute(_CLOSE, {"days": days, "limit": limit})).rowcount


async def let_go(connection: AsyncConnection, providers: Collection[str]) -> None:
    """Raises `StillNeeded` when one of these still has to be asked for orders of ours.

    What is merely queued may go to another offer, and what ended is settled as it stands.
    """
    found = (await connection.execute(_NEEDED, {"providers": list(providers)})).all()
    if found:
        each = ", ".join(f"{row.provider} ({row.orders})" for row in found)
        raise StillNeeded(
            f"orders that have not ended still need these providers: {each}; take their offers off"
            " sale, and leave their tables in providers.toml until then"
        )


def _followed(row: Row[Any]) -> Followed:
    return Followed(
        standing=replace(
            standing_of(row),
            cost=row.cost,
            cost_booked=row.cost_booked,
            cost_currency=row.cost_currency,
        ),
        customer=row.customer_id,
        terms=CostTerms(row.provider, row.cost_currency, row.currency, row.conversion),
        seen=row.seen,
        seen_as=row.seen_as,
        equal_for=row.equal_for or timedelta(),
        age=row.age,
        ended_for=row.ended_for or timedelta(),
        run_quantity=row.run_quantity,
        more=row.more,
    )


def _row(seen: Seen) -> dict[str, Any]:
    return {
        "order_id": seen.order,
        "start_count": seen.start_count,
        "remains": seen.remains,
        "seen": seen.seen,
        "seen_as": seen.seen_as,
        "seen_word": seen.seen_word,
        "delivered": seen.delivered,
        "parts": seen.parts,
        "state": seen.state,
        "progress": seen.progress,
        "charged_quantity": seen.charged_quantity,
        "cost_booked": str(seen.cost_booked),
        "poll_seconds": seen.poll_seconds,
        "started": has_started(seen.state, seen.progress, seen.start_count),
    }
