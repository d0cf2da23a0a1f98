"""Reading a provider's account: its days from the tallies, its movements from the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.provider_statements import Moved

_OPENING = text("""
SELECT coalesce(sum(amount), 0) FROM tallies WHERE span = 'day' AND account = 'prepaid'
   AND at < CAST(:since AS date) AT TIME ZONE 'UTC'
   AND (provider, currency) = (:provider, :currency)""")
_DAYS = text("""
SELECT CAST(at AT TIME ZONE 'UTC' AS date) AS day, entry, amount,
       CAST(CAST(low AS text) AS bigint) AS low, CAST(CAST(high AS text) AS bigint) AS high
  FROM tallies WHERE span = 'day' AND account = 'prepaid'
   AND at >= CAST(:since AS date) AT TIME ZONE 'UTC'
   AND at < (CAST(:until AS date) + 1) AT TIME ZONE 'UTC'
   AND (provider, currency) = (:provider, :currency) ORDER BY at, entry""")
# along the index of each side from the latest transaction back
_SIDE = """
(SELECT t.xid, t.entry_id, t.leg, {sign}t.amount AS amount FROM transfers t
  WHERE t.{side}_id = (SELECT id FROM own) AND t.xid <= CAST(CAST(:high AS text) AS xid8)
    AND t.xid >= CAST(CAST(:low AS text) AS xid8)
    AND (t.xid, t.entry_id, t.leg)
      < (CAST(CAST(:high AS text) AS xid8), CAST(:entry AS bigint), CAST(:leg AS smallint))
  ORDER BY t.xid DESC, t.entry_id DESC, t.leg DESC LIMIT :limit)"""
_MOVEMENTS = text(f"""
WITH own AS (SELECT id FROM accounts WHERE kind = 'prepaid'
   AND (provider, currency) = (:provider, :currency))
SELECT CAST(CAST(m.xid AS text) AS bigint) AS xid, m.entry_id, m.leg, m.amount, e.at, e.order_id,
       e.key, e.kind, e.actor, e.reason
  FROM (SELECT * FROM ({_SIDE.format(side="debit", sign="")} UNION ALL
        {_SIDE.format(side="credit", sign="-")}) AS sides
         ORDER BY xid DESC, entry_id DESC, leg DESC LIMIT :limit) AS m
  JOIN journal_entries e ON e.id = m.entry_id
 ORDER BY m.xid DESC, m.entry_id DESC, m.leg DESC""")  # noqa: S608  constants

FIRST = 0
LAST = 2**63 - 1
_LEG_LAST = 2**15 - 1


@dataclass(frozen=True, slots=True)
class Place:
    """Between which movements a page goes on: the transaction, the entry, the leg."""

    xid: int
    entry: int = LAST
    leg: int = _LEG_LAST


@dataclass(frozen=True, slots=True)
class Movement:
    """One transfer on a provider's account: above 0 he holds more. `entry` is its journal entry."""

    place: Place
    entry: int
    amount: Decimal
    at: datetime
    order: int | None
    key: str
    kind: str
    actor: str
    reason: str


async def opening(
    connection: AsyncConnection, provider: str, currency: str, since: date
) -> Decimal:
    """What he held by our books when a day began (UTC)."""
    asked = {"provider": provider, "currency": currency, "since": since}
    found: Decimal = (await connection.execute(_OPENING, asked)).scalar_one()
    return found


async def moves(
    connection: AsyncConnection, provider: str, currency: str, between: tuple[date, date]
) -> Sequence[Moved]:
    """What moved on each day, the last day included."""
    since, until = between
    asked = {"provider": provider, "currency": currency, "since": since, "until": until}
    return [Moved(*row) for row in await connection.execute(_DAYS, asked)]


async def movements(
    connection: AsyncConnection, provider: str, currency: str, below: Place, low: int, limit: int
) -> Sequence[Movement]:
    """The latest first: below a place, down to the transaction `low`."""
    asked = {
        "provider": provider,
        "currency": currency,
        "high": str(below.xid),
        "low": str(low),
        "entry": below.entry,
        "leg": below.leg,
        "limit": limit,
    }
    return [
        Movement(Place(row.xid, row.entry_id, row.leg), row.entry_id, *row[3:])
        for row in await connection.execute(_MOVEMENTS, asked)
    ]
