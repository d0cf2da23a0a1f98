"""Ids that come for the wrong order, or too late: recorded, and never the customer's to pay."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.orders import HELD, POLLED
from gateway.domain.outcomes import Outcome
from gateway.domain.postings import CostTerms, loss
from gateway.domain.requests import Kind
from gateway.domain.targets import Class, Finding
from gateway.storage import discrepancies, ledger, probes, requests, settling
from gateway.storage.claims import AttemptKey
from gateway.storage.ledger import Posting
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
_LATE = text("""
SELECT provider, cost_currency FROM attempts WHERE (order_id, number) = (:order, :number)""")
# an order of one run is known by that id from now on, so that its cancel can be asked for
_TAKEN_LATE = text("""
UPDATE orders o SET cost_booked = o.cost_booked + a.cost,
       provider = CASE WHEN own.so THEN a.provider ELSE o.provider END,
       offer = CASE WHEN own.so THEN a.offer ELSE o.offer END,
       provider_order = CASE WHEN own.so THEN a.provider_order ELSE o.provider_order END
  FROM attempts a CROSS JOIN LATERAL (SELECT a.run = 1 AS so) own
 WHERE (a.order_id, a.number) = (:order, :number) AND o.id = a.order_id""")

ACTOR = "late reply"


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

    That is an incident, and recorded, not an order (money.md 3). So is an id for a try that was
    disproved, and followed by another (T14): no look at the order explains it.
    """
    asked = [(name, each.provider_order) for name, each in returned if each.provider_order]
    owners = await known(connection, asked) if asked else {}
    otherwise = await _sent_otherwise(
        connection, [each.key for _, each in returned if each.provider_order]
    )
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
            run = f"run {each.key.run} of order" if each.key.run > 1 else "order"
            note = f"{name} gave id {number} for {run} {order}, sent again"
            order = None
        await discrepancies.record(connection, name, order, [Finding(Class.FOREIGN, note)])
        sound.append(replace(each, outcome=Outcome.UNCERTAIN, provider_order=None, reason=note))
    return sound


async def found_late(
    connection: AsyncConnection, ended: Sequence[Ended], certain: Collection[AttemptKey]
) -> None:
    """Ids that turned up for orders that had failed, by their cost: each is our loss (T13).

    `certain`: those whose ids can be nobody else's, so that they were executed too late for sure.
    """
    locked = await settling.lock(connection, [each.key.order for each in ended])
    costs = await settling.end_attempts(connection, ended)
    for each in ended:
        if each.key in costs and each.provider_order:
            order = locked[each.key.order]
            taken = Taken(order, each.key, each.provider_order, costs[each.key])
            await _too_late(connection, taken, certain=each.key in certain)


async def in_time(connection: AsyncConnection, taken: Sequence[Taken]) -> list[Taken]:
    """Those that can be confirmed; the others were accepted after their orders had ended here.

    What those cost is a loss, booked here as no customer's balance is moved by it; their provider
    is asked to cancel them (T13).
    """
    sound: list[Taken] = []
    for each in taken:
        if each.order.state in (HELD if each.key.run == 1 else POLLED):
            sound.append(each)
        else:
            await _too_late(connection, each, certain=True)
    return sound


async def _too_late(connection: AsyncConnection, taken: Taken, *, certain: bool) -> None:
    order, key = taken.order, taken.key
    asked = {"order": key.order, "number": key.number}
    late = (await connection.execute(_LATE, asked)).one()
    note = f"accepted as {taken.provider_order} after the order was {order.state}"
    finding = Finding(Class.FOREIGN, note)
    name = "loss" if key.run == 1 else f"loss:{key.run}"
    terms = order.terms
    if (late.provider, late.cost_currency) != (terms.provider, terms.currency):
        # it was sent to somebody else since: what his money was worth here is not on record
        terms = CostTerms(late.provider, late.cost_currency, late.cost_currency, Decimal(1))
    entry = loss(terms, taken.cost, name, note)
    await connection.execute(_TAKEN_LATE, asked)
    if certain:
        await probes.withdraw(connection, late.provider, key)
    if key.run == 1:
        await requests.ask(connection, Kind.CANCEL, [order.id])
    if entry is None:
        await discrepancies.record(connection, late.provider, order.id, [finding])
        return
    (number,) = await ledger.post(connection, [Posting(entry, order.id)], actor=ACTOR)
    await discrepancies.record_named(connection, late.provider, order.id, finding, number)


async def _sent_otherwise(
    connection: AsyncConnection, keys: Sequence[AttemptKey]
) -> set[tuple[int, int]]:
    """Those attempts that were disproved, and for whose runs there is another one that counts."""
    if not keys:
        return set()
    asked = {"orders": [key.order for key in keys], "numbers": [key.number for key in keys]}
    return {(row.order_id, row.number) for row in await connection.execute(_OTHERWISE, asked)}
