"""The sums that reconciliation compares (money.md 7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.money import EXACT

_PROVIDERS = text("""
WITH funds AS (
  SELECT a.provider, a.currency, sum(m.amount) AS paid_in FROM journal_entries e
    JOIN movements m ON m.entry_id = e.id JOIN accounts a ON a.id = m.account_id
   WHERE e.kind = 'fund' AND a.kind = 'prepaid' GROUP BY 1, 2)
SELECT coalesce(b.provider, s.provider) AS provider, coalesce(b.currency, s.balance_currency)
         AS currency, f.paid_in, coalesce(f.paid_in, 0) - coalesce(b.amount, 0) AS booked,
       (SELECT coalesce(-sum(m.amount), 0) FROM journal_entries e
          JOIN movements m ON m.entry_id = e.id JOIN accounts a ON a.id = m.account_id
         WHERE e.kind = 'cost' AND e.at > s.balance_at AND a.kind = 'prepaid'
           AND (a.provider, a.currency) = (b.provider, b.currency)) AS booked_since,
       s.balance, s.balance_at,
       (SELECT count(*) FROM orders o WHERE o.provider = coalesce(b.provider, s.provider)
           AND o.state IN ('unconfirmed', 'review')) AS unconfirmed,
       (SELECT coalesce(sum(o.cost), 0) FROM orders o
         WHERE o.provider = coalesce(b.provider, s.provider)
           AND o.state IN ('unconfirmed', 'review')) AS unconfirmed_cost
  FROM (SELECT provider, currency, amount FROM house_balances WHERE kind = 'prepaid') b
  FULL JOIN provider_states s ON s.provider = b.provider
  LEFT JOIN funds f ON (f.provider, f.currency) = (b.provider, b.currency) ORDER BY 1, 2""")


@dataclass(frozen=True, slots=True)
class ProviderBooks:
    """One provider in his own currency: what we booked as paid to him, and his last word.

    `paid_in`: the funds that operators booked, None = never any. `booked_since`: the part of
    `booked` that came after his balance was read. `unconfirmed_cost` is what he may have taken for
    orders whose outcome is not proven.
    """

    provider: str
    currency: str | None
    paid_in: Decimal | None
    booked: Decimal
    booked_since: Decimal
    balance: Decimal | None
    balance_at: datetime | None
    unconfirmed: int
    unconfirmed_cost: Decimal

    @property
    def unexplained(self) -> Decimal | None:
        """What he should have had left and had not; below 0 what he had too much. None = not known.

        Orders under way while the balance was read are in it.
        """
        if self.paid_in is None or self.balance is None:
            return None
        booked = EXACT.subtract(self.booked, self.booked_since)
        return EXACT.subtract(EXACT.subtract(self.paid_in, booked), self.balance)


async def providers(connection: AsyncConnection) -> Sequence[ProviderBooks]:
    """Every provider that was ever synced or paid."""
    return [ProviderBooks(**row) for row in (await connection.execute(_PROVIDERS)).mappings()]
