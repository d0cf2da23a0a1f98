"""Balances as providers tell them, each beside what the ledger said at that moment (money.md 7)."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.catalog import Provider
from gateway.domain.equation import Equation
from gateway.domain.observations import Balance, Refused, Unclear
from gateway.domain.targets import Class, Finding
from gateway.storage import discrepancies, offers, readings, weighing
from gateway.storage.database import Database
from gateway.storage.readings import FUNDED

CODE = re.compile(r"[A-Z]{3,5}")
KEPT_WHOLE = timedelta(hours=48)
KEPT_DAILY = timedelta(days=400)

_BEGIN = text("""
SELECT now() AS at, CAST(pg_current_snapshot() AS text) AS snapshot,
       EXISTS (SELECT FROM attempts WHERE outcome = 'open' AND provider = :provider) AS busy""")
# Whatever the first look could not see was posted meanwhile. An add that was refused meanwhile took
# nothing; one that ended in doubt may have. The first quiet reading gives the level where no funds
# are booked, so that one does not count beside orders in doubt.
_RECORD = text(f"""
WITH asked AS (SELECT CAST(:provider AS text) AS provider, CAST(:currency AS text) AS currency,
    CAST(CAST(:snapshot AS text) AS pg_snapshot) AS seen),
  own AS (SELECT a.id FROM accounts a JOIN asked USING (provider, currency)
           WHERE a.kind IN ('prepaid', 'suspense')),
  disturbed AS (SELECT CAST(:busy AS boolean) OR EXISTS (
      SELECT FROM asked, own JOIN transfers t ON own.id = t.debit_id
       WHERE t.xid >= pg_snapshot_xmin(seen) AND NOT pg_visible_in_snapshot(t.xid, seen)
      UNION ALL
      SELECT FROM asked, own JOIN transfers t ON own.id = t.credit_id
       WHERE t.xid >= pg_snapshot_xmin(seen) AND NOT pg_visible_in_snapshot(t.xid, seen)
      UNION ALL
      SELECT FROM asked JOIN attempts USING (provider) WHERE outcome = 'open'
      UNION ALL
      SELECT FROM asked JOIN attempts USING (provider)
       WHERE outcome = 'uncertain' AND ended_at >= :at) AS so),
  unready AS (SELECT NOT funded.so AND NOT EXISTS (SELECT FROM balance_readings b
        WHERE b.quiet AND (b.provider, b.currency) = (asked.provider, asked.currency))
      AND EXISTS (SELECT FROM orders o WHERE o.state IN ('unconfirmed', 'review')
        AND o.provider = asked.provider) AS so
      FROM asked CROSS JOIN LATERAL ({FUNDED.format(of="asked")}) AS funded)
INSERT INTO balance_readings (provider, currency, balance, prepaid, quiet, read_at)
SELECT asked.provider, asked.currency, CAST(:balance AS numeric),
       (SELECT coalesce(sum(b.amount), 0) FROM house_balances b JOIN own USING (id)),
       NOT disturbed.so AND NOT unready.so, now() FROM asked, disturbed, unready""")  # noqa: S608  constants
# of each day in UTC the last quiet one stays, or the last at all; and the one that is the level
_THIN = text("""
WITH old AS (
  SELECT id, read_at, read_at < now() - CAST(:daily AS interval) AS far,
         row_number() OVER (PARTITION BY currency, (read_at AT TIME ZONE 'UTC')::date
                            ORDER BY quiet DESC, id DESC) AS place,
         id = min(id) FILTER (WHERE quiet) OVER (PARTITION BY currency) AS level
    FROM balance_readings WHERE provider = :provider)
DELETE FROM balance_readings WHERE id = ANY (ARRAY(
  SELECT id FROM old WHERE read_at < now() - CAST(:whole AS interval)
     AND (far OR place > 1) AND level IS NOT TRUE))""")
_READ = text("""
SELECT EXISTS (SELECT FROM provider_states WHERE provider = :provider
   AND balance_at > now() - make_interval(secs => :seconds))""")


@dataclass(frozen=True, slots=True)
class Moment:
    """When a call for a balance began: what was posted by then, and whether an add was open."""

    at: datetime
    snapshot: str
    busy: bool


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a provider answered; what `record` says of it, None where it was no balance."""

    told: Balance | Refused | Unclear
    equation: Equation | None = None


async def weigh(
    database: Database,
    provider: Provider,
    ask: Callable[[], Awaitable[Balance | Refused | Unclear]],
) -> Weighed:
    """Ask for a balance between two looks at the books, and record it. No transaction is open."""
    async with database.reading() as connection:
        began = await begin(connection, provider.name)
    told = await ask()
    if not isinstance(told, Balance):
        return Weighed(told)
    async with database.transaction() as connection:
        return Weighed(told, await record(connection, provider, told, began))


async def begin(connection: AsyncConnection, provider: str) -> Moment:
    """What to hold against what is there after the call, to tell whether it was quiet."""
    found = (await connection.execute(_BEGIN, {"provider": provider})).one()
    return Moment(found.at, found.snapshot, found.busy)


async def record(
    connection: AsyncConnection, provider: Provider, told: Balance, began: Moment
) -> Equation | None:
    """Write down what a provider says that we have left there, and what follows from it.

    `began`: from a transaction that had ended before he was asked. What `equation` says then; None
    also where he names another currency than his document: that says nothing of the books.
    """
    # a sign such as $ names none
    named = told.currency if CODE.fullmatch(told.currency or "") else None
    currency = named or provider.currency
    await offers.save_balance(connection, provider.name, told.amount, currency)
    if currency != provider.currency:
        note = f"our balance is told in {currency}, agreed is {provider.currency}"
        await doubt(connection, provider.name, note)
        return None
    asked = {"provider": provider.name, "currency": currency, "balance": told.amount}
    meanwhile = {"at": began.at, "snapshot": began.snapshot, "busy": began.busy}
    await connection.execute(_RECORD, asked | meanwhile)
    kept = {"whole": KEPT_WHOLE, "daily": KEPT_DAILY}
    await connection.execute(_THIN, {"provider": provider.name, **kept})
    latest = await readings.equation(connection, provider.name)
    await weighing.judge(connection, latest)
    return latest


async def doubt(connection: AsyncConnection, provider: str, why: str) -> None:
    """A balance that nothing can be held against (D9): nothing is sent until somebody agrees."""
    await discrepancies.record(connection, provider, None, [Finding(Class.FORMAT, why)])


async def read_within(connection: AsyncConnection, provider: str, seconds: int) -> bool:
    """Whether a provider has told his balance in the last seconds, to whichever worker."""
    found = await connection.execute(_READ, {"provider": provider, "seconds": seconds})
    return bool(found.scalar_one())


async def equation(connection: AsyncConnection, provider: str) -> Equation | None:
    """The balance equation of the latest reading; None where `record` gives none."""
    return await readings.equation(connection, provider)
