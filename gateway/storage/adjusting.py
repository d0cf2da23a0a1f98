"""How much an operator adjusted by his own word: one after another, so that none slips by."""

from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('adjusts:' || :operator, 0))")
_TODAY = text("""
SELECT coalesce(sum(t.amount), 0) FROM journal_entries e JOIN transfers t ON t.entry_id = e.id
  JOIN accounts d ON d.id = t.debit_id JOIN accounts c ON c.id = t.credit_id
 WHERE e.kind = 'adjust' AND e.actor = :operator AND 'available' IN (d.kind, c.kind)
   AND e.at >= date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'""")


async def lock(connection: AsyncConnection, operator: str) -> None:
    """Let this operator adjust one thing at a time; taken before an order's lock."""
    await connection.execute(_LOCK, {"operator": operator})


async def today(connection: AsyncConnection, operator: str) -> Decimal:
    """What this operator gave to customers, or took, since midnight (UTC), in house currency."""
    found: Decimal = (await connection.execute(_TODAY, {"operator": operator})).scalar_one()
    return found
