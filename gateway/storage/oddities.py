"""What single orders show of their provider as a whole, and what follows for him (money.md 7)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.brakes import Brakes
from gateway.domain.catalog import Provider
from gateway.domain.money import plain
from gateway.domain.targets import Class, Finding
from gateway.storage import discrepancies, offers
from gateway.storage.judging import Judged

BACKWARDS_MAX = 3

_BACK = text("""
SELECT count(*) FROM discrepancies
 WHERE provider = :provider AND class = 'D8' AND order_id IS NOT NULL
   AND opened_at > now() - interval '1 day'""")
_FORTH = text("""
UPDATE discrepancies SET closed_at = now()
 WHERE provider = :provider AND class = 'D8' AND order_id IS NULL AND closed_at IS NULL
   AND (SELECT count(*) FROM discrepancies b WHERE b.provider = :provider AND b.class = 'D8'
          AND b.order_id IS NOT NULL AND b.opened_at > now() - interval '1 day') <= :at_most""")
_OVERCHARGED = text("""
WITH hit AS (SELECT DISTINCT offer FROM orders WHERE id = ANY (:orders))
SELECT o.offer, count(*) AS orders, sum(d.more * o.conversion) AS loss
  FROM (SELECT order_id, max(seen - expected) AS more, max(opened_at) AS at FROM discrepancies
         WHERE provider = :provider AND class = 'D2' AND seen > expected
           AND opened_at > now() - interval '1 hour' GROUP BY 1) AS d
  JOIN orders o ON o.id = d.order_id JOIN hit USING (offer)
  JOIN offers f ON f.provider = o.provider AND f.offer = o.offer AND f.state = 'listed'
 WHERE o.provider = :provider AND (f.agreed_at IS NULL OR d.at > f.agreed_at)
 GROUP BY 1""")


@dataclass(frozen=True, slots=True)
class Odd:
    """Offers that are not sold any more, and what somebody should look at."""

    paused: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()


async def heed(
    connection: AsyncConnection, provider: Provider, brakes: Brakes, judged: Sequence[Judged]
) -> Odd:
    """Stop a provider, or the sale of an offer, over what was just recorded of orders."""
    alarms = await _going_back(connection, provider.name, judged)
    if stopped := await _stop(connection, provider, judged):
        alarms = (*alarms, stopped)
    paused = await _overcharging(connection, provider.name, brakes, judged)
    return Odd(tuple(paused), (*alarms, *(f"{offer} {why}" for offer, why in paused.items())))


async def _going_back(
    connection: AsyncConnection, provider: str, judged: Sequence[Judged]
) -> tuple[str, ...]:
    """More than a few orders that go back on a day are not the orders' fault (D8); told once."""
    backwards = [each for each in judged if _shows(each, Class.BACKWARDS)]
    if not backwards:
        await connection.execute(_FORTH, {"provider": provider, "at_most": BACKWARDS_MAX})
        return ()
    times = (await connection.execute(_BACK, {"provider": provider})).scalar_one()
    if times <= BACKWARDS_MAX:
        return ()
    note = f"orders went back from their end {times} times within a day"
    found = [Finding(Class.BACKWARDS, note)]
    return (note,) if await discrepancies.record(connection, provider, None, found) else ()


async def _stop(connection: AsyncConnection, provider: Provider, judged: Sequence[Judged]) -> str:
    """Nothing is sent to a provider who charges in another currency than his document says (D9).

    Until an operator closes what is recorded of the provider as a whole; told once.
    """
    for each in judged:
        named = each.observed.currency if each.observed else None
        if named not in (None, provider.currency, each.followed.terms.currency):
            note = f"order {each.seen.order} is charged in {named}, not in {provider.currency}"
            found = [Finding(Class.FORMAT, note)]
            fresh = await discrepancies.record(connection, provider.name, None, found)
            return note if fresh else ""
    return ""


async def _overcharging(
    connection: AsyncConnection, provider: str, brakes: Brakes, judged: Sequence[Judged]
) -> dict[str, str]:
    """Offers at which more was charged than agreed too often, or too much: why, by their ids."""
    moved = [each.seen.order for each in judged if _shows(each, Class.RATE_MOVED)]
    if not moved:
        return {}
    found = await connection.execute(_OVERCHARGED, {"provider": provider, "orders": moved})
    why = {
        row.offer: f"charged {plain(row.loss)} more than agreed for {row.orders} orders in an hour"
        for row in found
        if row.orders >= brakes.overcharged_times or row.loss > brakes.overcharged_above
    }
    await offers.quarantine(connection, provider, why)
    return why


def _shows(judged: Judged, kind: Class) -> bool:
    return any(each.kind is kind for each in judged.findings)
