"""What was said of parts of locked orders: written down, and what it means for their orders."""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.observations import Observation, Refused
from gateway.domain.orders import Standing
from gateway.domain.parts import look
from gateway.domain.targets import VANISHED_TIMES, Class, Finding
from gateway.storage import parts
from gateway.storage.judging import DENIED_SECONDS_MAX, Round, pace_of_part, soon
from gateway.storage.parts import Looked, PartKey
from gateway.storage.polling import Followed

Said = Mapping[PartKey, Observation | Refused]


def may_have_parts(order: Standing) -> bool:
    """Whether runs or children may stand behind an order."""
    return order.runs is not None or order.subscribes


async def look_at_parts(
    connection: AsyncConnection, round_: Round, said: Said, denied: Mapping[PartKey, int]
) -> set[int]:
    """Write down what was said of parts; the orders to which it matters.

    `denied`: how often within a day nothing was told of a part, or of an order.
    """
    looked: list[Looked] = []
    stirred: set[int] = set()
    for key, answer in said.items():
        known = round_.parts.get(key.order, {}).get(key.part)
        if known is None:
            continue
        order, times = round_.followed[key.order].standing, denied.get(key, 0)
        after = look(
            order, known.part, answer, equal_for=known.equal_for, age=known.age, times=times
        )
        round_.parts[key.order][key.part] = replace(known, part=after.part)
        if after.matters:
            stirred.add(key.order)
        seconds = pace_of_part(round_, key, known, after.part)
        if seconds is not None and 0 < times < VANISHED_TIMES:
            seconds = soon(round_, seconds, DENIED_SECONDS_MAX)
        looked.append(Looked(key, after.part, after.same, seconds))
    await parts.save(connection, looked)
    return stirred


async def note_children(
    connection: AsyncConnection, round_: Round, followed: Followed, row: Observation
) -> tuple[Finding, ...]:
    """Children that a provider names for the first time are looked at from now on.

    Those that are not the order's are found again as long as they are named.
    """
    order = followed.standing
    if not row.children or not may_have_parts(order):
        return ()
    quantity = None if order.subscribes else followed.run_quantity
    provider = round_.provider.name
    foreign = await parts.name(connection, order.id, provider, row.children, quantity)
    round_.parts.update(await parts.load(connection, [order.id]))
    return tuple(
        Finding(Class.FOREIGN, f"child {number} is known already, of order {owner}")
        for number, owner in foreign.items()
        if owner != order.id
    )
