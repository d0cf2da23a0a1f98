"""What a reading of a provider's balance means for his discrepancies (money.md 7)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.equation import Equation
from gateway.domain.equation_classes import SEEN_AGAIN_AFTER, Moved, finding, holds
from gateway.storage import discrepancies, readings, suspense

MOVED_MAX = 2_000
STEP_HOURS = 24
"""So far back is looked for what changed, when there is no quiet reading from before."""

_DOUBTFUL = text("""
SELECT a.cost FROM attempts a JOIN orders o ON o.id = a.order_id
 WHERE a.provider = :provider AND a.cost_currency = :currency AND a.outcome = 'uncertain'
   AND o.state <> 'failed' ORDER BY a.order_id, a.number""")
_MOVED = """
SELECT e.order_id, t.amount FROM (
    SELECT t.entry_id, t.amount FROM transfers t
     WHERE t.{side} = (SELECT id FROM accounts WHERE kind = 'prepaid'
       AND (provider, currency) = (:provider, :currency))
     ORDER BY t.xid DESC LIMIT :limit) t
  JOIN journal_entries e ON e.id = t.entry_id
 WHERE e.kind = 'cost' AND e.key LIKE :key AND e.at > :since AND e.at <= :until ORDER BY e.id"""
_ACCEPTED = text(_MOVED.format(side="credit_id"))
_LOWERED = text(_MOVED.format(side="debit_id"))


async def judge(connection: AsyncConnection, latest: Equation | None) -> None:
    """Open what two quiet readings in a row leave open, close what a quiet one explains."""
    if latest is None or not latest.quiet:
        return
    doubtful = await _doubtful(connection, latest)
    if holds(latest, doubtful):
        closed = await discrepancies.explained(connection, latest.provider)
        await suspense.put_back(connection, closed)
        return
    before = await readings.quiet_before(connection, latest, SEEN_AGAIN_AFTER)
    if before is None or holds(before, doubtful):
        return
    accepted, lowered = await _moved(connection, before)
    if found := finding(latest, before, accepted, lowered):
        closed = await discrepancies.weighed(connection, latest.provider, found)
        await suspense.put_back(connection, closed)


async def _doubtful(connection: AsyncConnection, equation: Equation) -> Sequence[Decimal]:
    asked = {"provider": equation.provider, "currency": equation.currency}
    return (await connection.execute(_DOUBTFUL, asked)).scalars().all()


async def _moved(
    connection: AsyncConnection, first: Equation
) -> tuple[Sequence[Moved], Sequence[Moved]]:
    """Costs that were booked, and by how much they came down, just before a reading."""
    earlier = await readings.quiet_before(connection, first, timedelta(microseconds=1))
    since = earlier.read_at if earlier else first.read_at - timedelta(hours=STEP_HOURS)
    found: list[Sequence[Moved]] = []
    for statement, key in ((_ACCEPTED, "cost%"), (_LOWERED, "seen:%")):
        rows = await connection.execute(statement, _within(first, since) | {"key": key})
        found.append([Moved(row.order_id, row.amount) for row in rows])
    return found[0], found[1]


def _within(first: Equation, since: datetime) -> dict[str, object]:
    return {
        "provider": first.provider,
        "currency": first.currency,
        "since": since,
        "until": first.read_at,
        "limit": MOVED_MAX,
    }
