"""One journal entry with its transfers, as operators look at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_ENTRY = text("""
SELECT id, order_id AS "order", key, kind, actor, reason, rate, at FROM journal_entries
 WHERE id = :entry""")
_LEGS = text("""
SELECT t.amount, t.currency, d.kind AS debit, d.customer_id AS debit_customer,
       d.provider AS debit_provider, c.kind AS credit, c.customer_id AS credit_customer,
       c.provider AS credit_provider
  FROM transfers t JOIN accounts d ON d.id = t.debit_id JOIN accounts c ON c.id = t.credit_id
 WHERE t.entry_id = :entry ORDER BY t.leg LIMIT :limit""")
LEGS_MAX = 100


@dataclass(frozen=True, slots=True)
class Side:
    """An account by its kind, and whose it is: a customer's, a provider's or the house's."""

    kind: str
    customer: int | None
    provider: str | None


@dataclass(frozen=True, slots=True)
class Moved:
    """One transfer: from the debited account to the credited one."""

    debit: Side
    credit: Side
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """An entry as it stands for ever. `rate`: the conversion where two currencies meet."""

    id: int
    order: int | None
    key: str
    kind: str
    actor: str
    reason: str
    rate: Decimal | None
    at: datetime
    legs: Sequence[Moved]


async def find(connection: AsyncConnection, entry: int) -> EntryFacts | None:
    """None: there is no such entry."""
    row = (await connection.execute(_ENTRY, {"entry": entry})).mappings().first()
    if row is None:
        return None
    found = await connection.execute(_LEGS, {"entry": entry, "limit": LEGS_MAX})
    legs = [
        Moved(
            Side(leg.debit, leg.debit_customer, leg.debit_provider),
            Side(leg.credit, leg.credit_customer, leg.credit_provider),
            leg.amount,
            leg.currency,
        )
        for leg in found
    ]
    return EntryFacts(**row, legs=legs)
