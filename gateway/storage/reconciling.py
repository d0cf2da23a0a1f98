"""The sums that reconciliation compares (money.md 7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_PROVIDERS = text("""
SELECT coalesce(b.provider, s.provider) AS provider, coalesce(b.currency, s.balance_currency)
         AS currency, -coalesce(b.amount, 0) AS booked, s.balance, s.balance_at,
       (SELECT count(*) FROM orders o WHERE o.provider = coalesce(b.provider, s.provider)
           AND o.state IN ('unconfirmed', 'review')) AS unconfirmed,
       (SELECT coalesce(sum(o.cost), 0) FROM orders o
         WHERE o.provider = coalesce(b.provider, s.provider)
           AND o.state IN ('unconfirmed', 'review')) AS unconfirmed_cost
  FROM (SELECT provider, currency, amount FROM house_balances WHERE kind = 'prepaid') b
  FULL JOIN provider_states s ON s.provider = b.provider ORDER BY 1""")


@dataclass(frozen=True, slots=True)
class ProviderBooks:
    """One provider in his own currency: what we booked as paid to him, and his last word.

    `unconfirmed_cost` is what he may have taken for orders whose outcome is not proven.
    """

    provider: str
    currency: str | None
    booked: Decimal
    balance: Decimal | None
    balance_at: datetime | None
    unconfirmed: int
    unconfirmed_cost: Decimal


async def providers(connection: AsyncConnection) -> Sequence[ProviderBooks]:
    """Every provider that was ever synced or paid."""
    return [ProviderBooks(**row) for row in (await connection.execute(_PROVIDERS)).mappings()]
