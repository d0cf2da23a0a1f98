"""What waits for a second operator: decisions about orders in doubt, and refunds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.storage import goodwill, proposals
from gateway.storage.goodwill import Goodwill

LISTED_MAX = 200

# one whose attempt was proven meanwhile waits for nobody
_DECISIONS = text("""
SELECT p.order_id, c.name AS customer, o.state, o.charge, o.currency, p.operator, p.accepted,
       p.note, p.proposed_at
  FROM proposals p JOIN orders o ON o.id = p.order_id JOIN customers c ON c.id = o.customer_id
  JOIN attempts a ON (a.order_id, a.number) = (p.order_id, p.number) AND a.outcome = 'uncertain'
 WHERE p.proposed_at > now() - CAST(:valid AS interval) ORDER BY p.proposed_at LIMIT :limit""")


@dataclass(frozen=True, slots=True)
class WaitingDecision:
    """What one operator said became of an order; `accepted` None = it was refused."""

    order: int
    customer: str
    state: str
    charge: Decimal
    currency: str
    operator: str
    accepted: str | None
    note: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a second operator, oldest first, at most 200 of each."""

    decisions: Sequence[WaitingDecision]
    refunds: Sequence[Goodwill]


async def waiting(connection: AsyncConnection) -> Waiting:
    """All of it."""
    asked = {"valid": proposals.VALID_FOR, "limit": LISTED_MAX}
    decisions = [
        WaitingDecision(
            row.order_id,
            row.customer,
            row.state,
            row.charge,
            row.currency,
            row.operator,
            row.accepted,
            row.note,
            row.proposed_at,
        )
        for row in await connection.execute(_DECISIONS, asked)
    ]
    return Waiting(decisions, await goodwill.waiting(connection))
