"""What does not add up, kept until an observation or a journal entry closes it (money.md 7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.following import PUT_RIGHT_AT_ONCE
from gateway.domain.targets import Finding

_OPEN = text("""
INSERT INTO discrepancies (class, provider, order_id, expected, seen, note)
VALUES (:kind, :provider, :order, :expected, :seen, :note)
ON CONFLICT (class, provider, order_id) WHERE closed_at IS NULL
DO UPDATE SET expected = excluded.expected, seen = excluded.seen, note = excluded.note""")
_CLOSED = text("""
INSERT INTO discrepancies (class, provider, order_id, expected, seen, note, closed_at)
VALUES (:kind, :provider, :order, :expected, :seen, :note, now())""")
_CLEAR = text("""
UPDATE discrepancies SET closed_at = now()
 WHERE order_id = ANY (:orders) AND closed_at IS NULL AND (order_id, class) NOT IN (
   SELECT * FROM unnest(CAST(:still_orders AS bigint[]), CAST(:still_classes AS text[])))""")
_LIST = text("""
SELECT class, provider, order_id, expected, seen, note, opened_at FROM discrepancies
 WHERE closed_at IS NULL ORDER BY id LIMIT :limit""")


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """An open one. Amounts are in the provider's currency."""

    kind: str
    provider: str
    order: int | None
    expected: Decimal | None
    seen: Decimal | None
    note: str
    opened_at: datetime


async def record(
    connection: AsyncConnection, provider: str, order: int | None, findings: Sequence[Finding]
) -> None:
    """Open what was found, one of a class and order at a time, or note it where it is put right."""
    for finding in findings:
        await connection.execute(
            _CLOSED if finding.kind in PUT_RIGHT_AT_ONCE else _OPEN,
            {
                "kind": finding.kind,
                "provider": provider,
                "order": order,
                "expected": finding.expected,
                "seen": finding.seen,
                "note": finding.note[:500],
            },
        )


async def clear(connection: AsyncConnection, observed: Mapping[int, Sequence[Finding]]) -> None:
    """Close the discrepancies of orders that their latest observation no longer shows."""
    still = [(order, found.kind) for order, findings in observed.items() for found in findings]
    await connection.execute(
        _CLEAR,
        {
            "orders": list(observed),
            "still_orders": [order for order, _ in still],
            "still_classes": [kind for _, kind in still],
        },
    )


async def listed(connection: AsyncConnection, limit: int = 1_000) -> Sequence[Discrepancy]:
    """The open ones, oldest first."""
    found = await connection.execute(_LIST, {"limit": limit})
    return [
        Discrepancy(row[0], row.provider, row.order_id, row.expected, row.seen, row.note, row[6])
        for row in found
    ]
