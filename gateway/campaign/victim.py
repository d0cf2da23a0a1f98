"""One life of a victim: it adds, works and decides until its failpoint kills it or its time is up.

Runs in a process of its own, forked from the template.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from random import Random
from typing import Any
from zlib import crc32

from gateway import failpoints, wiring
from gateway.domain.callers import Caller
from gateway.domain.deciding import Decision
from gateway.domain.operators import Actor
from gateway.domain.orders import State
from gateway.domain.placements import Placement
from gateway.domain.services import ServiceType
from gateway.operations import Backends
from gateway.operations.add import Wanted, add
from gateway.operations.list_orders import list_orders
from gateway.operations.resolve import resolve
from gateway.wiring import Addresses
from gateway.worker import Worker

OPERATOR = "campaign"
QUANTITY_MIN = 100
SPREAD = 5_000
EARLY_SECONDS = 1
LOOK_MILLISECONDS = 200

Tell = Callable[[str, Any], None]
"""Says one thing to the campaign: what it is called, and what it is."""


@dataclass(frozen=True, slots=True)
class Life:
    """What a victim is to do, and for how long at most.

    `failpoint` as GATEWAY_FAILPOINT spells it. `links`: one order each, of the services in turn.
    `decisions`: unconfirmed orders, each with its id at the provider, or None where it has none.
    `settles`: the time is up once nothing is on its way any more.
    """

    failpoint: str
    seconds: int
    seed: int
    customer: int = 0
    links: Sequence[str] = ()
    services: Sequence[int] = (1,)
    decisions: Sequence[tuple[int, str | None]] = ()
    settles: bool = False


def placements(links: Sequence[str], services: Sequence[int]) -> list[Placement]:
    """An order for each link, of the services in turn.

    Orders of one cost wait for each other while one is in doubt: few of these have the same.
    """
    return [
        Placement(service, ServiceType.DEFAULT, link, QUANTITY_MIN + crc32(link.encode()) % SPREAD)
        for service, link in zip(cycle(services), links, strict=False)
    ]


async def live(addresses: Addresses, life: Life, tell: Tell) -> None:
    """Live until the time is up. Says `passed` of failpoints new to it, `counted`, `answered`."""
    failpoints.arm(life.failpoint, lambda name: tell("passed", name))
    async with _working(addresses, life) as backends:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(life.seconds):
                await asyncio.gather(
                    _order(backends, life, tell), _decide(backends, life), _count(tell)
                )
                await _wait(backends, life)


async def on_its_way(backends: Backends) -> bool:
    """Whether any order is still to be sent, or being sent."""
    for state in (State.QUEUED, State.SENDING):
        async for _ in list_orders(backends, state=state):
            return True
    return False


@contextlib.asynccontextmanager
async def _working(addresses: Addresses, life: Life) -> AsyncGenerator[Backends]:
    chance = Random(life.seed)  # noqa: S311  chance that a seed can replay
    async with (
        wiring.backends(addresses, name="campaign", chance=chance) as backends,
        Worker(backends, await wiring.spill(addresses, backends)).running(),
    ):
        yield backends


async def _order(backends: Backends, life: Life, tell: Tell) -> None:
    """Two placements at a time, as the front door gathers them; what was answered is said."""
    caller = Caller(life.customer, OPERATOR, "", "USD", "standard")
    wishes = placements(life.links, life.services)
    for at in range(0, len(wishes), 2):
        wanted = [Wanted(caller, each) for each in wishes[at : at + 2]]
        tell("answered", [each for each in await add(backends, wanted) if isinstance(each, int)])


async def _decide(backends: Backends, life: Life) -> None:
    for order, accepted in life.decisions:
        await resolve(backends, order, Decision(Actor(OPERATOR), accepted, "the truth"))


async def _wait(backends: Backends, life: Life) -> None:
    for _ in range(life.seconds * 1_000 // LOOK_MILLISECONDS):
        await asyncio.sleep(LOOK_MILLISECONDS / 1_000)
        # every life looks, so that this can be killed, too
        going_on = await on_its_way(backends)
        if life.settles and not going_on:
            return


async def _count(tell: Tell) -> None:
    """How often each failpoint was passed at first: any of these passages comes again."""
    await asyncio.sleep(EARLY_SECONDS)
    tell("counted", failpoints.passages())
