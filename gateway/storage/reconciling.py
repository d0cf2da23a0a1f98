"""The sums that reconciliation compares (money.md 7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.equation import Equation
from gateway.domain.money import EXACT
from gateway.storage import readings

_PROVIDERS = text("""
WITH held AS (
  SELECT provider, currency, sum(amount) FILTER (WHERE kind = 'suspense') AS suspense,
         sum(amount) AS amount
    FROM house_balances WHERE kind IN ('prepaid', 'suspense') GROUP BY 1, 2),
  funds AS (
  SELECT provider, currency, sum(amount) AS paid_in FROM (
    SELECT p.provider, p.currency, t.amount FROM accounts f
      JOIN transfers t ON t.credit_id = f.id JOIN accounts p ON p.id = t.debit_id
     WHERE f.kind = 'funding'
    UNION ALL
    SELECT p.provider, p.currency, -t.amount FROM accounts f
      JOIN transfers t ON t.debit_id = f.id JOIN accounts p ON p.id = t.credit_id
     WHERE f.kind = 'funding') AS moved GROUP BY 1, 2),
  doubtful AS (
  SELECT provider, count(*) AS orders, sum(cost) AS cost FROM orders
   WHERE state IN ('unconfirmed', 'review') GROUP BY 1)
SELECT coalesce(h.provider, s.provider) AS provider,
       coalesce(h.currency, s.balance_currency) AS currency, f.paid_in,
       coalesce(f.paid_in, 0) - coalesce(h.amount, 0) AS booked,
       coalesce(h.suspense, 0) AS suspense, s.balance, s.balance_at,
       coalesce(d.orders, 0) AS unconfirmed, coalesce(d.cost, 0) AS unconfirmed_cost
  FROM held h FULL JOIN provider_states s ON s.provider = h.provider
  LEFT JOIN funds f ON (f.provider, f.currency) = (h.provider, h.currency)
  LEFT JOIN doubtful d ON d.provider = coalesce(h.provider, s.provider) ORDER BY 1, 2""")
# what stood open at the end of each day, by its last quiet reading or else its last; from the first
# funds on where there are any, as nothing could be held against before
_DAYS = text("""
SELECT DISTINCT ON (r.day, r.currency) r.day, r.currency, r.balance, r.prepaid, r.quiet, r.read_at
  FROM (SELECT *, (read_at AT TIME ZONE 'UTC')::date AS day FROM balance_readings
         WHERE provider = :provider AND currency = :currency AND (NOT CAST(:absolute AS boolean)
           OR read_at >= (SELECT min(e.at) FROM accounts p JOIN transfers t ON t.debit_id = p.id
                JOIN accounts f ON f.id = t.credit_id AND f.kind = 'funding'
                JOIN journal_entries e ON e.id = t.entry_id
               WHERE p.kind = 'prepaid' AND (p.provider, p.currency) = (:provider, :currency)))) r
 ORDER BY r.day, r.currency, r.quiet DESC, r.id DESC""")


@dataclass(frozen=True, slots=True)
class ProviderBooks:
    """One provider in his own currency: what we booked as paid to him, and his last word.

    `paid_in`: the funds that operators booked, None = never any. `booked`: what was booked as taken
    by him since, as cost or loss; `suspense`: what of the difference was set aside.
    `unconfirmed_cost` is what he may have taken for orders whose outcome is not proven. `equation`
    is that of his last reading.
    """

    provider: str
    currency: str | None
    paid_in: Decimal | None
    booked: Decimal
    suspense: Decimal
    balance: Decimal | None
    balance_at: datetime | None
    unconfirmed: int
    unconfirmed_cost: Decimal
    equation: Equation | None = None

    @property
    def unexplained(self) -> Decimal | None:
        """What he should have had left and had not; below 0 what he had too much. None = not known.

        Where no funds are booked: since the first quiet reading.
        """
        return self.equation.unexplained if self.equation else None


@dataclass(frozen=True, slots=True)
class Day:
    """What of a provider's balance was unexplained at the end of a day (UTC), and since before."""

    day: date
    currency: str
    balance: Decimal
    prepaid: Decimal
    unexplained: Decimal
    change: Decimal
    quiet: bool
    read_at: datetime


async def providers(connection: AsyncConnection) -> Sequence[ProviderBooks]:
    """Every provider that was ever synced or paid."""
    found = [dict(row) for row in (await connection.execute(_PROVIDERS)).mappings()]
    equations = {
        name: await readings.equation(connection, name)
        for name in {str(row["provider"]) for row in found}
    }
    return [_books(row, equations[row["provider"]]) for row in found]


async def days(connection: AsyncConnection, provider: str) -> Sequence[Day]:
    """A provider's days, oldest first; none where there is nothing to hold his balance against."""
    latest = await readings.equation(connection, provider)
    if latest is None:
        return ()
    told: list[Day] = []
    before = Decimal(0)
    asked = {"provider": provider, "currency": latest.currency, "absolute": latest.absolute}
    for row in await connection.execute(_DAYS, asked):
        open_ = EXACT.subtract(EXACT.subtract(row.prepaid, row.balance), latest.level)
        change = EXACT.subtract(open_, before)
        told.append(
            Day(row.day, row.currency, row.balance, row.prepaid, open_, change, row.quiet, row[5])
        )
        before = open_
    return told


def _books(row: dict[str, Any], equation: Equation | None) -> ProviderBooks:
    same = equation is not None and equation.currency == row["currency"]
    return ProviderBooks(**row, equation=equation if same else None)
