"""Offers as they were measured: by the day, and over the last 30 of them."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.breaker import OURS
from gateway.domain.quality import DAYS, OF_THE_PLACEMENT, Quality
from gateway.storage.leases import Task

MEASURE = Task(24)
STATEMENT_SECONDS = 60

_LIMIT = text(f"SET LOCAL statement_timeout = '{STATEMENT_SECONDS}s'")
# today and yesterday each time, and of the others the one that was counted longest ago: what ended
# long ago may still end in another way
_DUE = text("""
SELECT CAST(day AS date) AS day
  FROM (SELECT (now() AT TIME ZONE 'UTC')::date - ago AS day, ago
          FROM generate_series(0, :days - 1) AS ago) AS d
  LEFT JOIN offer_days_counted c USING (day)
 ORDER BY ago > 1, c.counted_at NULLS FIRST, ago LIMIT 3""")
_EMPTY = text("DELETE FROM offer_days WHERE day = :day")
_COUNT = text("""
WITH span AS (SELECT CAST(:day AS date) AT TIME ZONE 'UTC' AS low,
                     (CAST(:day AS date) + 1) AT TIME ZONE 'UTC' AS high),
  ended AS (
    SELECT o.service_id, o.provider, o.offer,
           count(*) FILTER (WHERE o.state = 'completed') AS completed,
           count(*) FILTER (WHERE o.state = 'partial') AS partial,
           count(*) FILTER (WHERE o.state = 'canceled') AS canceled, count(o.started_at) AS started,
           percentile_disc(0.5) WITHIN GROUP (ORDER BY
             greatest(0, extract(epoch FROM o.started_at - a.ended_at))) AS start_seconds,
           percentile_disc(0.5) WITHIN GROUP (ORDER BY CASE WHEN o.state = 'completed'
             THEN greatest(0, extract(epoch FROM o.ended_at - a.ended_at)) END) AS end_seconds
      FROM span JOIN orders o ON o.ended_at >= low AND o.ended_at < high
       AND o.state IN ('completed', 'partial', 'canceled')
      LEFT JOIN LATERAL (SELECT ended_at FROM attempts WHERE order_id = o.id AND run = 1
            AND outcome = 'accepted' OFFSET 0) AS a ON true
     GROUP BY 1, 2, 3),
  tried AS (
    SELECT o.service_id, t.provider, t.offer, count(*) AS tries,
           count(*) FILTER (WHERE t.refused) AS refused
      FROM span, (SELECT provider FROM provider_states) AS p CROSS JOIN LATERAL (
        SELECT order_id, provider, offer, false AS refused FROM attempts
         WHERE provider = p.provider AND outcome = 'accepted'
           AND started_at >= low AND started_at < high
        UNION ALL
        SELECT order_id, provider, offer, code IS NULL OR code <> ALL (:excused) FROM attempts
         WHERE provider = p.provider AND outcome = 'refused'
           AND started_at >= low AND started_at < high AND code IS DISTINCT FROM :ours) AS t
      JOIN orders o ON o.id = t.order_id GROUP BY 1, 2, 3)
INSERT INTO offer_days (day, service_id, provider, offer, completed, partial, canceled, started,
  start_seconds, end_seconds, tries, refused)
SELECT :day, service_id, provider, offer, coalesce(completed, 0), coalesce(partial, 0),
       coalesce(canceled, 0), coalesce(started, 0), start_seconds, end_seconds,
       coalesce(tries, 0), coalesce(refused, 0)
  FROM ended FULL JOIN tried USING (service_id, provider, offer)""")
_COUNTED = text("""
INSERT INTO offer_days_counted (day) VALUES (:day)
ON CONFLICT (day) DO UPDATE SET counted_at = now()""")
_LONG_AGO = "day <= (now() AT TIME ZONE 'UTC')::date - CAST(:days AS integer)"
_OLD = (
    text(f"DELETE FROM offer_days WHERE {_LONG_AGO}"),  # noqa: S608  a constant
    text(f"DELETE FROM offer_days_counted WHERE {_LONG_AGO}"),  # noqa: S608  a constant
)
_FORGET = text("""
DELETE FROM offer_quality q WHERE NOT EXISTS (SELECT FROM offer_days d
  WHERE (d.service_id, d.provider, d.offer) = (q.service_id, q.provider, q.offer))""")
_SUM = text("""
INSERT INTO offer_quality AS q (service_id, provider, offer, completed, partial, canceled,
  start_seconds, end_seconds, tries, refused)
SELECT service_id, provider, offer, sum(completed), sum(partial), sum(canceled),
       sum(start_seconds * started) FILTER (WHERE start_seconds IS NOT NULL)
         / nullif(sum(started) FILTER (WHERE start_seconds IS NOT NULL), 0),
       sum(end_seconds * completed) / nullif(sum(completed), 0), sum(tries), sum(refused)
  FROM offer_days GROUP BY 1, 2, 3
ON CONFLICT (service_id, provider, offer) DO UPDATE SET completed = excluded.completed,
  partial = excluded.partial, canceled = excluded.canceled, start_seconds = excluded.start_seconds,
  end_seconds = excluded.end_seconds, tries = excluded.tries, refused = excluded.refused
 WHERE (q.completed, q.partial, q.canceled, q.start_seconds, q.end_seconds, q.tries, q.refused)
   IS DISTINCT FROM (excluded.completed, excluded.partial, excluded.canceled,
     excluded.start_seconds, excluded.end_seconds, excluded.tries, excluded.refused)""")
_READ = text("""
SELECT service_id, provider, offer, completed, partial, canceled, start_seconds, end_seconds, tries,
       refused FROM offer_quality
 WHERE service_id = ANY (:services) ORDER BY service_id, provider, offer""")

_READ_ALL = text("""
SELECT service_id, provider, offer, completed, partial, canceled, start_seconds, end_seconds, tries,
       refused FROM offer_quality LIMIT :limit""")


async def due(connection: AsyncConnection) -> Sequence[date]:
    """Which days to count now: at most three."""
    return list((await connection.execute(_DUE, {"days": DAYS})).scalars())


async def count_day(connection: AsyncConnection, day: date) -> None:
    """What ended and what was tried on a day (UTC), in place of what was counted before."""
    await connection.execute(_LIMIT)
    await connection.execute(_EMPTY, {"day": day})
    excused = sorted(OF_THE_PLACEMENT)
    await connection.execute(_COUNT, {"day": day, "excused": excused, "ours": OURS})
    await connection.execute(_COUNTED, {"day": day})


async def sum_up(connection: AsyncConnection) -> None:
    """Bring each offer's figures up to its days, and forget days of long ago."""
    await connection.execute(_LIMIT)
    for statement in _OLD:
        await connection.execute(statement, {"days": DAYS})
    await connection.execute(_FORGET)
    await connection.execute(_SUM)


async def of_services(connection: AsyncConnection, services: Sequence[int]) -> Sequence[Quality]:
    """Every offer that fulfilled one of these services."""
    return [Quality(*row) for row in await connection.execute(_READ, {"services": list(services)})]


async def of_all(connection: AsyncConnection, limit: int) -> Sequence[Quality]:
    """Every offer that fulfilled any service, at most so many."""
    return [Quality(*row) for row in await connection.execute(_READ_ALL, {"limit": limit})]
