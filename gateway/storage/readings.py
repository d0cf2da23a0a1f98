"""Readings of providers' balances as they stand recorded, as equations (money.md 4, E2)."""

from datetime import timedelta

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.equation import Equation

FUNDED = """
SELECT EXISTS (
  SELECT FROM accounts f JOIN transfers t ON t.credit_id = f.id JOIN accounts p ON p.id = t.debit_id
   WHERE f.kind = 'funding' AND f.currency = {of}.currency AND p.provider = {of}.provider
  UNION ALL
  SELECT FROM accounts f JOIN transfers t ON t.debit_id = f.id JOIN accounts p ON p.id = t.credit_id
   WHERE f.kind = 'funding' AND f.currency = {of}.currency AND p.provider = {of}.provider) AS so"""
_EQUATIONS = f"""
SELECT r.provider, r.currency, r.balance, r.prepaid, r.quiet, r.read_at, funded.so AS absolute,
       CASE WHEN funded.so THEN 0 ELSE (SELECT q.prepaid - q.balance FROM balance_readings q
          WHERE q.quiet AND (q.provider, q.currency) = (r.provider, r.currency)
          ORDER BY q.id LIMIT 1) END AS level
  FROM balance_readings r CROSS JOIN LATERAL ({FUNDED.format(of="r")}) AS funded
 WHERE r.provider = :provider"""  # noqa: S608  constants
# of the latest alone funds count that were booked since: they were paid in before he was asked
_LATEST = text(f"""
SELECT x.provider, x.currency, x.balance, x.quiet, x.read_at, x.absolute, x.level,
       x.prepaid + coalesce((
         SELECT sum(CASE WHEN p.id = t.debit_id THEN t.amount ELSE -t.amount END)
           FROM accounts f JOIN transfers t ON f.id IN (t.debit_id, t.credit_id)
           JOIN accounts p ON p.id IN (t.debit_id, t.credit_id) AND p.provider = x.provider
           JOIN journal_entries e ON e.id = t.entry_id
          WHERE f.kind = 'funding' AND f.currency = x.currency AND e.at > x.read_at), 0) AS prepaid
  FROM ({_EQUATIONS} ORDER BY r.id DESC LIMIT 1) AS x""")  # noqa: S608  constants
_QUIET_BEFORE = text(f"""{_EQUATIONS} AND r.quiet AND r.currency = :currency
   AND r.read_at <= CAST(:read_at AS timestamptz) - CAST(:gap AS interval)
 ORDER BY r.id DESC LIMIT 1""")


async def equation(connection: AsyncConnection, provider: str) -> Equation | None:
    """The balance equation of the latest reading.

    None where there is none yet: no reading, or neither funds booked nor a quiet reading before.
    """
    row = (await connection.execute(_LATEST, {"provider": provider})).mappings().first()
    return _equation(row) if row else None


async def quiet_before(
    connection: AsyncConnection, latest: Equation, gap: timedelta
) -> Equation | None:
    """The last quiet reading that came at least so long before another one."""
    asked = {"provider": latest.provider, "currency": latest.currency}
    earlier = {"read_at": latest.read_at, "gap": gap}
    row = (await connection.execute(_QUIET_BEFORE, asked | earlier)).mappings().first()
    return _equation(row) if row else None


def _equation(row: RowMapping) -> Equation | None:
    if row["level"] is None:
        return None
    return Equation(**row)
