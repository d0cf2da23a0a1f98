"""Breakers of providers: one row for each that ever opened, the same for all workers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain import breaker as rules
from gateway.domain.breaker import Breaker, Recent, Trip
from gateway.domain.outcomes import Outcome
from gateway.storage.offers import PAUSED

_MINE = """
SELECT trips, until - now() AS left, reason FROM breakers WHERE provider = :provider
  FOR UPDATE"""
_LOCK = text(_MINE)
# asked at each claim, so all at once
_GATE = text(f"""
WITH mine AS ({_MINE})
SELECT {PAUSED} AS paused, m.trips, m.left, m.reason,
       s.provider AS shut, s.until - now() AS shut_for
  FROM (VALUES (true)) AS one LEFT JOIN mine m ON true
  LEFT JOIN breakers s ON s.until > now()""")  # noqa: S608  constants
_RECENT = text("""
SELECT count(*) FILTER (WHERE outcome = 'uncertain' AND lately) AS uncertain,
       count(*) FILTER (WHERE outcome = 'not_sent' AND lately) AS not_sent,
       count(*) FILTER (WHERE outcome = 'uncertain' AND state = 'unconfirmed') AS unresolved
  FROM (SELECT a.outcome, o.state, a.ended_at > now() - CAST(:window AS interval) AS lately
          FROM attempts a JOIN orders o ON o.id = a.order_id
          LEFT JOIN breakers b ON b.provider = a.provider
         WHERE a.provider = :provider AND a.outcome IN ('uncertain', 'not_sent')
           AND a.ended_at > greatest(b.closed_at, now() - interval '1 day')
           AND a.code IS DISTINCT FROM :ours) AS doubtful""")
_UNDER_WAY = text("""
SELECT count(*) FROM attempts WHERE outcome = 'open' AND provider = :provider""")
# one that takes orders meanwhile is only slow with some of them
_SILENT = text("""
SELECT o.provider
  FROM (SELECT provider, min(started_at) AS first FROM attempts
         WHERE outcome = 'open' AND started_at < now() - CAST(:silent AS interval)
         GROUP BY provider HAVING count(*) >= :most) AS o
  LEFT JOIN breakers b ON b.provider = o.provider
 WHERE b.until IS NULL AND NOT EXISTS (SELECT FROM attempts a
   WHERE a.provider = o.provider AND a.started_at >= o.first AND a.outcome = 'accepted')
 ORDER BY o.provider""")
_TRIP = text("""
INSERT INTO breakers (provider, trips, until, reason)
VALUES (:provider, :trips, now() + CAST(:pause AS interval), :reason)
ON CONFLICT (provider) DO UPDATE SET trips = excluded.trips, until = excluded.until,
  reason = excluded.reason""")
_CLOSE = text("""
UPDATE breakers SET trips = 0, until = NULL, closed_at = now() WHERE provider = :provider""")
_SHUT = text("""
SELECT provider, until - now() AS left FROM breakers WHERE until > now()""")


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether orders may begin at a provider, and behind whose open breakers others stand.

    `limit`: so many of those that were asked for. `shut`: for how long nothing goes there.
    """

    limit: int
    shut: dict[str, timedelta]


async def gate(connection: AsyncConnection, provider: str, limit: int) -> Gate:
    """How many orders of `limit` may begin; of two workers that ask one waits for the other."""
    found = (await connection.execute(_GATE, {"provider": provider})).all()
    mine = found[0]
    shut = {row.shut: row.shut_for for row in found if row.shut is not None}
    if mine.paused or mine.left is None:
        return Gate(0 if mine.paused else limit, shut)
    under_way = await connection.execute(_UNDER_WAY, {"provider": provider})
    return Gate(rules.allowed(_breaker(mine), limit, under_way.scalar_one()), shut)


async def heed(connection: AsyncConnection, ended: Sequence[tuple[str, Outcome]]) -> None:
    """Open or close breakers of providers by how attempts with them have just ended."""
    outcomes: dict[str, set[Outcome]] = {}
    for provider, outcome in ended:
        outcomes.setdefault(provider, set()).add(outcome)
    for provider in sorted(outcomes):
        breaker = await _lock(connection, provider)
        recent = await _recent(connection, provider, breaker, outcomes[provider])
        then = rules.heed(breaker, recent, outcomes[provider])
        if isinstance(then, Trip):
            await _open(connection, provider, then)
        elif then is not None:
            await connection.execute(_CLOSE, {"provider": provider})


async def silent(connection: AsyncConnection) -> Sequence[str]:
    """The providers that answer nothing, and whose breaker does not know it yet."""
    asked = {"silent": rules.SILENT, "most": rules.SILENT_MAX}
    return (await connection.execute(_SILENT, asked)).scalars().all()


async def hush(connection: AsyncConnection, providers: Collection[str]) -> None:
    """Open the breakers of providers that answer nothing."""
    for provider in sorted(providers):
        then = rules.hush(await _lock(connection, provider))
        if then is not None:
            await _open(connection, provider, then)


async def _recent(
    connection: AsyncConnection, provider: str, breaker: Breaker, ended: Collection[Outcome]
) -> Recent:
    """Counted only where it matters: most attempts end well, and with a closed breaker."""
    if breaker.left is not None or rules.DOUBTFUL.isdisjoint(ended):
        return Recent()
    asked = {"provider": provider, "window": rules.WINDOW, "ours": rules.OURS}
    return Recent(**(await connection.execute(_RECENT, asked)).mappings().one())


async def shut(connection: AsyncConnection) -> dict[str, timedelta]:
    """The providers behind an open breaker, and how long each gets no orders at all."""
    return {row.provider: row.left for row in await connection.execute(_SHUT)}


async def _open(connection: AsyncConnection, provider: str, trip: Trip) -> None:
    opened = {"trips": trip.trips, "pause": trip.pause, "reason": trip.reason}
    await connection.execute(_TRIP, {"provider": provider, **opened})


async def _lock(connection: AsyncConnection, provider: str) -> Breaker:
    row = (await connection.execute(_LOCK, {"provider": provider})).first()
    return _breaker(row) if row else Breaker()


def _breaker(row: Row[Any]) -> Breaker:
    return Breaker(row.trips, row.left, row.reason == rules.SILENCE)
