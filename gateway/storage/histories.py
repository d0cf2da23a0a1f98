"""What syncs changed: offers' rates over time, and a log of readings that were not as usual."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.syncing import Tidings

ODD_CHARACTERS_MAX = 500
SYNCS_KEPT = 1_000
"""Of each provider; what is older goes."""
RATES_KEPT_DAYS = 400
PRUNED_MAX = 10_000

# the same failure again is not a new one: a provider who is away for a week fills no log
_AGAIN = text("""
UPDATE sync_log SET times = times + 1, last_at = now(), listed = :listed
 WHERE id = (SELECT max(id) FROM sync_log WHERE provider = :provider)
   AND (well, odd) = (:well, :odd) AND appeared + changed + vanished + quarantined = 0
   AND repairs = CAST(:repairs AS jsonb)""")
_LOG = text("""
INSERT INTO sync_log (provider, well, listed, appeared, changed, vanished, quarantined, odd,
  repairs)
VALUES (:provider, :well, :listed, :appeared, :changed, :vanished, :quarantined, :odd,
  CAST(:repairs AS jsonb))""")
_SYNCS = text("""
SELECT id, provider, at, last_at, times, well, listed, appeared, changed, vanished, quarantined,
       odd, repairs FROM sync_log
 WHERE provider = :provider AND (CAST(:before AS bigint) IS NULL OR id < :before)
 ORDER BY id DESC LIMIT :limit""")
_RATES = text("""
SELECT id, provider, offer, name, old, new, at FROM rate_changes
 WHERE provider = :provider AND (CAST(:before AS bigint) IS NULL OR id < :before)
 ORDER BY id DESC LIMIT :limit""")
_RATES_OF_OFFER = text("""
SELECT id, provider, offer, name, old, new, at FROM rate_changes
 WHERE (provider, offer) = (:provider, :offer)
   AND (CAST(:before AS bigint) IS NULL OR id < :before)
 ORDER BY id DESC LIMIT :limit""")
_PRUNE_SYNCS = text("""
DELETE FROM sync_log WHERE id = ANY (ARRAY(
  SELECT l.id FROM provider_states s CROSS JOIN LATERAL (
    SELECT id FROM sync_log WHERE provider = s.provider ORDER BY id DESC
    OFFSET :kept LIMIT :limit) AS l))""")
_PRUNE_RATES = text("""
DELETE FROM rate_changes WHERE id = ANY (ARRAY(
  SELECT id FROM (SELECT id, at FROM rate_changes ORDER BY id LIMIT :limit) AS oldest
   WHERE at < now() - make_interval(days => :days)))""")


@dataclass(frozen=True, slots=True)
class RateChange:
    """What a provider asks for an offer from now on, in his currency per 1,000 (packages: each)."""

    id: int
    provider: str
    offer: str
    name: str
    old: Decimal
    new: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class SyncLine:
    """A reading of a provider's list that changed something, was mended, or did not go well.

    `times`: so often in a row, until `last_at`. `well`: the list was read; `odd` is why something
    of it was not heeded, or else what went wrong. `repairs`: what was mended to read it.
    """

    id: int
    provider: str
    at: datetime
    last_at: datetime
    times: int
    well: bool
    listed: int
    appeared: int
    changed: int
    vanished: int
    quarantined: int
    odd: str
    repairs: Mapping[str, int] = field(default_factory=dict[str, int])


async def note(
    connection: AsyncConnection, provider: str, told: Tidings, repairs: Mapping[str, int]
) -> None:
    """Log a reading, unless all of it was as usual."""
    if told.usual and not repairs:
        return
    row = {
        "provider": provider,
        "well": told.well,
        "listed": told.listed,
        "appeared": told.appeared,
        "changed": told.changed,
        "vanished": told.vanished,
        "quarantined": told.quarantined,
        "odd": told.odd[:ODD_CHARACTERS_MAX],
        "repairs": json.dumps(dict(repairs)),
    }
    if not told.moved and (await connection.execute(_AGAIN, row)).rowcount:
        return
    await connection.execute(_LOG, row)


async def syncs(
    connection: AsyncConnection, provider: str, before: int | None, limit: int
) -> Sequence[SyncLine]:
    """A page of a provider's log, the latest first; `before` an id."""
    asked = {"provider": provider, "before": before, "limit": limit}
    return [SyncLine(*row) for row in await connection.execute(_SYNCS, asked)]


async def rates(
    connection: AsyncConnection, provider: str, offer: str | None, before: int | None, limit: int
) -> Sequence[RateChange]:
    """A page of changes of rates, of an offer or of all of a provider, the latest first."""
    asked = {"provider": provider, "before": before, "limit": limit}
    if offer is None:
        found = await connection.execute(_RATES, asked)
    else:
        found = await connection.execute(_RATES_OF_OFFER, asked | {"offer": offer})
    return [RateChange(*row) for row in found]


async def prune(connection: AsyncConnection) -> None:
    """Give up what is too old or too much, a batch at a time."""
    await connection.execute(_PRUNE_SYNCS, {"kept": SYNCS_KEPT, "limit": PRUNED_MAX})
    await connection.execute(_PRUNE_RATES, {"days": RATES_KEPT_DAYS, "limit": PRUNED_MAX})
