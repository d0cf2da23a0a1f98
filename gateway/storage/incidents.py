"""Ids that come for the wrong order, or too late: they are recorded, and move no money."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.orders import HELD, POLLED
from gateway.domain.outcomes import Outcome
from gateway.domain.targets import Class, Finding
from gateway.storage import discrepancies
from gateway.storage.claims import AttemptKey
from gateway.storage.settling import Ended, Taken

_KNOWN = text("""
WITH asked AS (SELECT * FROM unnest(CAST(:providers AS text[]), CAST(:ids AS text[]))
    AS x (provider, provider_order))
SELECT provider, provider_order, order_id, 0 AS number
  FROM order_parts JOIN asked USING (provider, provider_order)
UNION ALL
SELECT provider, provider_order, order_id, number
  FROM attempts JOIN asked USING (provider, provider_order)""")
_OTHERWISE = text("""
SELECT a.order_id, a.number FROM attempts a JOIN attempts b USING (order_id, run)
  JOIN unnest(CAST(:orders AS bigint[]), CAST(:numbers AS integer[])) AS asked (order_id, number)
    ON (a.order_id, a.number) = (asked.order_id, asked.number)
 WHERE a.outcome = 'disproved' AND b.outcome IN ('open', 'uncertain', 'accepted')""")


async def known(
    connection: AsyncConnection, ids: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], tuple[int, int]]:
    """Which of these (provider, provider's order id) are known: our order, and its attempt.

    The number of the attempt is 0 where the provider named the id as a child of the order.
    """
    asked = {"providers": [each[0] for each in ids], "ids": [each[1] for each in ids]}
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for row in await connection.execute(_KNOWN, asked):
        key = (row.provider, row.provider_order)
        found[key] = max(found.get(key, (0, 0)), (row.order_id, row.number))
    return found


async def without_known_ids(
    connection: AsyncConnection, returned: Sequence[tuple[str, Ended]]
) -> list[Ended]:
    """What providers said, of whom each has a name; an id that one gave before is doubted.

    That is an incident, and recorded, not an order (money.md 3). So is an id for a run that an
    operator has disproved, and that was sent again since (T14): no look at the order explains it.
    """
    asked = [(name, each.provider_order) for name, each in returned if each.provider_order]
    owners = await known(connection, asked) if asked else {}
    otherwise = await _sent_otherwise(connection, [each.key for _, each in returned])
    sound: list[Ended] = []
    for name, each in returned:
        number, own = each.provider_order, (each.key.order, each.key.number)
        if number is None:
            sound.append(each)
            continue
        owner = owners.setdefault((name, number), own)
        if owner == own and own not in otherwise:
            sound.append(each)
            continue
        order: int | None = each.key.order
        note = f"{name} gave id {number} again, which is order {owner[0]}"
        if owner == own:
            note = f"{name} gave id {number} for run {each.key.run} of order {order}, sent again"
            order = None
        await discrepancies.record(connection, name, order, [Finding(Class.FOREIGN, note)])
        sound.append(replace(each, outcome=Outcome.UNCERTAIN, provider_order=None, reason=note))
    return sound


async def in_time(connection: AsyncConnection, taken: Sequence[Taken]) -> list[Taken]:
    """Those that can be confirmed; the others were accepted after their orders had ended here."""
    sound: list[Taken] = []
    for each in taken:
        order = each.order
        if order.state in (HELD if each.key.run == 1 else POLLED):
            sound.append(each)
            continue
        note = f"accepted as {each.provider_order} after the order was {order.state}"
        finding = Finding(Class.FOREIGN, note)
        await discrepancies.record(connection, order.ref.provider, order.id, [finding])
    return sound


async def _sent_otherwise(
    connection: AsyncConnection, keys: Sequence[AttemptKey]
) -> set[tuple[int, int]]:
    """Those attempts that were disproved, and for whose runs there is another one that counts."""
    later = [key for key in keys if key.run > 1]  # whose first run is disproved has ended
    if not later:
        return set()
    asked = {"orders": [key.order for key in later], "numbers": [key.number for key in later]}
    return {(row.order_id, row.number) for row in await connection.execute(_OTHERWISE, asked)}
