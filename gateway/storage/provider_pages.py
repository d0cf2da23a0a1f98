"""Providers as operators look at them: everything on record beside their document, all at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.storage.offers import STOPPED

WAITING_MAX = 1_000

# the funding accounts have few transfers, of which each names its provider
_FACTS = text(f"""
WITH counted AS (
  SELECT provider, count(*) FILTER (WHERE state = 'listed') AS listed,
         count(*) FILTER (WHERE state = 'quarantined') AS quarantined,
         count(*) FILTER (WHERE state = 'vanished') AS vanished,
         count(*) FILTER (WHERE rate_waiting IS NOT NULL) AS rates_waiting,
         count(*) FILTER (WHERE state = 'quarantined' OR rate_waiting IS NOT NULL) AS waiting
    FROM offers GROUP BY 1),
  funded AS (
  SELECT p.provider, sum(CASE WHEN t.debit_id = p.id THEN t.amount ELSE -t.amount END) AS paid_in
    FROM accounts f JOIN transfers t ON f.id IN (t.debit_id, t.credit_id)
    JOIN accounts p ON p.kind = 'prepaid' AND p.id IN (t.debit_id, t.credit_id)
   WHERE f.kind = 'funding' GROUP BY 1)
SELECT s.provider, s.synced_at, s.tried_at, s.sync_error, s.balance, s.balance_currency,
       s.balance_at, coalesce(f.paid_in, 0) AS paid_in, s.budget, s.repairs,
       coalesce(c.listed, 0) AS listed, coalesce(c.quarantined, 0) AS quarantined,
       coalesce(c.vanished, 0) AS vanished, coalesce(c.rates_waiting, 0) AS rates_waiting,
       coalesce(c.waiting, 0) AS waiting,
       b.trips AS breaker_trips, b.until AS breaker_until,
       CASE WHEN b.until IS NOT NULL THEN b.reason ELSE '' END AS breaker_reason,
       CASE WHEN s.paused_until > now() THEN s.paused_until END AS paused_until,
       CASE WHEN s.paused_until > now() THEN s.pause_reason ELSE '' END AS pause_reason,
       p.stopped_by, p.reason AS stop_reason, p.stopped_at,
       coalesce({STOPPED.format(provider="s.provider")}, '') AS held_back
  FROM (SELECT provider FROM provider_states UNION SELECT provider FROM provider_stops) AS n
  LEFT JOIN provider_states s USING (provider)
  LEFT JOIN counted c USING (provider)
  LEFT JOIN funded f USING (provider)
  LEFT JOIN breakers b USING (provider)
  LEFT JOIN provider_stops p USING (provider)
 WHERE CAST(:provider AS text) IS NULL OR provider = :provider ORDER BY provider""")  # noqa: S608  constants
_WAITING = text("""
SELECT offer, name, state, note, rate, rate_waiting FROM offers
 WHERE provider = :provider AND (state = 'quarantined' OR rate_waiting IS NOT NULL)
 ORDER BY length(offer), offer LIMIT :limit""")
_STOP = text("""
INSERT INTO provider_stops (provider, stopped_by, reason) VALUES (:provider, :by, :reason)
ON CONFLICT DO NOTHING RETURNING provider""")
_RESUME = text(
    "DELETE FROM provider_stops WHERE provider = :provider RETURNING stopped_by, reason, stopped_at"
)
_RELIEVE = text("""
UPDATE provider_states s SET paused_until = NULL
  FROM (SELECT provider, pause_reason, paused_until FROM provider_states
         WHERE provider = :provider AND paused_until > now() FOR UPDATE) AS before
 WHERE s.provider = before.provider RETURNING before.pause_reason, before.paused_until""")


@dataclass(frozen=True, slots=True)
class Halt:
    """Since when an operator, until when the house, keeps a provider from orders; None = not."""

    stopped_at: datetime | None
    paused_until: datetime | None

    def spelled(self) -> str:
        """As the form carries it that ends it, so that it ends nothing else."""
        moments = (self.stopped_at, self.paused_until)
        return " ".join(each.isoformat() if each else "-" for each in moments)


@dataclass(frozen=True, slots=True)
class ProviderFacts:
    """What is on record of a provider. Balance and `paid_in` are in its own currency.

    `paused_until` is an automatic pause, `stopped_by` an operator's, which only an operator ends;
    `breaker_until`: open since its attempts failed; `held_back`: what else stops all sending there.
    `waiting`: offers that want an operator's word, quarantined ones and those whose rate waits.
    `repairs`: what had to be mended in its answers, and how often; `budget`: the pace that it
    taught, in words.
    """

    provider: str
    synced_at: datetime | None
    tried_at: datetime | None
    sync_error: str
    balance: Decimal | None
    balance_currency: str | None
    balance_at: datetime | None
    paid_in: Decimal
    budget: str
    repairs: Mapping[str, int]
    listed: int
    quarantined: int
    vanished: int
    rates_waiting: int
    waiting: int
    breaker_trips: int | None
    breaker_until: datetime | None
    breaker_reason: str
    paused_until: datetime | None
    pause_reason: str
    stopped_by: str | None
    stop_reason: str | None
    stopped_at: datetime | None
    held_back: str

    @property
    def halt(self) -> Halt:
        """What `resume_provider` would end."""
        return Halt(self.stopped_at, self.paused_until)

    @property
    def sends(self) -> bool:
        """Whether orders go there now."""
        shut = (self.breaker_until, self.paused_until, self.stopped_by, self.held_back)
        return not any(shut)


@dataclass(frozen=True, slots=True)
class WaitingOffer:
    """An offer that an operator must agree to: quarantined, or at a rate that waits."""

    offer: str
    name: str
    state: str
    note: str
    rate: Decimal
    rate_waiting: Decimal | None


async def facts(
    connection: AsyncConnection, provider: str | None = None
) -> Mapping[str, ProviderFacts]:
    """Of every provider that anything is on record of, or of this one, by name."""
    found = await connection.execute(_FACTS, {"provider": provider})
    return {row["provider"]: ProviderFacts(**row) for row in found.mappings()}


async def waiting(connection: AsyncConnection, provider: str) -> Sequence[WaitingOffer]:
    """The first thousand offers that wait for an operator."""
    found = await connection.execute(_WAITING, {"provider": provider, "limit": WAITING_MAX})
    return [WaitingOffer(**row) for row in found.mappings()]


async def stop(connection: AsyncConnection, provider: str, by: str, reason: str) -> bool:
    """Send nothing there until an operator says so; whether that is new."""
    row = {"provider": provider, "by": by, "reason": reason}
    return (await connection.execute(_STOP, row)).first() is not None


async def resume(connection: AsyncConnection, provider: str) -> tuple[Halt, Mapping[str, str]]:
    """End an operator's stop, and an automatic pause; what each was for, by name."""
    ended: dict[str, str] = {}
    stopped = (await connection.execute(_RESUME, {"provider": provider})).first()
    if stopped:
        ended |= {"stopped_by": stopped.stopped_by, "reason": stopped.reason}
    paused = (await connection.execute(_RELIEVE, {"provider": provider})).first()
    if paused:
        ended["pause"] = paused.pause_reason
    halt = Halt(stopped.stopped_at if stopped else None, paused.paused_until if paused else None)
    return halt, ended
