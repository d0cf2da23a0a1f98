"""Customers' accounts by the day."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.statements import Moves

_DAYS = text("""
SELECT (e.at AT TIME ZONE 'UTC')::date AS day,
       coalesce(sum(m.amount) FILTER (WHERE e.kind = 'top_up'), 0) AS top_ups,
       coalesce(sum(m.amount) FILTER (WHERE e.kind IN
         ('hold', 'capture', 'release', 'refund', 'recharge')), 0) AS charges,
       coalesce(sum(m.amount) FILTER (WHERE e.kind NOT IN
         ('top_up', 'hold', 'capture', 'release', 'refund', 'recharge')), 0) AS adjustments
  FROM (SELECT t.entry_id, t.amount FROM balances b JOIN transfers t ON t.credit_id = b.available_id
         WHERE (b.customer_id, b.currency) = (:customer, :currency)
        UNION ALL
        SELECT t.entry_id, -t.amount FROM balances b JOIN transfers t ON t.debit_id = b.available_id
         WHERE (b.customer_id, b.currency) = (:customer, :currency)) AS m
  JOIN journal_entries e ON e.id = m.entry_id GROUP BY 1 ORDER BY 1""")


async def days(connection: AsyncConnection, customer: int, currency: str) -> Sequence[Moves]:
    """What moved a customer's available balance, by the day of the entry in UTC, oldest first."""
    found = await connection.execute(_DAYS, {"customer": customer, "currency": currency})
    return [Moves(row.day, row.top_ups, row.charges, row.adjustments) for row in found]
