"""What one operator wants decided about an attempt in doubt, until a second one agrees."""

from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.deciding import Decision
from gateway.domain.operators import Actor
from gateway.storage.claims import AttemptKey

VALID_FOR = timedelta(days=7)

_FIND = text("""
SELECT operator, accepted, note FROM proposals
 WHERE (order_id, number) = (:order, :number) AND proposed_at > now() - CAST(:valid AS interval)""")
_PROPOSE = text("""
INSERT INTO proposals (order_id, number, operator, accepted, note)
VALUES (:order, :number, :operator, :accepted, :note)
ON CONFLICT (order_id) DO UPDATE SET number = excluded.number, operator = excluded.operator,
  accepted = excluded.accepted, note = excluded.note, proposed_at = now()""")
_FORGET = text("DELETE FROM proposals WHERE order_id = :order")


async def find(connection: AsyncConnection, key: AttemptKey) -> Decision | None:
    """What was proposed for an attempt in the last week."""
    asked = {"order": key.order, "number": key.number, "valid": VALID_FOR}
    row = (await connection.execute(_FIND, asked)).first()
    return Decision(Actor(row.operator), row.accepted, row.note) if row else None


async def propose(connection: AsyncConnection, key: AttemptKey, decision: Decision) -> None:
    """In place of what was proposed before."""
    said = {"operator": decision.operator, "accepted": decision.accepted, "note": decision.note}
    await connection.execute(_PROPOSE, {"order": key.order, "number": key.number, **said})


async def forget(connection: AsyncConnection, order: int) -> None:
    """It was decided."""
    await connection.execute(_FORGET, {"order": order})
