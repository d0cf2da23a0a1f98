"""What an operator sent after his session had ended: kept until he is back, not carried out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

KEPT_MAX = 10
HOURS_MAX = 24

_KEEP = text("""
INSERT INTO kept_forms (operator_id, path, fields)
VALUES (:operator, :path, CAST(:fields AS jsonb))""")
_TRIM = text("""
DELETE FROM kept_forms WHERE operator_id = :operator AND id NOT IN (
  SELECT id FROM kept_forms WHERE operator_id = :operator
     AND kept_at > now() - make_interval(hours => :hours) ORDER BY id DESC LIMIT :most)""")
_LIST = text("""
SELECT id, path, fields, kept_at FROM kept_forms WHERE operator_id = :operator
   AND kept_at > now() - make_interval(hours => :hours) ORDER BY id DESC""")
_DROP = text("DELETE FROM kept_forms WHERE operator_id = :operator AND id = :id")


@dataclass(frozen=True, slots=True)
class KeptForm:
    """What was sent, and where to."""

    id: int
    path: str
    fields: Mapping[str, list[str]]
    kept_at: datetime


async def keep(
    connection: AsyncConnection, operator: int, path: str, fields: Mapping[str, list[str]]
) -> None:
    """Keep what was sent; only the latest few stay."""
    row = {"operator": operator, "path": path, "fields": json.dumps(dict(fields))}
    await connection.execute(_KEEP, row)
    await connection.execute(_TRIM, {"operator": operator, "hours": HOURS_MAX, "most": KEPT_MAX})


async def listed(connection: AsyncConnection, operator: int) -> list[KeptForm]:
    """What is kept for an operator, the latest first."""
    asked = {"operator": operator, "hours": HOURS_MAX}
    found = await connection.execute(_LIST, asked)
    return [KeptForm(row.id, row.path, row.fields, row.kept_at) for row in found]


async def drop(connection: AsyncConnection, operator: int, number: int) -> None:
    """It was sent again, or is not wanted any more."""
    await connection.execute(_DROP, {"operator": operator, "id": number})
