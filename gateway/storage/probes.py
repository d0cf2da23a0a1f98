"""What is known of a provider's ids: samples of normal traffic, ids asked for, orphans found."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.evidence import Control, Orphan, Sample
from gateway.domain.observations import Word
from gateway.domain.spans import Span, merged
from gateway.storage.claims import AttemptKey
from gateway.storage.investigations import GUESSED

SAMPLES_MAX = 500
CONTROLS_MAX = 3
CONTROLS_AMONG = 50
ORPHANS_MAX = 2_000
REMAINS_BELOW = 10**18

_SAMPLES = text("""
SELECT CASE WHEN a.provider_order ~ '^[0-9]{1,18}$' THEN a.provider_order::bigint END AS number,
       a.started_at, a.ended_at
  FROM attempts a LEFT JOIN provider_states s ON s.provider = a.provider
 WHERE a.provider = :provider AND a.outcome = 'accepted'
   AND a.code IS DISTINCT FROM :guessed
   AND (CAST(:ever AS boolean) OR a.started_at > coalesce(s.calibrated_since, '-infinity'))
 ORDER BY a.started_at DESC LIMIT :limit""")
_NOW = text("SELECT now()")
_CONTROLS = text("""
SELECT provider_order, cost FROM (
SELECT a.provider_order, a.cost FROM attempts a JOIN orders o ON o.id = a.order_id
 WHERE a.provider = :provider AND a.outcome = 'accepted' AND a.run = 1
   AND a.provider_order ~ '^[0-9]{1,18}$' AND o.runs IS NULL AND o.kind <> 'Subscriptions'
   AND o.state IN ('active', 'completed')
 ORDER BY a.started_at DESC LIMIT :latest) AS lately
 ORDER BY scale(trim_scale(cost)) DESC, provider_order DESC LIMIT :limit""")
_COVERED = text("""
SELECT low, high FROM probes WHERE provider = :provider AND high >= :low ORDER BY low""")
_FORGET = text("""
DELETE FROM probes WHERE provider = :provider AND high >= :low - 1 AND low <= :high + 1
RETURNING low, high""")
_COVER = text("INSERT INTO probes (provider, low, high) VALUES (:provider, :low, :high)")
_NOTE = text("""
INSERT INTO foreign_orders (provider, number, charge, word, remains)
VALUES (:provider, :number, :charge, :word, :remains)
ON CONFLICT (provider, number) DO NOTHING""")
_ORPHANS = text("""
SELECT f.number, f.charge, f.word, f.remains FROM foreign_orders f
 WHERE f.provider = :provider AND f.number >= :low
   AND NOT EXISTS (SELECT FROM attempts a
     WHERE (a.provider, a.provider_order) = (f.provider, f.number::text))
   AND NOT EXISTS (SELECT FROM order_parts p
     WHERE (p.provider, p.provider_order) = (f.provider, f.number::text))
 ORDER BY f.number LIMIT :limit""")
_KNOWN = text("""
SELECT CAST(provider_order AS bigint) AS number FROM (
  SELECT provider_order FROM attempts WHERE provider = :provider AND provider_order = ANY (:ids)
  UNION ALL
  SELECT provider_order FROM order_parts WHERE provider = :provider AND provider_order = ANY (:ids)
) AS ours""")
_WITHDRAW = text("""
UPDATE provider_states SET calibrated_since = now() WHERE provider = :provider AND EXISTS (
  SELECT FROM investigations i WHERE (i.order_id, i.number) = (:order, :number)
     AND i.evidence ->> 'rule' = 'R2')""")


async def samples(
    connection: AsyncConnection, provider: str, *, ever: bool = False
) -> list[Sample]:
    """The last adds whose ids are known for sure, at most 500, newest first.

    `ever`: those as well from before the provider's trust was withdrawn.
    """
    asked = {"provider": provider, "ever": ever, "limit": SAMPLES_MAX, "guessed": GUESSED}
    found = await connection.execute(_SAMPLES, asked)
    return [Sample(row.number, row.started_at, row.ended_at) for row in found]


async def clock(connection: AsyncConnection) -> datetime:
    """What time it is, by the clock that all of this is told by."""
    now: datetime = (await connection.execute(_NOW)).scalar_one()
    return now


async def controls(connection: AsyncConnection, provider: str) -> list[Control]:
    """A few late orders of ours whose charge is known, those with the most decimals."""
    asked = {"provider": provider, "limit": CONTROLS_MAX, "latest": CONTROLS_AMONG}
    found = await connection.execute(_CONTROLS, asked)
    return [Control(row.provider_order, row.cost) for row in found]


async def covered(connection: AsyncConnection, provider: str, low: int) -> list[Span]:
    """The ids from `low` on that were asked for."""
    found = await connection.execute(_COVERED, {"provider": provider, "low": low})
    return [Span(row.low, row.high) for row in found]


async def cover(connection: AsyncConnection, provider: str, spans: Sequence[Span]) -> None:
    """Remember that each id of these spans was asked for, after it had been given away."""
    for span in spans:
        asked = {"provider": provider, "low": span.low, "high": span.high}
        beside = [Span(row.low, row.high) for row in await connection.execute(_FORGET, asked)]
        for whole in merged([span, *beside]):
            await connection.execute(
                _COVER, {"provider": provider, "low": whole.low, "high": whole.high}
            )


async def known(connection: AsyncConnection, provider: str, spans: Sequence[Span]) -> set[int]:
    """The ids within some spans that are orders of ours, or parts of them."""
    ids = [str(number) for span in spans for number in range(span.low, span.high + 1)]
    if not ids:
        return set()
    found = await connection.execute(_KNOWN, {"provider": provider, "ids": ids})
    return set(found.scalars())


async def note(connection: AsyncConnection, provider: str, orphans: Sequence[Orphan]) -> None:
    """Remember orders that the provider shows and that are not known here, as they were first."""
    rows = [
        {
            "provider": provider,
            "number": each.number,
            "charge": None if each.charge is None or _beyond(each.charge) else each.charge,
            "word": each.word or "",
            "remains": each.remains if abs(each.remains or 0) < REMAINS_BELOW else None,
        }
        for each in orphans
    ]
    if rows:
        await connection.execute(_NOTE, rows)


async def orphans(connection: AsyncConnection, provider: str, low: int) -> list[Orphan]:
    """Those found from `low` on that are still not known, at most 2,000."""
    found = await connection.execute(
        _ORPHANS, {"provider": provider, "low": low, "limit": ORPHANS_MAX}
    )
    return [
        Orphan(row.number, row.charge, Word(row.word) if row.word else None, row.remains)
        for row in found
    ]


async def withdraw(connection: AsyncConnection, provider: str, key: AttemptKey) -> None:
    """If it was by ids that an attempt was disproved, which was accepted, they prove nothing now.

    They must earn that anew (T14).
    """
    asked = {"provider": provider, "order": key.order, "number": key.number}
    await connection.execute(_WITHDRAW, asked)


def _beyond(charge: Decimal) -> bool:
    return not Decimal(0) <= charge < Decimal(10) ** 26
