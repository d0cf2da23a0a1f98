"""Refunds that wait for a second word of their provider, and how many of his orders end so."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.brakes import (
    AGAIN_SECONDS_MAX,
    WAITS_AT_MOST,
    Brakes,
    is_released,
    many_turned,
    orders_enough,
    refund_of,
    turns,
    why_braked,
)
from gateway.domain.observations import Observation, Word
from gateway.storage import parts
from gateway.storage.judging import Judged, Round, held_back, soon

TURNED_AT_MOST = 10_000
"""Beyond these it does not matter how many more turned within the hour."""

_WAITING = text("""
SELECT order_id, now() - since AS waited FROM braked_refunds WHERE order_id = ANY (:orders)""")
_OVERDUE = text("""
SELECT order_id, seen FROM braked_refunds
 WHERE order_id = ANY (:orders) AND since <= now() - CAST(:at_most AS interval)""")
_ASKED = text("""
SELECT DISTINCT order_id FROM order_requests
 WHERE order_id = ANY (:orders) AND kind = 'cancel' AND state <> 'rejected'""")
_TURNED = text("""
SELECT count(*) FROM (
  SELECT t.id FROM (
    SELECT id FROM orders WHERE provider = :provider AND state IN ('partial', 'canceled')
       AND ended_at > now() - interval '1 hour'
    UNION
    SELECT o.id FROM braked_refunds b JOIN orders o ON o.id = b.order_id
     WHERE o.provider = :provider AND b.since > now() - interval '1 hour') AS t
   WHERE t.id <> ALL (:judged) AND NOT EXISTS (SELECT FROM order_requests r
     WHERE r.order_id = t.id AND r.kind = 'cancel' AND r.state <> 'rejected')
   LIMIT :limit) AS turned""")
_TAKEN = text("""
SELECT count(*) FROM (
  SELECT FROM attempts WHERE provider = :provider AND outcome = 'accepted' AND run = 1
     AND started_at > now() - interval '1 day' LIMIT :limit) AS taken""")
_HOLD = text("""
INSERT INTO braked_refunds (order_id, amount, reason, seen)
SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (order_id bigint, amount numeric,
  reason text, seen jsonb)
ON CONFLICT (order_id) DO UPDATE SET amount = excluded.amount, reason = excluded.reason,
  seen = excluded.seen""")
_RELEASE = text("DELETE FROM braked_refunds WHERE order_id = ANY (:orders)")


@dataclass(frozen=True, slots=True)
class Braked:
    """A refund that waits, in house currency, and the observation that asks for it."""

    order: int
    amount: Decimal
    reason: str
    seen: Observation


async def brake(
    connection: AsyncConnection, round_: Round, brakes: Brakes, judged: Sequence[Judged]
) -> list[Judged]:
    """Let refunds wait that are large, or too many, until they are seen once more.

    The orders are locked; those whose refunds do not wait come back as they are.
    """
    if not judged:
        return []
    waited = await _waiting(connection, [each.seen.order for each in judged])
    refunds = {each.seen.order: refund_of(each.followed.standing, each.booked) for each in judged}
    held: dict[int, Braked] = {}
    if any(refunds.values()):
        asked, many = await _circumstances(connection, round_.provider.name, brakes, judged)
        for each in judged:
            order, seen = each.seen.order, each.observed
            why = why_braked(brakes, refunds[order], asked=order in asked, many=many)
            again = each.again and order in round_.observed
            if why and seen and not is_released(again=again, waited=waited.get(order)):
                held[order] = Braked(order, refunds[order], why, seen)
    await _hold(connection, list(held.values()))
    await _release(connection, waited.keys() - held.keys())
    await parts.look_soon(connection, [*held], soon(round_, AGAIN_SECONDS_MAX, AGAIN_SECONDS_MAX))
    return [
        held_back(round_, each, held[each.seen.order].reason) if each.seen.order in held else each
        for each in judged
    ]


async def overdue(connection: AsyncConnection, orders: Collection[int]) -> dict[int, Observation]:
    """Of these orders those whose refund waits no longer, and what their provider said last."""
    if not orders:
        return {}
    asked = {"orders": list(orders), "at_most": WAITS_AT_MOST}
    return {row.order_id: _seen(row) for row in await connection.execute(_OVERDUE, asked)}


async def _circumstances(
    connection: AsyncConnection, provider: str, brakes: Brakes, judged: Sequence[Judged]
) -> tuple[set[int], bool]:
    """Whose cancel was asked for, and whether too many others ended without being delivered.

    Those that turn just now are counted with those that did within the hour.
    """
    orders = [each.seen.order for each in judged]
    asked = set((await connection.execute(_ASKED, {"orders": orders})).scalars())
    turning = [
        each.seen.order
        for each in judged
        if turns(each.seen.before, each.seen.state) and each.seen.order not in asked
    ]
    before = {"provider": provider, "judged": turning, "limit": TURNED_AT_MOST}
    turned = len(turning) + (await connection.execute(_TURNED, before)).scalar_one()
    enough = {"provider": provider, "limit": orders_enough(brakes, turned)}
    taken = (await connection.execute(_TAKEN, enough)).scalar_one()
    return asked, many_turned(brakes, turned, taken)


async def _waiting(connection: AsyncConnection, orders: Collection[int]) -> dict[int, timedelta]:
    found = await connection.execute(_WAITING, {"orders": list(orders)})
    return {row.order_id: row.waited for row in found}


async def _hold(connection: AsyncConnection, braked: Sequence[Braked]) -> None:
    if braked:
        rows = json.dumps([_row(each) for each in braked])
        await connection.execute(_HOLD, {"rows": rows})


async def _release(connection: AsyncConnection, orders: Collection[int]) -> None:
    if orders:
        await connection.execute(_RELEASE, {"orders": list(orders)})


def _row(braked: Braked) -> dict[str, Any]:
    seen = braked.seen
    return {
        "order_id": braked.order,
        "amount": str(braked.amount),
        "reason": braked.reason,
        "seen": {
            "word": seen.word,
            "charge": None if seen.charge is None else str(seen.charge),
            "start_count": seen.start_count,
            "remains": seen.remains,
            "currency": seen.currency,
        },
    }


def _seen(row: Row[Any]) -> Observation:
    said: dict[str, Any] = row.seen
    charge = said["charge"]
    return Observation(
        Word(said["word"]),
        None if charge is None else Decimal(charge),
        said["start_count"],
        said["remains"],
        said["currency"],
    )
