"""Changes of an order's state, each with its event; the database refuses what is no edge."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.orders import State

_MOVE = text("""
WITH rows AS (SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (order_id bigint,
    from_state text, to_state text, reason text, evidence jsonb)),
  moved AS (
    UPDATE orders o SET state = r.to_state,
           progress = CASE r.to_state WHEN 'active' THEN coalesce(o.progress, 'pending') END
      FROM rows r WHERE o.id = r.order_id)
INSERT INTO order_events (order_id, seq, from_state, to_state, actor, reason, evidence)
SELECT r.order_id, (SELECT max(seq) + 1 FROM order_events e WHERE e.order_id = r.order_id),
       r.from_state, r.to_state, :actor, r.reason, r.evidence FROM rows r""")


@dataclass(frozen=True, slots=True)
class Move:
    """One change of state, for its event."""

    order: int
    before: State
    after: State
    reason: str = ""
    evidence: dict[str, Any] = field(default_factory=dict[str, Any])


async def move(connection: AsyncConnection, moves: Sequence[Move], *, actor: str) -> None:
    """Change states and write the events; the database refuses what is no edge."""
    rows = [
        {
            "order_id": each.order,
            "from_state": each.before,
            "to_state": each.after,
            "reason": each.reason,
            "evidence": each.evidence or None,
        }
        for each in moves
    ]
    await connection.execute(_MOVE, {"rows": json.dumps(rows), "actor": actor})
