"""Orders whose claim may have ended their worker: noted before it is tried, forgotten after.

A worker that dies while it claims leaves nothing behind, so whatever killed it would be claimed
again by the next one, for ever. A note that outlives its worker is what tells.
"""

from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.storage.claims import WAITING

WAIT = timedelta(seconds=5)
"""How long others go first after each loss; a claim takes far less."""

_DUE = text("""
SELECT o.id FROM suspects s JOIN orders o ON o.id = s.order_id
 WHERE s.due_at <= now() AND o.state = 'queued' AND o.provider = :provider AND o.next_at <= now()
 ORDER BY s.due_at LIMIT 1 FOR UPDATE OF o SKIP LOCKED""")
_FIRST = text(
    f"SELECT o.id FROM orders o {WAITING} ORDER BY o.next_at, o.id LIMIT 1"  # noqa: S608  constants
    " FOR UPDATE SKIP LOCKED"
)
_NOTE = text("""
INSERT INTO suspects (order_id, losses, due_at) VALUES (:order, 1, now() + CAST(:wait AS interval))
ON CONFLICT (order_id) DO UPDATE SET losses = suspects.losses + 1,
  due_at = now() + CAST(:wait AS interval) * (suspects.losses + 1)
RETURNING losses""")
_FORGET = text("DELETE FROM suspects WHERE order_id = :order")


async def first(connection: AsyncConnection, provider: str) -> int | None:
    """The order to be claimed next, locked: a suspect whose time has come, else the first one."""
    for query in (_DUE, _FIRST):
        if found := (await connection.execute(query, {"provider": provider})).scalar():
            return int(found)
    return None


async def note(connection: AsyncConnection, order: int) -> int:
    """Note that it is about to be claimed; how often that was noted and never forgotten again."""
    found = await connection.execute(_NOTE, {"order": order, "wait": WAIT})
    return int(found.scalar_one())


async def forget(connection: AsyncConnection, order: int) -> None:
    """Its worker lives."""
    await connection.execute(_FORGET, {"order": order})
