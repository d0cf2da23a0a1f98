"""What does not add up, kept until an observation or a journal entry closes it (money.md 7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.closing import OUR_BUGS
from gateway.domain.equation import TOLERANCE
from gateway.domain.equation_classes import OF_THE_EQUATION
from gateway.domain.following import PUT_RIGHT_AT_ONCE
from gateway.domain.targets import Class, Finding, difference_of

NOTE_CHARACTERS_MAX = 500
LISTED_MAX = 1_000

# what an operator has closed is not opened again by the very same finding
_OPEN = text("""
INSERT INTO discrepancies (class, provider, order_id, expected, seen, note)
SELECT n.kind, n.provider, n.order_id, n.expected, n.seen, n.note
  FROM (SELECT CAST(:kind AS text) AS kind, CAST(:provider AS text) AS provider,
               CAST(:order AS bigint) AS order_id, CAST(:expected AS numeric) AS expected,
               CAST(:seen AS numeric) AS seen, CAST(:note AS text) AS note) n
 WHERE NOT EXISTS (SELECT FROM discrepancies d
         WHERE d.provider = n.provider AND d.class = n.kind AND d.order_id = n.order_id
           AND d.closed_by IS NOT NULL AND d.note = n.note
           AND (d.expected, d.seen) IS NOT DISTINCT FROM (n.expected, n.seen))
ON CONFLICT (class, provider, order_id) WHERE closed_at IS NULL
DO UPDATE SET expected = excluded.expected, seen = excluded.seen, note = excluded.note
RETURNING id, xmax = 0 AS fresh""")
_CLOSED = text("""
INSERT INTO discrepancies (class, provider, order_id, expected, seen, note, closed_at)
VALUES (:kind, :provider, :order, :expected, :seen, :note, now())""")
_CLEAR = text("""
UPDATE discrepancies SET closed_at = now()
 WHERE order_id = ANY (:orders) AND closed_at IS NULL AND class <> ALL (:ours)
   AND (order_id, class) NOT IN (
   SELECT * FROM unnest(CAST(:still_orders AS bigint[]), CAST(:still_classes AS text[])))""")
# as long as the difference stays, what was first said of it tells more than a later look
_OF_PROVIDER = text("""
INSERT INTO discrepancies AS d (class, provider, expected, seen, note)
VALUES (:kind, :provider, :expected, :seen, :note)
ON CONFLICT (class, provider, order_id) WHERE closed_at IS NULL
DO UPDATE SET expected = excluded.expected, seen = excluded.seen, note = CASE
   WHEN d.seen IS NULL THEN left(excluded.note || '; ' || d.note, :characters)
   WHEN abs((excluded.seen - excluded.expected) - (d.seen - d.expected)) <= :tolerance THEN d.note
   ELSE excluded.note END""")
_EXPLAINED = text("""
UPDATE discrepancies SET closed_at = now(), close_note = :why
 WHERE provider = :provider AND order_id IS NULL AND closed_at IS NULL AND class = ANY (:classes)
RETURNING id""")
_COLUMNS = """
SELECT id, class AS kind, provider, order_id, expected, seen, note, opened_at,
       now() - opened_at AS age, entry_id FROM discrepancies WHERE closed_at IS NULL"""
_LIST = text(f"{_COLUMNS} ORDER BY id LIMIT :limit")
_OF_CLASSES = text(f"""{_COLUMNS} AND provider = :provider AND order_id IS NULL
   AND class = ANY (:classes) ORDER BY id""")
_FIND = text(f"{_COLUMNS} AND id = :id")
_LOCK = text(f"{_COLUMNS} AND id = :id FOR UPDATE")
_NAME = text("UPDATE discrepancies SET entry_id = :entry WHERE id = :id")
_CLOSE = text("""
UPDATE discrepancies SET closed_at = now(), closed_by = :by, close_note = :note,
       entry_id = coalesce(:entry, entry_id) WHERE id = :id""")


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """An open one. Amounts are in the provider's currency, or in the account's own (D12).

    `provider`: whose books; of our own bugs also the house's, or `customer:ID`. `entry` names it.
    """

    id: int
    kind: str
    provider: str
    order: int | None
    expected: Decimal | None
    seen: Decimal | None
    note: str
    opened_at: datetime
    age: timedelta
    entry: int | None

    @property
    def difference(self) -> Decimal | None:
        """What is seen less what is expected."""
        return difference_of(self.expected, self.seen)


async def record(
    connection: AsyncConnection, provider: str, order: int | None, findings: Sequence[Finding]
) -> bool:
    """Open what was found, one of a class and order at a time, or note it where it is put right.

    Whether any was opened that was not open before.
    """
    fresh = False
    for finding in findings:
        asked = _asked(provider, order, finding)
        if finding.kind in PUT_RIGHT_AT_ONCE:
            await connection.execute(_CLOSED, asked)
        else:
            fresh |= any(row.fresh for row in await connection.execute(_OPEN, asked))
    return fresh


async def record_named(
    connection: AsyncConnection, provider: str, order: int, finding: Finding, entry: int
) -> None:
    """Open what was found together with the journal entry that books it."""
    opened = await connection.execute(_OPEN, _asked(provider, order, finding))
    for number in opened.scalars():
        await connection.execute(_NAME, {"id": number, "entry": entry})


async def clear(connection: AsyncConnection, observed: Mapping[int, Sequence[Finding]]) -> None:
    """Close the discrepancies of orders that their latest observation no longer shows.

    Our own bugs no observation of an order explains.
    """
    still = [(order, found.kind) for order, findings in observed.items() for found in findings]
    await connection.execute(
        _CLEAR,
        {
            "orders": list(observed),
            "ours": sorted(OUR_BUGS),
            "still_orders": [order for order, _ in still],
            "still_classes": [kind for _, kind in still],
        },
    )


async def weighed(connection: AsyncConnection, provider: str, finding: Finding) -> Sequence[int]:
    """A provider's balance equation leaves this open, and no other class any more: which closed."""
    asked = _asked(provider, None, finding)
    del asked["order"]
    asked |= {"characters": NOTE_CHARACTERS_MAX, "tolerance": TOLERANCE}
    await connection.execute(_OF_PROVIDER, asked)
    others = [each for each in OF_THE_EQUATION if each is not finding.kind]
    return await _explained(connection, provider, others, f"seen as {finding.kind} since")


async def explained(connection: AsyncConnection, provider: str) -> Sequence[int]:
    """A provider's balance equation holds: what it had left open is closed; which."""
    return await _explained(connection, provider, OF_THE_EQUATION, "the balance is explained")


async def listed(connection: AsyncConnection, limit: int = LISTED_MAX) -> Sequence[Discrepancy]:
    """The open ones, oldest first."""
    return [_read(row) for row in await connection.execute(_LIST, {"limit": limit})]


async def of_provider(
    connection: AsyncConnection, provider: str, kinds: Sequence[Class]
) -> Sequence[Discrepancy]:
    """The open ones of a whole provider in some classes, oldest first."""
    asked = {"provider": provider, "classes": list(kinds)}
    return [_read(row) for row in await connection.execute(_OF_CLASSES, asked)]


async def find(
    connection: AsyncConnection, number: int, *, lock: bool = False
) -> Discrepancy | None:
    """An open one; None when there is none of that number."""
    row = (await connection.execute(_LOCK if lock else _FIND, {"id": number})).first()
    return _read(row) if row else None


async def name(connection: AsyncConnection, number: int, entry: int) -> None:
    """A journal entry names it, and it stays open."""
    await connection.execute(_NAME, {"id": number, "entry": entry})


async def close(
    connection: AsyncConnection, number: int, *, by: str, note: str, entry: int | None = None
) -> None:
    """An operator closes it, by an entry that names it or by his word alone."""
    why = note[:NOTE_CHARACTERS_MAX]
    await connection.execute(_CLOSE, {"id": number, "by": by, "note": why, "entry": entry})


async def _explained(
    connection: AsyncConnection, provider: str, kinds: Sequence[Class], why: str
) -> Sequence[int]:
    asked = {"provider": provider, "classes": list(kinds), "why": why}
    return (await connection.execute(_EXPLAINED, asked)).scalars().all()


def _asked(provider: str, order: int | None, finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "provider": provider,
        "order": order,
        "expected": finding.expected,
        "seen": finding.seen,
        "note": finding.note[:NOTE_CHARACTERS_MAX],
    }


def _read(row: Row[Any]) -> Discrepancy:
    return Discrepancy(
        row.id,
        row.kind,
        row.provider,
        row.order_id,
        row.expected,
        row.seen,
        row.note,
        row.opened_at,
        row.age,
        row.entry_id,
    )
