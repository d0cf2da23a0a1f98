"""One run: a database of its own, the whole course, and what the oracle says of it."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from gateway import wiring
from gateway.domain.catalog import Provider
from gateway.operations import Backends
from gateway.operations.verify import verify
from gateway.simulation.clock import START, Clock
from gateway.simulation.course import Cast, Course
from gateway.simulation.faults import Dice
from gateway.simulation.oracle import Oracle, Truth, Verdict
from gateway.simulation.panels import KEY, ScriptedPanel
from gateway.simulation.setting import Setting
from gateway.simulation.shop import Demand, open_shop, providers
from gateway.simulation.workers import WORKERS, Workers
from gateway.storage import witness
from gateway.storage.virtual_time import Stage, scratch, stage
from gateway.upstream.panels import Panels
from gateway.upstream.played import PlayedTransport
from gateway.wiring import Addresses

POOL = 2
SECRET = "a secret for one simulation"  # noqa: S105  of a database that is thrown away

Meddle = Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run went. `asked`: calls to the panels by action; `took_milliseconds` is real time.

    `oracle`: who judged it, and could judge other records beside the same truth.
    """

    seed: int
    orders: int
    verdict: Verdict
    oracle: Oracle
    struck: dict[str, int]
    asked: dict[str, int]
    virtual: timedelta
    took_milliseconds: int


async def simulate(
    setting: Setting, database_url: str, redis_url: str, meddle: Meddle | None = None
) -> Ran:
    """One run on these servers. `meddle` may damage the records before they are judged.

    Raises AssertionError when it does not come to its end.
    """
    began = time.monotonic_ns()
    async with scratch(database_url) as url, stage(url) as staged:
        clock = Clock(staged)
        names = providers(setting.providers)
        panels = {name: ScriptedPanel(name, setting, clock) for name in names}
        ways = {name: PlayedTransport(panel.play) for name, panel in panels.items()}
        called = Panels(_key, ways=lambda provider: ways[provider.name])
        addresses = Addresses(url, redis_url, SECRET)
        chance = setting.chance("operations")
        async with wiring.backends(
            addresses, name="gateway simulation", pool=POOL, chance=chance, panels=called
        ) as backends:
            cast = await _cast(backends, staged, clock, panels, setting)
            course = Course(cast, setting)
            await course.run()
            if meddle:
                await meddle(staged)
            async with backends.database.reading() as connection:
                records = await witness.records(connection)
            truth = Truth(panels, await verify(backends), course.weighings)
            oracle = Oracle(records, truth)
    asked: dict[str, int] = {}
    for panel in panels.values():
        for action, count in panel.panel.requests.items():
            asked[action] = asked.get(action, 0) + count
    return Ran(
        seed=setting.seed,
        orders=cast.demand.placed,
        verdict=oracle.judge(),
        oracle=oracle,
        struck=dict(sorted(cast.workers.struck.items())),
        asked=dict(sorted(asked.items())),
        virtual=clock.now - START,
        took_milliseconds=(time.monotonic_ns() - began) // 1_000_000,
    )


async def _cast(
    backends: Backends,
    staged: Stage,
    clock: Clock,
    panels: dict[str, ScriptedPanel],
    setting: Setting,
) -> Cast:
    callers = await open_shop(backends, tuple(panels))
    demand = Demand(backends, callers, setting.chance("customers"))
    dice = Dice(setting.faults, setting.chance("faults"))
    workers = Workers(backends, staged, clock, panels, dice, setting.chance("workers"))
    for _ in range(WORKERS):
        await workers.hire()
    return Cast(backends, staged, clock, panels, workers, demand, dice)


def _key(_provider: Provider) -> str:
    return KEY
