"""What was set aside of providers' balances because nobody could explain it yet (money.md 6)."""

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain import postings
from gateway.domain.money import ZERO
from gateway.domain.postings import Unexplained
from gateway.storage import ledger
from gateway.storage.ledger import Posting

ACTOR = "weighing"

_ASIDE = text("""
SELECT d.id, a.provider, a.currency,
       CASE WHEN a.id = t.debit_id THEN t.amount ELSE -t.amount END AS amount
  FROM discrepancies d JOIN journal_entries e ON e.id = d.entry_id
  JOIN transfers t ON t.entry_id = e.id
  JOIN accounts a ON a.id IN (t.debit_id, t.credit_id) AND a.kind = 'suspense'
 WHERE e.kind = 'suspend' AND d.id = ANY (:discrepancies)
   AND NOT EXISTS (SELECT FROM journal_entries b
         WHERE b.order_id IS NULL AND b.key = 'put_back:' || d.id) ORDER BY d.id""")


async def aside(connection: AsyncConnection, discrepancy: int) -> Decimal:
    """How much of a discrepancy is in suspense; below 0: of what a provider gave."""
    row = (await connection.execute(_ASIDE, {"discrepancies": [discrepancy]})).first()
    return row.amount if row else ZERO


async def put_back(connection: AsyncConnection, discrepancies: Sequence[int]) -> None:
    """Take out of suspense what was set aside for discrepancies that have been explained."""
    if not discrepancies:
        return
    entries = [
        Posting(
            postings.put_back(
                Unexplained(row.provider, row.currency, row.amount, row.amount),
                f"put_back:{row.id}",
            )
        )
        for row in await connection.execute(_ASIDE, {"discrepancies": list(discrepancies)})
    ]
    await ledger.post(connection, entries, actor=ACTOR)
