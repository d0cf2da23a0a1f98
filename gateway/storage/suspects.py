"""Orders whose claim may have ended their worker: noted before it is tried, forgotten after.

A worker that dies while it claims leaves nothing behind, so whatever killed it would be claimed
again by the next one, for ever. A note that outlives its worker is what tells.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.storage.claims import WAITING

WAIT = timedelta(seconds=2)
"""How long others go first after each loss; a claim takes far less."""

_DUE = text("""
SELECT o.id FROM suspects s JOIN orders o ON o.id = s.order_id
 WHERE s.due_at <= now() AND o.state = 'queued' AND o.provider = :provider AND o.next_at <= now()
 ORDER BY s.due_at LIMIT 1 FOR UPDATE OF o SKIP LOCKED""")
# another worker may have noted one, and let go of it, since this statement began
_FIRST = text(f"""
WITH next AS (SELECT o.id FROM orders o {WAITING} ORDER BY o.next_at, o.id LIMIT :limit
  FOR UPDATE SKIP LOCKED)
INSERT INTO suspects (order_id, losses, due_at)
SELECT id, 1, now() + CAST(:wait AS interval) FROM next
ON CONFLICT (order_id) DO NOTHING RETURNING order_id""")  # noqa: S608  constants
_NOTE = text("""
UPDATE suspects SET losses = losses + 1,
  due_at = now() + CAST(:wait AS interval) * (losses + 1)
 WHERE order_id = :order RETURNING losses""")
_FORGET = text("DELETE FROM suspects WHERE order_id = ANY (:orders)")


async def due(connection: AsyncConnection, provider: str) -> int | None:
    """A provider's suspect that has waited longest, locked, once it has let others go first."""
    found = (await connection.execute(_DUE, {"provider": provider})).scalar()
    return None if found is None else int(found)


async def note(connection: AsyncConnection, order: int) -> int:
    """Note that a suspect is claimed again; how often that was noted and never forgotten."""
    found = await connection.execute(_NOTE, {"order": order, "wait": WAIT})
    return int(found.scalar_one())


async def first(connection: AsyncConnection, provider: str, limit: int) -> list[int]:
    """Note the first orders of the queue, which are about to be claimed together."""
    asked = {"provider": provider, "limit": limit, "wait": WAIT}
    return list((await connection.execute(_FIRST, asked)).scalars())


async def forget(connection: AsyncConnection, orders: Sequence[int]) -> None:
    """Their worker lives."""
    await connection.execute(_FORGET, {"orders": list(orders)})
