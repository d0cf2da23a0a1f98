"""How providers do: what their last attempts say, what stops or pauses them, what they hold."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.breaker import OURS
from gateway.domain.health import Gate, Recent
from gateway.storage.offers import STOPPED

TIMED_MAX = 200
COUNTED_MAX = 2_000
"""Of so many the last are looked at: a day of a large provider has far more."""
LATELY = timedelta(hours=24)

_ATTEMPTS = text("""
SELECT p.provider, timed.p50_milliseconds, taken.attempts AS accepted, refused.attempts AS refused,
       doubtful.uncertain, doubtful.not_sent
  FROM unnest(CAST(:providers AS text[])) AS p (provider)
 CROSS JOIN LATERAL (
    SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY took_milliseconds) AS p50_milliseconds
      FROM (SELECT took_milliseconds FROM attempts
        WHERE provider = p.provider AND outcome = 'accepted'
          AND started_at > now() - CAST(:lately AS interval)
        ORDER BY started_at DESC LIMIT :timed) AS last) AS timed
 CROSS JOIN LATERAL (
    SELECT count(*) AS attempts,
           CASE count(*) WHEN :counted THEN min(started_at)
             ELSE now() - CAST(:lately AS interval) END AS since
      FROM (SELECT started_at FROM attempts
        WHERE provider = p.provider AND outcome = 'accepted'
          AND started_at > now() - CAST(:lately AS interval)
        ORDER BY started_at DESC LIMIT :counted) AS last) AS taken
 CROSS JOIN LATERAL (
    SELECT count(*) AS attempts FROM (SELECT FROM attempts
        WHERE provider = p.provider AND outcome = 'refused' AND started_at > taken.since
          AND code IS DISTINCT FROM :ours LIMIT :counted) AS last) AS refused
 CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE outcome = 'uncertain') AS uncertain,
           count(*) FILTER (WHERE outcome = 'not_sent') AS not_sent
      FROM (SELECT outcome FROM attempts
        WHERE provider = p.provider AND outcome IN ('uncertain', 'not_sent')
          AND ended_at > taken.since AND code IS DISTINCT FROM :ours LIMIT :counted) AS last)
   AS doubtful""")
_GATES = text(f"""
SELECT p.provider, coalesce(b.trips, 0) AS trips, b.until AS breaker_until,
       CASE WHEN b.until IS NULL THEN '' ELSE b.reason END AS breaker_reason,
       CASE WHEN s.paused_until > now() THEN s.paused_until END AS paused_until,
       CASE WHEN s.paused_until > now() THEN s.pause_reason ELSE '' END AS pause_reason,
       coalesce({STOPPED.format(provider="p.provider")}, '') AS stopped,
       s.balance, s.balance_currency, s.balance_at, s.synced_at, s.tried_at,
       coalesce(s.sync_error, '') AS sync_error,
       coalesce(o.quarantined, 0) AS quarantined, coalesce(o.waiting, 0) AS waiting
  FROM unnest(CAST(:providers AS text[])) AS p (provider)
  LEFT JOIN provider_states s USING (provider)
  LEFT JOIN breakers b USING (provider)
  LEFT JOIN (SELECT provider, count(*) FILTER (WHERE state = 'quarantined') AS quarantined,
                    count(*) FILTER (WHERE rate_waiting IS NOT NULL AND state <> 'quarantined')
                      AS waiting FROM offers GROUP BY 1) o USING (provider)
 ORDER BY 1""")  # noqa: S608  constants


async def recent(connection: AsyncConnection, providers: Sequence[str]) -> Mapping[str, Recent]:
    """How attempts with these providers ended lately."""
    asked = {
        "providers": list(providers),
        "lately": LATELY,
        "timed": TIMED_MAX,
        "counted": COUNTED_MAX,
        "ours": OURS,
    }
    return {row.provider: Recent(*row) for row in await connection.execute(_ATTEMPTS, asked)}


async def gates(connection: AsyncConnection, providers: Sequence[str]) -> Mapping[str, Gate]:
    """Whether these providers get orders."""
    rows = await connection.execute(_GATES, {"providers": list(providers)})
    return {row.provider: Gate(*row) for row in rows}
