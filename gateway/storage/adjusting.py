"""How much an operator adjusted by his own word: one after another, so that none slips by."""

from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('adjusts:' || :operator, 0))")
# what a second one agreed to counts for who asked for it: so the ledger names him for orders, and
# the adjustment itself for customers
_TODAY = text("""
SELECT (SELECT coalesce(sum(t.amount), 0)
          FROM journal_entries e JOIN transfers t ON t.entry_id = e.id
          JOIN accounts d ON d.id = t.debit_id JOIN accounts c ON c.id = t.credit_id
         WHERE e.kind = 'adjust' AND e.actor = :operator AND e.order_id IS NOT NULL
           AND 'available' IN (d.kind, c.kind) AND e.at >= day.began)
     + (SELECT coalesce(sum(abs(amount)), 0) FROM adjustments
         WHERE outcome = 'booked' AND proposed_by = :operator AND decided_at >= day.began)
  FROM (SELECT date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AS began) AS day""")


async def lock(connection: AsyncConnection, operator: str) -> None:
    """Let this operator adjust one thing at a time; taken before an order's lock."""
    await connection.execute(_LOCK, {"operator": operator})


async def today(connection: AsyncConnection, operator: str) -> Decimal:
    """What this operator gave to customers, or took, since midnight (UTC), in house currency."""
    found: Decimal = (await connection.execute(_TODAY, {"operator": operator})).scalar_one()
    return found
