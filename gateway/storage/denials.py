"""How often within a day a provider refused to tell of an order, or of a part of one."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.storage.parts import PartKey

_COUNT = text("""
INSERT INTO denied_orders AS d (order_id, part, times)
SELECT *, 1 FROM unnest(CAST(:orders AS bigint[]), CAST(:parts AS integer[]))
ON CONFLICT (order_id, part) DO UPDATE SET
  times = CASE WHEN d.since > now() - interval '24 hours' THEN d.times + 1 ELSE 1 END,
  since = CASE WHEN d.since > now() - interval '24 hours' THEN d.since ELSE now() END
RETURNING order_id, part, times""")
_FORGET = text("""
DELETE FROM denied_orders d
 USING unnest(CAST(:orders AS bigint[]), CAST(:parts AS integer[])) AS r (order_id, part)
 WHERE (d.order_id, d.part) = (r.order_id, r.part)""")


async def count(connection: AsyncConnection, keys: Sequence[PartKey]) -> dict[PartKey, int]:
    """Take note that these were denied once more; how often that came within a day."""
    if not keys:
        return {}
    found = await connection.execute(_COUNT, _asked(keys))
    return {PartKey(row.order_id, row.part): row.times for row in found}


async def forget(connection: AsyncConnection, keys: Sequence[PartKey]) -> None:
    """These were told of again."""
    if keys:
        await connection.execute(_FORGET, _asked(keys))


def _asked(keys: Sequence[PartKey]) -> dict[str, list[int]]:
    return {"orders": [key.order for key in keys], "parts": [key.part for key in keys]}
