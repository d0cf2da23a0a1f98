"""Many workers after the same orders at the same moment, and who gets them (money.md 8, F8)."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from random import Random

from gateway import wiring
from gateway.campaign.asking import wishes
from gateway.campaign.ground import BREAKS_SHOWN_MAX, Report, Stuck
from gateway.campaign.shop import OFFER, Shelf, open_shop
from gateway.domain.callers import Caller
from gateway.domain.catalog import OfferRef
from gateway.domain.orders import State
from gateway.domain.outcomes import Outcome
from gateway.domain.placements import Placement
from gateway.domain.services import ServiceType
from gateway.operations import Backends
from gateway.operations.add import Wanted, add
from gateway.operations.claim import claim
from gateway.operations.dispatch import Returned, settle
from gateway.operations.identify import identify
from gateway.operations.list_orders import list_orders
from gateway.operations.verify import verify
from gateway.sandbox.panel import Panel
from gateway.sandbox.server import start
from gateway.storage.claims import Departure
from gateway.storage.settling import Ended
from gateway.wiring import Addresses

PANEL = "panel"
WORKERS_MIN = 2
WORKERS_MAX = 16
BATCH = 20
"""Orders that all workers of a race are after at once; each wants any part of them."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How many orders are raced for. A race is one order with 2 to 16 workers after it."""

    races: int
    seed: int


@dataclass(slots=True)
class Score:
    """`starts` by attempt of an order; `settled` by how many at once it was written down."""

    races: int = 0
    claims: int = 0
    empty: int = 0
    workers_least: int = WORKERS_MAX
    workers_most: int = 0
    starts: Counter[tuple[int, int]] = field(default_factory=Counter[tuple[int, int]])


async def races(addresses: Addresses, plan: Plan) -> Report:
    """The whole campaign: claims that race, then settlements of the same attempts that race."""
    began = time.monotonic()
    chance = Random(plan.seed)  # noqa: S311  chance that a seed can replay
    await wiring.migrate(addresses.database_url)
    score = Score()
    async with AsyncExitStack() as stack:
        sandbox = await start(Panel())
        stack.push_async_callback(sandbox.stop)
        backends = await stack.enter_async_context(
            wiring.backends(addresses, name="campaign", pool=WORKERS_MAX)
        )
        shelf = Shelf({PANEL: sandbox.url}, [[PANEL]])
        caller = await identify(backends, await open_shop(backends, shelf))
        if caller is None:
            raise Stuck("the customer's key does not open the door")
        while score.races < plan.races:
            await _race(backends, caller, min(BATCH, plan.races - score.races), chance, score)
        found = await _breaks(backends, score)
    return Report(
        campaign="race",
        seed=plan.seed,
        seconds=int(time.monotonic() - began),
        figures={
            "races": score.races,
            "workers, at least": score.workers_least,
            "workers, at most": score.workers_most,
            "claims": score.claims,
            "claims that came too late": score.empty,
            "attempts": score.starts.total(),
            "orders with more than one": sum(
                1 for count in Counter(order for order, _ in score.starts).values() if count > 1
            ),
        },
        breaks=found[:BREAKS_SHOWN_MAX],
    )


async def _race(
    backends: Backends, caller: Caller, count: int, chance: Random, score: Score
) -> None:
    """One batch of orders and a number of workers, each with its own wish for how many."""
    wanted = wishes(count, chance, first=score.races + 1)
    placements = [Placement(1, ServiceType.DEFAULT, each.link, each.quantity) for each in wanted]
    await add(backends, [Wanted(caller, each) for each in placements])
    workers = chance.randint(WORKERS_MIN, WORKERS_MAX)
    score.races += count
    score.workers_least = min(score.workers_least, workers)
    score.workers_most = max(score.workers_most, workers)
    left = count
    while left > 0:
        limits = [chance.randint(1, count) for _ in range(workers)]
        took = await asyncio.gather(
            *(claim(backends, PANEL, worker, limit) for worker, limit in enumerate(limits, 1))
        )
        departures = [each for part in took for each in part]
        score.claims += workers
        score.empty += sum(1 for part in took if not part)
        score.starts.update((each.key.order, each.key.number) for each in departures)
        left = left - len(departures) if departures else 0
        await _settle(backends, departures, workers)


async def _settle(backends: Backends, departures: Sequence[Departure], workers: int) -> None:
    """As if the worker and those that read its journal back settled at once."""
    returned = [
        Returned(
            Ended(each.key, Outcome.ACCEPTED, provider_order=str(each.key.order)),
            OfferRef(PANEL, OFFER),
        )
        for each in departures
    ]
    if returned:
        await asyncio.gather(*(settle(backends, returned) for _ in range(min(workers, 3))))


async def _breaks(backends: Backends, score: Score) -> list[str]:
    found = [
        f"attempt {number} of order {order} was begun {count} times"
        for (order, number), count in score.starts.items()
        if count > 1 or number > 1
    ]
    orders = {order for order, _ in score.starts}
    if len(orders) != score.races:
        found.append(f"{score.races} orders were raced for, and {len(orders)} were begun")
    if not score.races:
        found.append("nobody raced")
    states = Counter([each.standing.state async for each in list_orders(backends)])
    if states != {State.ACTIVE: score.races}:
        found.append(f"not every order is active: {dict(states)}")
    invariants = await verify(backends)
    return found + [f"{name}: {rows} rows" for name, rows in invariants.items() if rows]
