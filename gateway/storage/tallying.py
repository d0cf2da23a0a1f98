"""Counting the ledger into tallies: each transfer once, by the hour and by the day (money.md 6).

As with folds, only transfers below the oldest running transaction are looked at: none can appear
there any more, so what was counted of an account up to an id of a transaction is counted for good.
Both sides of an account have a mark of their own, which moves with the sums in one transaction.
"""

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.storage.leases import Task

TALLY = Task(23)
BATCH_ROWS = 20_000
"""About so many transfers at a time; those of one transaction are never parted."""
HOURS_KEPT_DAYS = 14

# rows that were made in another cluster: what was counted there cannot be told from what was not
_MOVED = text("""
SELECT EXISTS (SELECT FROM tally_marks
  WHERE counted >= pg_snapshot_xmin(pg_current_snapshot()))""")
_FORGET = (text("DELETE FROM tallies"), text("DELETE FROM tally_marks"))
_SIDE = """
SELECT a.id, '{side}' AS side, coalesce(m.counted, '0') AS counted
  FROM accounts a
  LEFT JOIN tally_marks m ON (m.account_id, m.side) = (a.id, '{side}')
 CROSS JOIN LATERAL (SELECT FROM transfers t WHERE t.{side}_id = a.id
    AND t.xid > coalesce(m.counted, '0')
    AND t.xid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY t.xid LIMIT 1) AS more
 WHERE a.kind {kinds}"""
# of customers' accounts only the holds count: what else moves there moves a house account, too
_PENDING = text(
    f"""SELECT CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS below, id, side,
       CAST(counted AS text) AS counted FROM (
{_SIDE.format(side="debit", kinds="NOT IN ('available', 'held')")} UNION ALL
{_SIDE.format(side="credit", kinds="<> 'available'")}) AS sides"""  # noqa: S608  constants
)
_TAKEN = """
SELECT p.account, p.side, t.entry_id, {sign}t.amount AS amount, t.xid
  FROM pending p CROSS JOIN LATERAL (
    SELECT entry_id, amount, xid FROM transfers WHERE {side}_id = p.account
       AND xid > p.counted AND xid < CAST(CAST(:below AS text) AS xid8)
     ORDER BY xid FETCH FIRST CAST(:rows AS bigint) ROWS WITH TIES) AS t
 WHERE p.side = '{side}'"""
# one look-up for each row, never a join over all entries. A provider's account says whose it is; of
# a loss or of what belongs to no order the entry's other leg does; else the order
_COUNT = text(
    f"""
WITH pending AS (
    SELECT account, side, CAST(counted AS xid8) AS counted
      FROM unnest(CAST(:accounts AS bigint[]), CAST(:sides AS text[]), CAST(:marks AS text[]))
        AS p (account, side, counted)),
  taken AS MATERIALIZED (
{_TAKEN.format(side="debit", sign="")} UNION ALL {_TAKEN.format(side="credit", sign="-")}),
  marked AS (
    INSERT INTO tally_marks (account_id, side, counted)
    SELECT account, side, max(xid) FROM taken GROUP BY 1, 2
    ON CONFLICT (account_id, side) DO UPDATE SET counted = excluded.counted)
SELECT a.kind AS account, date_trunc('hour', e.at, 'UTC') AS hour, a.currency,
       CASE WHEN a.kind = 'held' THEN '' ELSE coalesce(a.provider, s.provider, e.provider, '') END
         AS provider,
       CASE WHEN a.provider IS NULL THEN e.service_id END AS service, e.label AS entry,
       count(*) AS transfers, sum(t.amount) AS amount,
       CAST(min(t.xid) AS text) AS low, CAST(max(t.xid) AS text) AS high
  FROM taken t JOIN accounts a ON a.id = t.account CROSS JOIN LATERAL (
    SELECT j.at, j.order_id, j.kind, o.provider, o.service_id,
           CASE WHEN j.kind = 'cost' AND j.key LIKE 'seen:%' THEN 'correction' ELSE j.kind END
             AS label
      FROM journal_entries j LEFT JOIN LATERAL (SELECT provider, service_id FROM orders
        WHERE id = j.order_id OFFSET 0) AS o ON true
     WHERE j.id = t.entry_id OFFSET 0) AS e
  LEFT JOIN LATERAL (SELECT of.provider FROM transfers b
      JOIN accounts of ON of.id IN (b.debit_id, b.credit_id) AND of.provider IS NOT NULL
     WHERE b.entry_id = t.entry_id AND (e.order_id IS NULL OR e.kind = 'loss') LIMIT 1) AS s ON true
 GROUP BY 1, 2, 3, 4, 5, 6"""  # noqa: S608  constants
)
_ADD = text("""
INSERT INTO tallies AS t (span, account, at, currency, provider, category, entry, transfers,
  amount, low, high)
SELECT s.span, account, date_trunc(s.span, hour, 'UTC'), currency, provider, category, entry,
       sum(transfers), sum(amount), min(CAST(low AS xid8)), max(CAST(high AS xid8))
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (account text, hour timestamptz,
    currency text, provider text, category text, entry text, transfers bigint, amount numeric,
    low text, high text) CROSS JOIN (VALUES ('hour'), ('day')) AS s (span)
 GROUP BY 1, 2, 3, 4, 5, 6, 7
ON CONFLICT (span, account, at, currency, provider, category, entry) DO UPDATE SET
  transfers = t.transfers + excluded.transfers, amount = t.amount + excluded.amount,
  low = least(t.low, excluded.low), high = greatest(t.high, excluded.high)""")
_THIN = text("""
DELETE FROM tallies WHERE span = 'hour'
   AND at < date_trunc('day', now(), 'UTC') - make_interval(days => :days)""")


async def count(
    connection: AsyncConnection, category_of: Callable[[int], str], rows: int = BATCH_ROWS
) -> int:
    """Add about so many transfers that nobody has counted yet; how many transfers it were.

    0: all is counted that can be. Each account has its share of the batch, and what one does not
    need goes to the others with the next. `category_of` a service: as it is called now.
    """
    if (await connection.execute(_MOVED)).scalar_one():
        for statement in _FORGET:
            await connection.execute(statement)
    found = (await connection.execute(_PENDING)).all()
    if not found:
        return 0
    asked = {
        "below": found[0].below,
        "rows": max(1, rows // len(found)),
        "accounts": [row.id for row in found],
        "sides": [row.side for row in found],
        "marks": [row.counted for row in found],
    }
    counted = (await connection.execute(_COUNT, asked)).all()
    sums = [_sum(row, category_of) for row in counted]
    await connection.execute(_ADD, {"rows": json.dumps(sums)})
    return sum(row.transfers for row in counted)


async def thin(connection: AsyncConnection) -> None:
    """Give up hours of long ago; their days stay."""
    await connection.execute(_THIN, {"days": HOURS_KEPT_DAYS})


def _sum(row: Row[Any], category_of: Callable[[int], str]) -> dict[str, Any]:
    return {
        "account": row.account,
        "hour": row.hour.isoformat(),
        "currency": row.currency,
        "provider": row.provider,
        "category": "" if row.service is None else category_of(row.service),
        "entry": row.entry,
        "transfers": row.transfers,
        "amount": str(row.amount),
        "low": row.low,
        "high": row.high,
    }
