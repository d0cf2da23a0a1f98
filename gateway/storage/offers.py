"""Offers as they are recorded: the provider's list, its standing here, and when it was read."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.catalog import Listing, Offer, OfferRef, OfferState
from gateway.domain.syncing import Change, Known
from gateway.storage.restored import CLUSTER

_COLUMNS = """provider, offer, name, category, kind, description, rate, quantity_min, quantity_max,
  drip_feed, refill, cancel, state, note, seen_at, rate_waiting"""
_LOAD = text(f"SELECT {_COLUMNS} FROM offers WHERE provider = ANY (:providers)")  # noqa: S608  a constant
_SAVE = text("""
INSERT INTO offers (provider, offer, name, category, kind, description, rate, quantity_min,
  quantity_max, drip_feed, refill, cancel, state, note, rate_waiting)
SELECT :provider, * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (offer text, name text,
  category text, kind text, description text, rate numeric, quantity_min bigint,
  quantity_max bigint, drip_feed boolean, refill boolean, cancel boolean, state text, note text,
  rate_waiting numeric)
ON CONFLICT (provider, offer) DO UPDATE SET name = excluded.name, category = excluded.category,
  kind = excluded.kind, description = excluded.description, rate = excluded.rate,
  quantity_min = excluded.quantity_min, quantity_max = excluded.quantity_max,
  drip_feed = excluded.drip_feed, refill = excluded.refill, cancel = excluded.cancel,
  state = excluded.state, rate_waiting = excluded.rate_waiting,
  note = CASE WHEN excluded.note = '' AND excluded.state = 'quarantined' THEN offers.note
         ELSE excluded.note END""")
_RATES = text("""
INSERT INTO rate_changes (provider, offer, name, old, new)
SELECT o.provider, o.offer, r.name, o.rate, r.rate
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (offer text, name text, rate numeric)
  JOIN offers o ON o.provider = :provider AND o.offer = r.offer AND o.rate <> r.rate""")
_SEEN = text("""
UPDATE offers SET seen_at = now() WHERE provider = :provider AND offer = ANY (:offers)""")
_STATE = text("""
INSERT INTO provider_states (provider, offers_version, synced_at, tried_at, sync_error)
VALUES (:provider, :step, CASE WHEN :well THEN now() END, now(), :error)
ON CONFLICT (provider) DO UPDATE SET
  offers_version = provider_states.offers_version + :step,
  synced_at = CASE WHEN :well THEN now() ELSE provider_states.synced_at END,
  tried_at = now(), sync_error = :error""")
_AGREE = text("""
WITH waited AS (
    SELECT offer, name, rate AS old, coalesce(rate_waiting, rate) AS new FROM offers
     WHERE provider = :provider AND offer = ANY (:offers)
       AND (state = 'quarantined' OR rate_waiting IS NOT NULL) ORDER BY offer FOR UPDATE),
  noted AS (
    INSERT INTO rate_changes (provider, offer, name, old, new)
    SELECT :provider, offer, name, old, new FROM waited WHERE old <> new)
UPDATE offers o SET state = CASE state WHEN 'quarantined' THEN 'listed' ELSE state END, note = '',
       rate = w.new, rate_waiting = NULL, agreed_at = now()
  FROM waited w WHERE o.provider = :provider AND o.offer = w.offer RETURNING o.offer""")
_QUARANTINE = text("""
UPDATE offers o SET state = 'quarantined', note = r.note
  FROM unnest(CAST(:offers AS text[]), CAST(:notes AS text[])) AS r (offer, note)
 WHERE o.provider = :provider AND o.offer = r.offer AND o.state = 'listed'""")
_STEP = text("""
UPDATE provider_states SET offers_version = offers_version + 1 WHERE provider = :provider""")
_PAUSE = text("""
INSERT INTO provider_states (provider, paused_until, pause_reason)
VALUES (:provider, now() + make_interval(secs => :seconds), :reason)
ON CONFLICT (provider) DO UPDATE SET paused_until = excluded.paused_until,
  pause_reason = excluded.pause_reason""")
_TRIED = text("""
SELECT tried_at > now() - make_interval(secs => :seconds) FROM provider_states
 WHERE provider = :provider""")
# what only an operator may let go on, and our own bugs, which stop all that is sent (money.md 7)
STOPPED = """(SELECT d.class || ': ' || d.note FROM discrepancies d WHERE d.closed_at IS NULL AND (
    d.class = 'D9' AND d.provider = {provider} AND d.order_id IS NULL OR d.class = 'D11'
    OR d.class = 'D12' AND d.provider NOT LIKE 'customer:%')
  UNION ALL SELECT reason FROM restorations WHERE released_at IS NULL LIMIT 1)"""
"""Why nothing may be sent to a provider before a person says so; null = it may."""
PAUSED = f"""(
       EXISTS (SELECT FROM provider_states WHERE provider = :provider AND paused_until > now())
    OR EXISTS (SELECT FROM provider_stops WHERE provider = :provider)
    OR {STOPPED.format(provider=":provider")} IS NOT NULL
    OR EXISTS (SELECT FROM installation WHERE cluster NOT IN ('', {CLUSTER})))"""  # noqa: S608  constants
"""Whether nothing may be sent to a `:provider` now."""
_BALANCE = text("""
INSERT INTO provider_states (provider, balance, balance_currency, balance_at)
VALUES (:provider, :amount, :currency, now())
ON CONFLICT (provider) DO UPDATE SET balance = excluded.balance,
  balance_currency = excluded.balance_currency, balance_at = excluded.balance_at""")
_LEARNED = text("""
UPDATE provider_states SET budget = coalesce(CAST(:budget AS text), budget), repairs = (
  SELECT coalesce(jsonb_object_agg(name, times), '{}') FROM (
    SELECT each.key AS name, sum(each.value::bigint) AS times
      FROM (SELECT * FROM jsonb_each_text(repairs) UNION ALL
            SELECT * FROM jsonb_each_text(CAST(:repairs AS jsonb))) AS each GROUP BY 1) AS summed)
 WHERE provider = :provider""")
_STATES = text(f"""
SELECT s.provider, s.offers_version, s.synced_at, s.sync_error, s.balance, s.balance_at,
       coalesce(x.reason, p.stopped_by || ': ' || p.reason, b.reason, s.pause_reason)
         AS pause_reason, s.repairs, s.budget,
       coalesce(s.paused_until > now(), false) OR b.provider IS NOT NULL
         OR p.provider IS NOT NULL OR x.reason IS NOT NULL AS paused,
       (SELECT count(*) FROM offers o WHERE o.provider = s.provider AND o.state = 'listed')
         AS listed,
       (SELECT count(*) FROM offers o WHERE o.provider = s.provider AND o.state = 'quarantined')
         AS quarantined,
       (SELECT coalesce(string_agg(w.offer || ': ' || w.note, ', '), '') FROM (
          SELECT o.offer, o.note FROM offers o WHERE o.provider = s.provider
             AND (o.state = 'quarantined' OR o.rate_waiting IS NOT NULL)
           ORDER BY length(o.offer), o.offer LIMIT 5) AS w) AS waiting
  FROM provider_states s
  LEFT JOIN breakers b ON b.provider = s.provider AND b.until IS NOT NULL
  LEFT JOIN provider_stops p ON p.provider = s.provider
  CROSS JOIN LATERAL (SELECT {STOPPED.format(provider="s.provider")} AS reason) x
 ORDER BY 1""")  # noqa: S608  constants


@dataclass(frozen=True, slots=True)
class ProviderState:
    """What is known of a provider besides its document. The balance is in its own currency.

    `repairs`: what had to be mended in its answers to be read, and how often; `budget`: the pace
    of calls that it takes, in words; `waiting`: the first offers that wait for an operator, and
    why.
    """

    provider: str
    offers_version: int
    synced_at: datetime | None
    sync_error: str
    balance: Decimal | None
    balance_at: datetime | None
    paused: bool
    pause_reason: str
    repairs: Mapping[str, int]
    budget: str
    listed: int
    quarantined: int
    waiting: str = ""


async def versions(connection: AsyncConnection) -> dict[str, int]:
    """The version of each provider's offers; it rises with every change."""
    found = await connection.execute(text("SELECT provider, offers_version FROM provider_states"))
    return {row.provider: row.offers_version for row in found}


async def load(connection: AsyncConnection, providers: Sequence[str]) -> list[Offer]:
    """All recorded offers of some providers, whatever their standing."""
    found = await connection.execute(_LOAD, {"providers": list(providers)})
    return [read_row(row) for row in found]


async def known(connection: AsyncConnection, provider: str) -> dict[str, Known]:
    """A provider's offers, for comparing with its new list."""
    found = await connection.execute(_LOAD, {"providers": [provider]})
    return {
        row.offer: Known(read_row(row).listing, OfferState(row.state), row.rate_waiting)
        for row in found
    }


async def save_sync(
    connection: AsyncConnection,
    provider: str,
    changes: Sequence[Change],
    present: Sequence[str],
    note: str,
) -> None:
    """Record a list that was read well; the version moves on only when something changed."""
    if changes:
        rows = json.dumps([_row(change) for change in changes])
        for statement in (_RATES, _SAVE):
            await connection.execute(statement, {"provider": provider, "rows": rows})
    await connection.execute(_SEEN, {"provider": provider, "offers": list(present)})
    step = 1 if changes else 0
    await connection.execute(
        _STATE, {"provider": provider, "step": step, "well": True, "error": note}
    )


async def save_failure(connection: AsyncConnection, provider: str, error: str) -> None:
    """Record that a list could not be read; the offers stay as they are."""
    await connection.execute(
        _STATE, {"provider": provider, "step": 0, "well": False, "error": error[:500]}
    )


async def quarantine(connection: AsyncConnection, provider: str, notes: Mapping[str, str]) -> None:
    """Sell these offers no more until an operator agrees; by their ids, why."""
    if notes:
        rows = {"offers": list(notes), "notes": [note[:500] for note in notes.values()]}
        await connection.execute(_QUARANTINE, {"provider": provider, **rows})
        await connection.execute(_STEP, {"provider": provider})


async def agree(connection: AsyncConnection, provider: str, offers: Sequence[str]) -> list[str]:
    """Sell offers again as what they are now, at the rate that waits for this; which ones did."""
    found = await connection.execute(_AGREE, {"provider": provider, "offers": list(offers)})
    agreed = list(found.scalars())
    if agreed:
        await connection.execute(_STEP, {"provider": provider})
    return agreed


async def pause(connection: AsyncConnection, provider: str, reason: str, seconds: int) -> None:
    """Send nothing to a provider for a while."""
    await connection.execute(
        _PAUSE, {"provider": provider, "reason": reason[:200], "seconds": seconds}
    )


async def tried_within(connection: AsyncConnection, provider: str, seconds: int) -> bool:
    """Whether a provider's list was asked for lately."""
    found = await connection.execute(_TRIED, {"provider": provider, "seconds": seconds})
    return bool(found.scalar())


async def save_balance(
    connection: AsyncConnection, provider: str, amount: Decimal, currency: str
) -> None:
    """Record what a provider says that we have left there."""
    await connection.execute(
        _BALANCE, {"provider": provider, "amount": amount, "currency": currency}
    )


async def save_learned(
    connection: AsyncConnection, provider: str, repairs: Mapping[str, int], budget: str | None
) -> None:
    """Add to what was mended in a provider's answers; None leaves what is known of its pace."""
    counts = json.dumps(dict(repairs))
    await connection.execute(
        _LEARNED, {"provider": provider, "repairs": counts, "budget": budget and budget[:500]}
    )


async def states(connection: AsyncConnection) -> Mapping[str, ProviderState]:
    """Every provider that was ever synced, by its name."""
    found = (await connection.execute(_STATES)).mappings()
    return {row["provider"]: ProviderState(**row) for row in found}


def read_row(row: Row[Any]) -> Offer:
    """An offer from its row."""
    listing = Listing(
        offer=row.offer,
        name=row.name,
        category=row.category,
        kind_word=row.kind,
        rate=row.rate,
        quantity_min=row.quantity_min,
        quantity_max=row.quantity_max,
        drip_feed=row.drip_feed,
        refill=row.refill,
        cancel=row.cancel,
        description=row.description,
    )
    return Offer(OfferRef(row.provider, row.offer), listing, OfferState(row.state), row.seen_at)


def _row(change: Change) -> dict[str, Any]:
    listing = change.listing
    return {
        "offer": listing.offer,
        "name": listing.name,
        "category": listing.category,
        "kind": listing.kind_word,
        "description": listing.description,
        "rate": str(listing.rate),
        "quantity_min": listing.quantity_min,
        "quantity_max": listing.quantity_max,
        "drip_feed": listing.drip_feed,
        "refill": listing.refill,
        "cancel": listing.cancel,
        "state": change.state,
        "note": change.note,
        "rate_waiting": None if change.rate_waiting is None else str(change.rate_waiting),
    }
