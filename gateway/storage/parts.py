"""Parts of orders: runs that we sent and children that providers made, each polled by itself.

Who writes here has locked the orders before (money.md 2).
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.observations import Observation, Word
from gateway.domain.parts import CHILDREN_MAX, Part

_DUE = text("""
WITH due AS (
  SELECT order_id, part FROM order_parts
   WHERE provider = :provider AND next_poll_at <= now()
   ORDER BY next_poll_at LIMIT :limit FOR UPDATE SKIP LOCKED)
UPDATE order_parts p SET next_poll_at = now() + make_interval(secs => :lease_seconds)
  FROM due WHERE (p.order_id, p.part) = (due.order_id, due.part)
RETURNING p.provider_order, p.order_id, p.part, p.seen""")
_LOAD = text("""
SELECT order_id, part, quantity, word, charge, currency, start_count, remains, refused, seen,
       ended_at IS NOT NULL AS ended, now() - seen_since AS equal_for, now() - created_at AS age,
       now() - ended_at AS ended_for
  FROM order_parts WHERE order_id = ANY (:orders) ORDER BY order_id, part""")
_SAVE = text("""
UPDATE order_parts p SET word = r.word, charge = r.charge, currency = r.currency,
       start_count = coalesce(r.start_count, p.start_count), remains = r.remains,
       refused = r.refused, seen = p.seen + 1,
       seen_since = CASE WHEN r.same THEN p.seen_since ELSE now() END,
       ended_at = CASE WHEN r.ended THEN coalesce(p.ended_at, now()) END,
       next_poll_at = coalesce(now() + make_interval(secs => r.poll_seconds), 'infinity')
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (order_id bigint, part integer, word text,
    charge numeric, currency text, start_count bigint, remains bigint, refused text, same boolean,
    ended boolean, poll_seconds integer)
 WHERE (p.order_id, p.part) = (r.order_id, r.part)""")
_LATER = text("""
UPDATE order_parts p
   SET next_poll_at = coalesce(now() + make_interval(secs => CAST(:seconds AS integer)), 'infinity')
  FROM unnest(CAST(:orders AS bigint[]), CAST(:parts AS integer[])) AS r (order_id, part)
 WHERE (p.order_id, p.part) = (r.order_id, r.part)""")
_SOON = text("""
UPDATE order_parts SET next_poll_at = least(next_poll_at, now() + make_interval(secs => :seconds))
 WHERE order_id = ANY (:orders)""")
_NAME = text("""
WITH named AS (
  SELECT c.id, row_number() OVER (ORDER BY c.place) AS place
    FROM unnest(CAST(:children AS text[])) WITH ORDINALITY AS c (id, place)
   WHERE NOT EXISTS (SELECT FROM order_parts p
           WHERE (p.provider, p.provider_order) = (:provider, c.id))
     AND NOT EXISTS (SELECT FROM attempts a
           WHERE (a.provider, a.provider_order) = (:provider, c.id))),
  known AS (SELECT coalesce(max(part), 0) AS parts FROM order_parts WHERE order_id = :order)
INSERT INTO order_parts (order_id, part, provider, provider_order, quantity)
SELECT :order, known.parts + named.place, :provider, named.id, :quantity FROM named, known
 WHERE known.parts + named.place <= :children_max
ON CONFLICT (provider, provider_order) DO NOTHING""")
_ELSEWHERE = text("""
SELECT provider_order, order_id FROM order_parts
 WHERE provider = :provider AND provider_order = ANY (:children) AND order_id <> :order
UNION
SELECT provider_order, order_id FROM attempts
 WHERE provider = :provider AND provider_order = ANY (:children) ORDER BY 1""")


@dataclass(frozen=True, slots=True)
class PartKey:
    """An order and the number of one of its parts; 0 is the order itself."""

    order: int
    part: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """What a provider is asked about, and how often it had been seen by then."""

    key: PartKey
    seen: int


@dataclass(frozen=True, slots=True)
class Known:
    """A part as it is on record. `ended_for` None = it has not ended; `seen`: so many times."""

    part: Part
    equal_for: timedelta
    age: timedelta
    ended_for: timedelta | None
    seen: int


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look leaves on a part's row. `poll_seconds` None = it is not looked at again."""

    key: PartKey
    part: Part
    same: bool
    poll_seconds: int | None


async def due(
    connection: AsyncConnection, provider: str, limit: int, lease_seconds: int
) -> dict[str, Asked]:
    """Claim parts that are due for a look, by the provider's order ids."""
    found = await connection.execute(
        _DUE, {"provider": provider, "limit": limit, "lease_seconds": lease_seconds}
    )
    return {row.provider_order: Asked(PartKey(row.order_id, row.part), row.seen) for row in found}


async def load(connection: AsyncConnection, orders: Collection[int]) -> dict[int, dict[int, Known]]:
    """All parts of these orders by their numbers; orders without any are absent."""
    found: dict[int, dict[int, Known]] = {}
    if orders:
        for row in await connection.execute(_LOAD, {"orders": list(orders)}):
            found.setdefault(row.order_id, {})[row.part] = _known(row)
    return found


async def save(connection: AsyncConnection, rows: Sequence[Looked]) -> None:
    """Write what was observed of parts."""
    if rows:
        await connection.execute(_SAVE, {"rows": json.dumps([_row(row) for row in rows])})


async def look_later(
    connection: AsyncConnection, keys: Sequence[PartKey], seconds: int | None
) -> None:
    """Put a look at parts off: the provider did not answer for them. None = for ever."""
    asked = [key for key in keys if key.part]
    if asked:
        rows = {"orders": [key.order for key in asked], "parts": [key.part for key in asked]}
        await connection.execute(_LATER, {**rows, "seconds": seconds})


async def look_soon(connection: AsyncConnection, orders: Collection[int], seconds: int) -> None:
    """No part of these orders waits longer than this for its next look."""
    if orders:
        await connection.execute(_SOON, {"orders": list(orders), "seconds": seconds})


async def name(
    connection: AsyncConnection,
    order: int,
    provider: str,
    children: Sequence[str],
    quantity: int | None,
) -> dict[str, int]:
    """Take note of the children that a provider names, due at once.

    Those that it gave for something else before are no children: which orders they belong to.
    """
    asked = {"order": order, "provider": provider, "children": list(children)}
    await connection.execute(_NAME, {**asked, "quantity": quantity, "children_max": CHILDREN_MAX})
    found = await connection.execute(_ELSEWHERE, asked)
    return {row.provider_order: row.order_id for row in found}


def _known(row: Row[Any]) -> Known:
    return Known(
        part=Part(row.part, row.quantity, _seen(row), row.ended, row.refused),
        equal_for=row.equal_for or timedelta(),
        age=row.age,
        ended_for=row.ended_for,
        seen=row.seen,
    )


def _seen(row: Row[Any]) -> Observation | None:
    if row.word is None:
        return None
    word = Word(row.word) if row.word in set(Word) else None
    return Observation(
        word,
        row.charge,
        row.start_count,
        row.remains,
        row.currency,
        raw_word="" if word else row.word,
    )


def _row(looked: Looked) -> dict[str, Any]:
    part = looked.part
    seen = part.seen
    row = {
        "order_id": looked.key.order,
        "part": looked.key.part,
        "refused": part.refused[:500],
        "same": looked.same,
        "ended": part.ended,
        "poll_seconds": looked.poll_seconds,
    }
    if seen is None:
        return row
    return {
        **row,
        "word": seen.word or seen.raw_word,
        "charge": None if seen.charge is None else str(seen.charge),
        "currency": seen.currency,
        "start_count": seen.start_count,
        "remains": seen.remains,
    }
