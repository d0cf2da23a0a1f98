"""Drip-feeds that we run ourselves: which run is due, and what its attempt leads to.

What settles a run expects its order to be locked (money.md 2); the order stays `active` meanwhile.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.catalog import OfferRef
from gateway.domain.placements import Placement
from gateway.domain.sending import GiveUp, Sale
from gateway.domain.targets import Class, Finding
from gateway.storage import discrepancies
from gateway.storage.claims import read_placement

CLAIM = text("""
SELECT o.id, o.service_id, o.kind, o.link, o.quantity, o.runs, o.interval_minutes, o.comments,
       o.details, o.provider, o.offer, o.charge, o.margin_min_percent, o.cost_currency,
       o.parts + 1 AS run, o.run_tries, o.cancel_wanted,
       now() - coalesce((SELECT greatest(
           max(a.started_at) FILTER (WHERE a.outcome = 'accepted')
             + make_interval(mins => o.interval_minutes),
           max(a.ended_at) FILTER (WHERE a.outcome IN ('accepted', 'disproved')))
         FROM attempts a WHERE a.order_id = o.id), now()) AS late_for
  FROM orders o
 WHERE o.state = 'active' AND o.provider = :provider AND o.next_run_at <= now()
 ORDER BY o.next_run_at, o.id LIMIT :limit FOR UPDATE OF o SKIP LOCKED""")
_TOOK = text("""
WITH rows AS (SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (order_id bigint,
    number integer, provider_order text, poll_seconds integer)),
  part AS (
    INSERT INTO order_parts (order_id, part, provider, provider_order, quantity, next_poll_at)
    SELECT a.order_id, a.run, a.provider, r.provider_order, o.quantity,
           now() + make_interval(secs => r.poll_seconds)
      FROM rows r JOIN attempts a USING (order_id, number) JOIN orders o ON o.id = r.order_id)
UPDATE orders o SET parts = a.run, run_tries = 0, next_poll_at = NULL,
       cost_booked = CASE a.run WHEN 1 THEN 0 ELSE o.cost_booked END + a.cost,
       next_run_at = CASE WHEN a.run < o.runs AND o.state = 'active' AND NOT o.cancel_wanted
         THEN a.started_at + make_interval(mins => coalesce(o.interval_minutes, 0)) END
  FROM rows r JOIN attempts a USING (order_id, number) WHERE o.id = r.order_id""")
_PUT_OFF = text("""
WITH put_off AS (
    UPDATE orders SET run_tries = :tries,
           next_run_at = CASE WHEN NOT cancel_wanted THEN now() + CAST(:wait AS interval) END
     WHERE id = :order AND self_run RETURNING id, cancel_wanted)
UPDATE order_parts p SET next_poll_at = now() FROM put_off
 WHERE p.order_id = put_off.id AND put_off.cancel_wanted AND p.next_poll_at > now()""")
_NO_MORE = text("""
WITH ended AS (
    UPDATE orders SET next_run_at = NULL WHERE id = ANY (:orders) AND self_run RETURNING id)
UPDATE order_parts p SET next_poll_at = now() FROM ended
 WHERE p.order_id = ended.id AND p.next_poll_at > now()""")


@dataclass(frozen=True, slots=True)
class RunKey:
    """One run of an order, and the provider that runs it."""

    order: int
    number: int
    provider: str


@dataclass(frozen=True, slots=True)
class DueRun:
    """A run to be sent, its order locked until the transaction ends.

    The charge is for all runs, in house currency. `late_for`: since when it was due; below zero
    where it is tried before that.
    """

    key: RunKey
    placement: Placement
    ref: OfferRef
    charge: Decimal
    margin_min_percent: Decimal
    cost_currency: str
    tries: int
    late_for: timedelta
    cancel_wanted: bool

    @property
    def sale(self) -> Sale:
        """What was agreed; every run goes to the offer that took the first."""
        return Sale(self.placement, (self.ref,), self.charge, self.margin_min_percent)


async def claim(connection: AsyncConnection, provider: str, limit: int) -> list[DueRun]:
    """At most `limit` runs of one provider that are due, the longest waiting first."""
    found = await connection.execute(CLAIM, {"provider": provider, "limit": limit})
    return [
        DueRun(
            key=RunKey(row.id, row.run, row.provider),
            placement=read_placement(row),
            ref=OfferRef(row.provider, row.offer),
            charge=row.charge,
            margin_min_percent=row.margin_min_percent,
            cost_currency=row.cost_currency,
            tries=row.run_tries,
            late_for=row.late_for,
            cancel_wanted=row.cancel_wanted,
        )
        for row in found
    ]


async def took(connection: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Runs were accepted: each becomes a part, and the next one has its time.

    Of what has ended no further run is sent: its customer may have been refunded for it.
    Rows of `order_id`, `number` of the attempt, `provider_order` and `poll_seconds`.
    """
    if rows:
        await connection.execute(_TOOK, {"rows": json.dumps(rows)})


async def retry(
    connection: AsyncConnection, run: RunKey, then: timedelta | GiveUp, tries: int
) -> None:
    """Try a run again after a wait, or no more, so that its order ends with what ran.

    Nor is it tried where a cancel is wanted: then what ran is looked at soon, too.
    """
    if isinstance(then, timedelta):
        await connection.execute(_PUT_OFF, {"order": run.order, "tries": tries, "wait": then})
        return
    # closed by the look that ends the order
    finding = Finding(Class.STUCK, f"run {run.number} was given up: {then.reason}")
    await discrepancies.record(connection, run.provider, run.order, [finding])
    await no_more(connection, [run.order])


async def no_more(connection: AsyncConnection, orders: Sequence[int]) -> None:
    """No further runs: what ran is looked at soon, so that the orders end with it."""
    await connection.execute(_NO_MORE, {"orders": list(orders)})
