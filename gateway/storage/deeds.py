"""What operators did: one row for each deed, written with what it changed, never changed again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.operators import Actor

REASON_CHARACTERS_MAX = 500

_RECORD = text("""
INSERT INTO deeds (actor, address, what, subject, before, after, reason)
VALUES (:actor, :address, :what, :subject, CAST(:before AS jsonb), CAST(:after AS jsonb), :reason)
RETURNING id""")


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that was done. `what` is a verb and its object ("top up"), `subject` says to whom:
    `kind:id`, such as `customer:7`, `order:23501`, `provider:acme`, `catalog:118`,
    `discrepancy:4`, `operator:ann`. Values of `before` and `after`: text, whole numbers, truth,
    lists, None; amounts are written plainly as text.
    """

    what: str
    subject: str
    before: Mapping[str, Any] = field(default_factory=dict[str, Any])
    after: Mapping[str, Any] = field(default_factory=dict[str, Any])
    reason: str = ""


async def record(connection: AsyncConnection, actor: Actor, deed: Deed) -> int:
    """Write it down, within the transaction that does it; its id."""
    row = {
        "actor": actor.name,
        "address": actor.address,
        "what": deed.what,
        "subject": deed.subject,
        "before": _json(deed.before),
        "after": _json(deed.after),
        "reason": deed.reason[:REASON_CHARACTERS_MAX],
    }
    number: int = (await connection.execute(_RECORD, row)).scalar_one()
    return number


def _json(values: Mapping[str, Any]) -> str | None:
    return json.dumps(dict(values), default=str) if values else None
