"""Attempts in doubt, as they are investigated: what is due, what was found (money.md 4)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.evidence import Suspect, Window
from gateway.domain.orders import State
from gateway.domain.services import ServiceType
from gateway.domain.spans import Span, covers
from gateway.storage.claims import AttemptKey

GUESSED = "guessed"
"""The code of an attempt whose id was found by its cost, and says nothing of when it was sent."""
SUSPECTS_MAX = 2_000
FIRST_LOOK_SECONDS = 20
AT_ONCE_SECONDS = 60
"""So soon after it was sent almost all that is executed has its id."""
WATCH_DAYS = 30
LATE_DAYS = 7
"""So long after an attempt was disproved an order of its cost may still turn out to be it."""
LATE_AGAIN = timedelta(hours=1)
ATTEMPT_SECONDS_MAX = 400
"""An attempt ends within this after it began: until then a worker's lease holds."""

_KNOWN_FOR_SURE = f"AND b.code IS DISTINCT FROM '{GUESSED}'"
# of a window's neighbours the nearest few are enough; as many as may be under way at once are seen
_LOW = f"""
       (SELECT max(CAST(n.provider_order AS bigint)) FROM (
          SELECT s.provider_order FROM (
            SELECT b.provider_order, b.started_at, b.ended_at FROM attempts b
             WHERE b.provider = :provider AND b.outcome = 'accepted' AND b.started_at < d.started_at
               {_KNOWN_FOR_SURE}
             ORDER BY b.started_at DESC LIMIT 100) s
           WHERE s.ended_at < d.started_at ORDER BY s.started_at DESC LIMIT 10) n
         WHERE n.provider_order ~ '^[0-9]{{1,18}}$') AS low"""  # noqa: S608  constants
_IN_DOUBT = """
  SELECT a.*, coalesce(a.ended_at, now()) AS done_at FROM attempts a
   WHERE a.provider = :provider AND (a.outcome = 'open' OR a.outcome = 'uncertain'
     AND a.ended_at > now() - make_interval(days => :watch_days))"""
# when one that was given its id later had ended is forgotten: within this time of its beginning
_GIVEN_IDS = f"""
  SELECT a.*, least(a.ended_at, a.started_at + interval '{ATTEMPT_SECONDS_MAX} s') AS done_at
    FROM attempts a JOIN investigations j ON (j.order_id, j.number) = (a.order_id, a.number)
   WHERE a.provider = :provider AND a.outcome = 'accepted' AND j.evidence ->> 'rule' <> 'R2'
     AND a.order_id IN (SELECT x.order_id FROM discrepancies x WHERE x.provider = :provider
       AND x.class = 'D5' AND x.opened_at > now() - make_interval(days => :watch_days))"""  # noqa: S608  constants
_WINDOWS = f"""
WITH doubtful AS (<which>)
SELECT d.order_id, d.number, d.run, d.cost, d.outcome, o.state, o.kind, o.runs, o.self_run,
       o.quantity,
       o.customer_id, d.reason, now() - d.done_at AS age,
       d.done_at + make_interval(secs => :late_seconds) < now() AS ripe,
       coalesce(i.tries, 0) AS tries, d.outcome = 'uncertain' AND CASE WHEN i.order_id IS NULL
         THEN d.ended_at + make_interval(secs => :first_look_seconds) <= now()
         ELSE i.next_at <= now() END IS TRUE AS due,{_LOW},
       (SELECT min(CAST(n.provider_order AS bigint)) FROM (
          SELECT b.provider_order FROM attempts b
           WHERE b.provider = :provider AND b.outcome = 'accepted'
             AND b.started_at > d.done_at + make_interval(secs => :late_seconds) {_KNOWN_FOR_SURE}
           ORDER BY b.started_at LIMIT 10) n
         WHERE n.provider_order ~ '^[0-9]{{1,18}}$') AS high,
       (SELECT min(CAST(n.provider_order AS bigint)) FROM (
          SELECT b.provider_order FROM attempts b
           WHERE b.provider = :provider AND b.outcome = 'accepted'
             AND b.started_at > d.started_at + make_interval(secs => :at_once_seconds)
             {_KNOWN_FOR_SURE}
           ORDER BY b.started_at LIMIT 10) n
         WHERE n.provider_order ~ '^[0-9]{{1,18}}$') AS soon
  FROM doubtful d JOIN orders o ON o.id = d.order_id
  LEFT JOIN investigations i ON (i.order_id, i.number) = (d.order_id, d.number)
 ORDER BY d.started_at, d.order_id LIMIT :limit"""  # noqa: S608  constants
_SUSPECTS = text(_WINDOWS.replace("<which>", _IN_DOUBT))
_GUESSED = text(_WINDOWS.replace("<which>", _GIVEN_IDS))
# what a restored backup has forgotten was executed as well, and for others
_REMEMBERED = """
  > coalesce((SELECT max(coalesce(r.released_at, 'infinity')) FROM restorations r), '-infinity')"""
# all fall due together, by the hour: each look asks for every id since, whosever it may be
_WATCH = text(f"""
WITH due AS (
  UPDATE investigations i SET next_at = CASE WHEN i.evidence ->> 'rule' = 'R2' AND a.run = 1
      AND a.ended_at > now() - make_interval(days => :late_days) AND a.started_at {_REMEMBERED}
      THEN date_trunc('hour', now()) + interval '1 hour' END
    FROM attempts a
   WHERE i.provider = :provider AND i.next_at <= now() AND a.outcome = 'disproved'
     AND (a.order_id, a.number) = (i.order_id, i.number)
  RETURNING a.started_at, i.next_at),
  oldest AS (SELECT min(started_at) AS started_at FROM due WHERE next_at IS NOT NULL)
SELECT {_LOW} FROM oldest d""")  # noqa: S608  constants
_WATCHED = text(f"""
SELECT d.order_id, d.number, d.run, d.cost, d.outcome, o.state, o.kind, o.runs, o.self_run,
       o.quantity, now() - d.ended_at AS age, true AS ripe, i.tries, false AS due,{_LOW},
       CAST(NULL AS bigint) AS high, CAST(NULL AS bigint) AS soon
  FROM investigations i JOIN attempts d ON (d.order_id, d.number) = (i.order_id, i.number)
  JOIN orders o ON o.id = d.order_id
 WHERE i.provider = :provider AND i.next_at IS NOT NULL AND i.evidence ->> 'rule' = 'R2'
   AND d.outcome = 'disproved' AND d.run = 1 AND o.state = 'failed' AND d.cost >= :least
   AND d.started_at {_REMEMBERED}
 ORDER BY d.started_at DESC, d.order_id DESC LIMIT :limit""")  # noqa: S608  constants
# orders that were executed late, but in time, and none that was too late
_SLOW = text("""
SELECT EXISTS (SELECT FROM investigations i WHERE i.provider = :provider
    AND i.evidence ->> 'late' IS NOT NULL
    AND i.looked_at > now() - make_interval(days => :watch_days))
  AND NOT EXISTS (SELECT FROM provider_states s WHERE s.provider = :provider
    AND s.calibrated_since > now() - make_interval(days => :watch_days))""")
_LEASE = text("""
INSERT INTO investigations (order_id, number, provider, next_at)
SELECT order_id, number, :provider, now() + make_interval(secs => :seconds)
  FROM unnest(CAST(:orders AS bigint[]), CAST(:numbers AS integer[])) AS due (order_id, number)
ON CONFLICT (order_id, number) DO UPDATE SET next_at = excluded.next_at
 WHERE investigations.next_at <= now()
RETURNING order_id""")
_SAVE = text("""
INSERT INTO investigations (order_id, number, provider, tries, next_at, evidence, recommendation,
  looked_at)
SELECT r.order_id, r.number, :provider, 1, now() + make_interval(secs => r.seconds), r.evidence,
       r.recommendation, now()
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (order_id bigint, number integer,
    seconds integer, evidence jsonb, recommendation text)
ON CONFLICT (order_id, number) DO UPDATE SET tries = investigations.tries + 1,
  next_at = excluded.next_at, evidence = excluded.evidence,
  recommendation = excluded.recommendation, looked_at = excluded.looked_at""")
_PROVIDER_LOCK = text("SELECT pg_advisory_xact_lock(:lock, hashtext(:provider))")
LOCK_CLASS = 0x67617465 + 1


@dataclass(frozen=True, slots=True)
class Doubtful:
    """An attempt in doubt (or open: being sent) and what its story so far tells.

    `soon`: the id of an add that began a minute after it. `age`: since it ended here. `ripe`: it
    cannot be executed any more. The window is by the ids of its neighbours that were answered.
    """

    key: AttemptKey
    state: State
    cost: Decimal
    quantity: int
    exact: bool
    window: Window
    soon: int | None
    age: timedelta
    ripe: bool
    due: bool
    tries: int
    being_sent: bool

    def suspect(self, covered: Sequence[Span]) -> Suspect:
        """As it is judged, given the ids that were asked for."""
        low, high = self.window.low, self.window.high
        bounded = low is not None and high is not None
        inside = Span((low or 0) + 1, (high or 0) - 1)
        return Suspect(
            order=self.key.order,
            number=self.key.number,
            run=self.key.run,
            state=self.state,
            cost=self.cost,
            quantity=self.quantity,
            exact=self.exact,
            window=self.window,
            soon=self.soon,
            ripe=self.ripe,
            covered=bounded and covers(covered, inside),
        )


@dataclass(frozen=True, slots=True)
class Found:
    """What a look found for one attempt; `again` None: it is not looked at any more."""

    key: AttemptKey
    again: timedelta | None
    recommendation: str = ""
    evidence: dict[str, Any] = field(default_factory=dict[str, Any])


async def suspects(connection: AsyncConnection, provider: str, late_seconds: int) -> list[Doubtful]:
    """All attempts of a provider that are open or in doubt, oldest first, at most 2,000."""
    return await _windows(connection, _SUSPECTS, provider, late_seconds)


async def guessed(connection: AsyncConnection, provider: str, late_seconds: int) -> list[Doubtful]:
    """Those that were refunded unproven and found to be accepted since, by their cost alone."""
    return await _windows(connection, _GUESSED, provider, late_seconds)


async def _windows(
    connection: AsyncConnection, which: TextClause, provider: str, late_seconds: int
) -> list[Doubtful]:
    asked = {
        "provider": provider,
        "late_seconds": late_seconds,
        "first_look_seconds": FIRST_LOOK_SECONDS,
        "watch_days": WATCH_DAYS,
        "at_once_seconds": AT_ONCE_SECONDS,
        "limit": SUSPECTS_MAX,
    }
    return [_doubtful(row) for row in await connection.execute(which, asked)]


async def watch(connection: AsyncConnection, provider: str) -> int | None:
    """Take those that were disproved lately for one look; the id below all of theirs.

    None: nothing is due, or no id is known from before. What was found out about them stays.
    """
    asked = {"provider": provider, "late_days": LATE_DAYS}
    low: int | None = (await connection.execute(_WATCH, asked)).scalar_one()
    return low


async def watched(connection: AsyncConnection, provider: str, least: Decimal) -> list[Doubtful]:
    """Attempts of that cost or more whose orders failed as they were disproved, latest first.

    At most 2,000. Their windows are open above: they may be executed whenever.
    """
    asked = {"provider": provider, "least": least, "limit": SUSPECTS_MAX}
    return [_doubtful(row) for row in await connection.execute(_WATCHED, asked)]


async def is_slow(connection: AsyncConnection, provider: str) -> bool:
    """Whether within 30 days some were executed late there, and none too late."""
    asked = {"provider": provider, "watch_days": WATCH_DAYS}
    return bool((await connection.execute(_SLOW, asked)).scalar())


async def lease(
    connection: AsyncConnection, provider: str, due: Sequence[AttemptKey], seconds: int
) -> bool:
    """Take due attempts for one round, so that no other worker asks the same; whether any were."""
    asked = {
        "provider": provider,
        "orders": [key.order for key in due],
        "numbers": [key.number for key in due],
        "seconds": seconds,
    }
    return bool((await connection.execute(_LEASE, asked)).all())


async def save(connection: AsyncConnection, provider: str, found: Sequence[Found]) -> None:
    """Write down what a look found, and when to look again."""
    if not found:
        return
    rows = [
        {
            "order_id": each.key.order,
            "number": each.key.number,
            "seconds": None if each.again is None else each.again // timedelta(seconds=1),
            "evidence": each.evidence,
            "recommendation": each.recommendation[:500],
        }
        for each in found
    ]
    await connection.execute(_SAVE, {"provider": provider, "rows": json.dumps(rows)})


async def alone(connection: AsyncConnection, provider: str) -> None:
    """Until the transaction ends nobody else judges this provider's orders."""
    await connection.execute(_PROVIDER_LOCK, {"lock": LOCK_CLASS, "provider": provider})


def _doubtful(row: Row[Any]) -> Doubtful:
    sent = row.outcome == "open"
    drips = row.runs is not None and not row.self_run
    return Doubtful(
        key=AttemptKey(row.order_id, row.number, row.run),
        state=State.SENDING if sent else State(row.state),
        cost=row.cost,
        quantity=row.quantity,
        exact=not drips and ServiceType(row.kind) is not ServiceType.SUBSCRIPTIONS,
        window=Window(row.low, row.high),
        soon=row.soon,
        age=row.age,
        ripe=row.ripe and not sent,
        due=row.due,
        tries=row.tries,
        being_sent=sent,
    )
