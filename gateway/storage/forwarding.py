"""Requests on their way: which a provider is to be asked for, and what came of it.

Both take a lease by `next_at`, so that two workers never ask the same; an order is locked before
its requests, as everywhere.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.requests import NOTE_CHARACTERS_MAX, OVER, Kind, RequestState, Step

REQUEST_CHARACTERS_MAX = 64
IDS_MAX = 100  # of the runs behind one order that are asked about together

_DUE = text("""
WITH due AS (
    SELECT r.id FROM order_requests r JOIN orders o ON o.id = r.order_id
     WHERE r.provider = :provider AND r.state = 'asked' AND r.next_at <= now()
       AND o.provider_order IS NOT NULL
       AND CASE r.kind WHEN 'cancel' THEN o.state IN ('active', 'failed') ELSE o.state IN
           ('active', 'completed', 'partial', 'canceled', 'closed') END
     ORDER BY r.next_at, r.id LIMIT :limit FOR UPDATE OF r SKIP LOCKED),
  leased AS (
    UPDATE order_requests r SET next_at = now() + make_interval(secs => :lease_seconds),
           tries = r.tries + 1
      FROM due WHERE r.id = due.id RETURNING r.id, r.order_id, r.kind, r.tries)
SELECT l.id, l.order_id, l.kind, l.tries,
       now() - coalesce((SELECT max(a.ended_at) FROM attempts a
          WHERE a.order_id = o.id AND a.outcome = 'accepted'), o.created_at) AS order_age,
       CASE WHEN o.self_run THEN ARRAY(
           SELECT p.provider_order FROM order_parts p
            WHERE p.order_id = o.id AND (p.ended_at IS NULL) = (l.kind = 'cancel')
            ORDER BY p.part DESC LIMIT :ids_max)
         ELSE ARRAY[o.provider_order] END AS ids
  FROM leased l JOIN orders o ON o.id = l.order_id ORDER BY l.id""")
_DUE_REFILLS = text("""
WITH due AS (
    SELECT id FROM order_requests
     WHERE provider = :provider AND kind = 'refill' AND state IN ('sent', 'in_progress')
       AND provider_request IS NOT NULL AND next_at <= now()
     ORDER BY next_at, id LIMIT :limit FOR UPDATE SKIP LOCKED)
UPDATE order_requests r SET next_at = now() + make_interval(secs => :lease_seconds)
  FROM due WHERE r.id = due.id
RETURNING r.id, r.provider_request, r.state, now() - r.sent_at AS sent_for""")
_LOCK_ORDERS = text("""
SELECT id FROM orders WHERE id = ANY (:orders) ORDER BY id FOR UPDATE""")
_LOCK = text("""
SELECT id, state FROM order_requests
 WHERE id = ANY (:requests) AND state IN ('asked', 'sent', 'in_progress') ORDER BY id FOR UPDATE""")
_SAVE = text("""
UPDATE order_requests r SET state = s.state, next_at = now() + CAST(s.wait AS interval),
       provider_request = coalesce(s.request, r.provider_request), note = coalesce(s.note, r.note),
       sent_at = CASE WHEN s.state = 'asked' OR s.state = 'rejected' THEN r.sent_at
                      ELSE coalesce(r.sent_at, now()) END,
       ended_at = CASE WHEN s.over THEN now() END
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS s (id bigint, state text, wait text,
    request text, note text, over boolean)
 WHERE r.id = s.id""")
_LOOK_SOON = text("""
WITH soon AS (
    UPDATE orders SET next_poll_at = now() + make_interval(secs => :seconds)
     WHERE id = ANY (:orders) AND next_poll_at > now() + make_interval(secs => :seconds))
UPDATE order_parts SET next_poll_at = now() + make_interval(secs => :seconds)
 WHERE order_id = ANY (:orders) AND next_poll_at > now() + make_interval(secs => :seconds)
   AND order_id IN (SELECT id FROM orders WHERE id = ANY (:orders) AND self_run)""")
_GIVE_BACK = text("""
UPDATE order_requests SET next_at = now(), tries = greatest(tries - 1, 0)
 WHERE id IN (SELECT id FROM order_requests WHERE id = ANY (:requests) AND state = 'asked'
               ORDER BY id FOR UPDATE)""")
_BY_ORDER = text("""
UPDATE order_requests SET provider_request = NULL
 WHERE id IN (SELECT id FROM order_requests WHERE id = ANY (:requests) ORDER BY id FOR UPDATE)""")
_CLOSE = text("""
WITH old AS (
    SELECT r.id, CASE WHEN r.kind = 'cancel' AND coalesce(o.closed_from, o.state)
             IN ('canceled', 'partial', 'failed') THEN 'completed' ELSE 'rejected' END AS state
      FROM order_requests r JOIN orders o ON o.id = r.order_id
     WHERE r.state IN ('asked', 'sent', 'in_progress') AND (
           r.kind = 'cancel'
             AND o.state IN ('completed', 'partial', 'canceled', 'failed', 'closed')
             -- one that was taken there after all may still be asked
             AND NOT (o.state = 'failed' AND o.provider_order IS NOT NULL AND r.state = 'asked')
        OR r.state IN ('asked', 'sent')
             AND coalesce(r.sent_at, r.asked_at) < now() - make_interval(days => :days)
        OR r.asked_at < now() - make_interval(days => :days_at_work))
     ORDER BY r.id LIMIT :limit FOR UPDATE OF r SKIP LOCKED)
UPDATE order_requests r SET state = old.state, ended_at = now() FROM old WHERE r.id = old.id""")


@dataclass(frozen=True, slots=True)
class Due:
    """A request that a provider is to be asked for, under his ids: one, or those of the runs."""

    id: int
    order: int
    kind: Kind
    ids: tuple[str, ...]
    tries: int
    order_age: timedelta


@dataclass(frozen=True, slots=True)
class DueRefill:
    """A refill whose provider tells by his id of it how it goes."""

    id: int
    refill: str
    state: RequestState
    sent_for: timedelta


async def due(
    connection: AsyncConnection, provider: str, limit: int, lease_seconds: int
) -> list[Due]:
    """Claim requests to be forwarded: those whose order its provider has taken."""
    found = await connection.execute(
        _DUE,
        {
            "provider": provider,
            "limit": limit,
            "lease_seconds": lease_seconds,
            "ids_max": IDS_MAX,
        },
    )
    return [
        Due(row.id, row.order_id, Kind(row.kind), tuple(row.ids), row.tries, row.order_age)
        for row in found
    ]


async def due_refills(
    connection: AsyncConnection, provider: str, limit: int, lease_seconds: int
) -> list[DueRefill]:
    """Claim refills to be asked after."""
    found = await connection.execute(
        _DUE_REFILLS, {"provider": provider, "limit": limit, "lease_seconds": lease_seconds}
    )
    return [
        DueRefill(row.id, row.provider_request, RequestState(row.state), row.sent_for)
        for row in found
    ]


async def lock_orders(connection: AsyncConnection, orders: Sequence[int]) -> None:
    """Lock orders in the order of their ids, for those that write their requests next."""
    await connection.execute(_LOCK_ORDERS, {"orders": sorted(set(orders))})


async def save(
    connection: AsyncConnection, steps: Sequence[tuple[int, RequestState, Step]]
) -> set[int]:
    """Write (request, the state it was asked in, what follows); which of them were still there.

    One that an observation of its order has moved meanwhile stays as it is.
    """
    states = {request: before for request, before, _ in steps}
    found = await connection.execute(_LOCK, {"requests": sorted(states)})
    still = {row.id for row in found if row.state == states[row.id]}
    rows = [_row(request, step) for request, _, step in steps if request in still]
    if rows:
        await connection.execute(_SAVE, {"rows": json.dumps(rows)})
    return still


async def look_soon(connection: AsyncConnection, orders: Sequence[int], seconds: int) -> None:
    """Look at locked orders within so many seconds, and at the runs behind them."""
    if orders:
        await connection.execute(_LOOK_SOON, {"orders": list(orders), "seconds": seconds})


async def give_back(connection: AsyncConnection, requests: Sequence[int]) -> None:
    """End the lease of requests that nobody was asked for."""
    if requests:
        await connection.execute(_GIVE_BACK, {"requests": list(requests)})


async def follow_by_order(connection: AsyncConnection, requests: Sequence[int]) -> None:
    """Forget the provider's ids of refills: from now on their orders tell how they go."""
    if requests:
        await connection.execute(_BY_ORDER, {"requests": list(requests)})


async def close_old(
    connection: AsyncConnection, *, days: int, days_at_work: int, limit: int
) -> int:
    """End requests that wait in vain, and cancels whose order has ended; how many."""
    found = await connection.execute(
        _CLOSE, {"days": days, "days_at_work": days_at_work, "limit": limit}
    )
    return found.rowcount


def _row(request: int, step: Step) -> dict[str, Any]:
    fits = step.request is not None and 1 <= len(step.request) <= REQUEST_CHARACTERS_MAX
    return {
        "id": request,
        "state": step.state,
        "wait": f"{int(step.wait.total_seconds())} seconds",
        "request": step.request if fits else None,
        "note": None if step.note is None else _plain(step.note),
        "over": step.state in OVER,
    }


def _plain(note: str) -> str:
    """Text that Postgres stores: neither NUL nor half a surrogate."""
    return note.replace("\0", "").encode("utf-8", "replace").decode()[:NOTE_CHARACTERS_MAX]
