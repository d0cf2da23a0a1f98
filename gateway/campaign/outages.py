"""Postgres killed under load and begun again, time after time (money.md 8, F4)."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import parse_qs, urlsplit

from gateway import wiring
from gateway.campaign.accounts import Account, Booked, account
from gateway.campaign.asking import Door, Wish, place, wishes
from gateway.campaign.ground import Ground, Report, Stuck
from gateway.campaign.processes import begin, environment_of
from gateway.campaign.shop import KEYS, Shelf, links, open_shop
from gateway.campaign.verdict import TAKEN
from gateway.domain.orders import State
from gateway.embedded import postgres, process
from gateway.embedded.outages import begin_database, kill_database, left
from gateway.operations import Backends, InDoubt, Unreachable
from gateway.operations.list_orders import list_orders
from gateway.sandbox.panel import Panel
from gateway.sandbox.server import start

BACK_SECONDS_MAX = 30
AT_ONCE = 8
LOOK_SECONDS = 0.02
READY_SECONDS = 60
SETTLING_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Plan:
    """How often it is killed, after how much load at most, and how long it stays away at most."""

    kills: int
    seed: int
    load_milliseconds: int = 3_000
    away_milliseconds: int = 500
    workers: int = 2


@dataclass(slots=True)
class _Crowd:
    """Customers who order one after another; `wanted` grows until `over`."""

    door: Door
    chance: Random
    wanted: list[Wish] = field(default_factory=list[Wish])
    answered_at: int = 0
    over: bool = False

    async def order(self) -> None:
        """One of them."""
        while not self.over:
            (wish,) = wishes(1, self.chance, first=len(self.wanted) + 1)
            self.wanted.append(wish)
            await place(self.door, wish, insist=False)
            if wish.order is not None:
                self.answered_at = time.monotonic_ns()


class Server:
    """The Postgres of a data folder, as often as it is begun."""

    def __init__(self, made: Ground) -> None:
        self._folder = made.folder / "data"
        query = parse_qs(urlsplit(made.addresses.database_url).query)
        self._sockets = Path(query["host"][0])
        self._running = made.running
        self._child: process.Child | None = None

    async def kill(self) -> None:
        """SIGKILL; returns when nothing of it is left."""
        kill_database(self._folder)
        for _ in range(int(READY_SECONDS / LOOK_SECONDS)):
            # asked each time: one that nobody has waited for still holds its number and its lock
            gone = self._running.lost() if self._child is None else self._child.process.poll()
            if gone and not left(self._folder):
                return
            await asyncio.sleep(LOOK_SECONDS)
        raise Stuck("a killed Postgres does not end")

    async def begin(self) -> None:
        """Begin it, with every safety of a real one; returns when it answers."""
        self._child = begin_database(self._folder, self._sockets, durable=True)
        for _ in range(int(READY_SECONDS / LOOK_SECONDS)):
            if await asyncio.to_thread(postgres.answers, self._sockets):
                return
            await asyncio.sleep(LOOK_SECONDS)
        raise Stuck(f"Postgres does not begin again: {self._child.log.tail()}")

    async def end(self) -> None:
        """End the last one."""
        if self._child is not None:
            await asyncio.to_thread(process.stop, [self._child])


@asynccontextmanager
async def durable(made: Ground) -> AsyncGenerator[Server]:
    """The ground's Postgres as one that keeps its word: begun again with fsync."""
    server = Server(made)
    await server.kill()
    await server.begin()
    try:
        yield server
    finally:
        await server.end()


async def outages(made: Ground, plan: Plan) -> Report:
    """The whole campaign. Raises `Stuck`."""
    began = time.monotonic()
    chance = Random(plan.seed)  # noqa: S311  chance that a seed can replay
    panel = Panel()
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(durable(made))
        await wiring.migrate(made.addresses.database_url)
        sandbox = await start(panel)
        stack.push_async_callback(sandbox.stop)
        backends = await stack.enter_async_context(wiring.backends(made.addresses, name="campaign"))
        key = await open_shop(backends, Shelf({"panel": sandbox.url}, [["panel"]]))
        url = await stack.enter_async_context(_processes(made, plan))
        crowd = _Crowd(Door(url, key), chance)
        away = await _kill(server, crowd, plan)
        await _settle(backends)
        booked = [Booked(*each) for each in links({"panel": panel})]
        found = await account(backends, booked, crowd.wanted)
    return _report(plan, int(time.monotonic() - began), away, (crowd.wanted, found))


@asynccontextmanager
async def _processes(made: Ground, plan: Plan) -> AsyncGenerator[str]:
    """A front door and the workers; the door's URL."""
    environment = {**environment_of(made.addresses), **KEYS}
    door = await begin(["gateway", "serve", "--port", "0"], made.folder / "door.log", environment)
    works = [
        await begin(["gateway", "work"], made.folder / f"worker-{number}.log", environment)
        for number in range(plan.workers)
    ]
    try:
        url = (await door.ready("serving ")).split()[0]
        for each in works:
            await each.ready("working")
        yield url
    finally:
        await asyncio.gather(*(each.kill() for each in (door, *works)))


async def _kill(server: Server, crowd: _Crowd, plan: Plan) -> list[int]:
    """All kills under load; for each, milliseconds from the kill to the next order taken."""
    asking = [asyncio.create_task(crowd.order()) for _ in range(AT_ONCE)]
    away: list[int] = []
    try:
        await _answered_after(crowd, 0)
        for _ in range(plan.kills):
            await asyncio.sleep(crowd.chance.randrange(plan.load_milliseconds // 3 + 1) / 1_000)
            await asyncio.sleep(plan.load_milliseconds * 2 / 3_000)
            killed_at = time.monotonic_ns()
            await server.kill()
            await asyncio.sleep(crowd.chance.randrange(plan.away_milliseconds + 1) / 1_000)
            # an answer that came before may have been on its way when it was killed
            begun_at = time.monotonic_ns()
            await server.begin()
            away.append((await _answered_after(crowd, begun_at) - killed_at) // 1_000_000)
        crowd.over = True
        async with asyncio.timeout(SETTLING_SECONDS):
            await asyncio.gather(*asking)
    except TimeoutError:
        raise Stuck("customers are not answered any more") from None
    finally:
        for each in asking:
            each.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
    return away


async def _answered_after(crowd: _Crowd, moment: int) -> int:
    """When an order was taken after this moment; now, when none was for a minute."""
    for _ in range(int(READY_SECONDS / LOOK_SECONDS)):
        if crowd.answered_at > moment:
            return crowd.answered_at
        await asyncio.sleep(LOOK_SECONDS)
    return time.monotonic_ns()


async def _settle(backends: Backends) -> None:
    """Until nothing is on its way any more; a worker may have lost an attempt to the reaper."""
    for _ in range(SETTLING_SECONDS * 2):
        with suppress(Unreachable, InDoubt):
            if not await _under_way(backends):
                return
        await asyncio.sleep(0.5)


async def _under_way(backends: Backends) -> bool:
    for state in (State.QUEUED, State.SENDING):
        async for _ in list_orders(backends, state=state):
            return True
    return False


def _report(
    plan: Plan, seconds: int, away: Sequence[int], ended: tuple[Sequence[Wish], Account]
) -> Report:
    wanted, found = ended
    breaks = list(found.breaks)
    longest = max(away, default=0)
    if longest >= BACK_SECONDS_MAX * 1_000:
        breaks.append(f"no order was taken for {longest} ms after a kill")
    if len(away) < plan.kills:
        breaks.append(f"it was killed {len(away)} times only")
    return Report(
        campaign="postgres",
        seed=plan.seed,
        seconds=seconds,
        figures={
            "kills under load": len(away),
            "orders sent by customers": len(wanted),
            "answered with an id": sum(1 for each in wanted if each.order is not None),
            "refused while it was away": sum(1 for each in wanted if each.refused),
            "left open once, and asked again": sum(1 for each in wanted if each.doubted),
            "never answered surely": sum(
                1 for each in wanted if each.order is None and not each.refused
            ),
            "back after ms, median": sorted(away)[len(away) // 2] if away else 0,
            "back after ms, at most": longest,
            "at the provider": found.booked,
            "active or later": found.count(*TAKEN),
            "unconfirmed": found.count(State.UNCONFIRMED),
            "review": found.count(State.REVIEW),
            "failed": found.count(State.FAILED),
            "still queued": found.count(State.QUEUED),
            "doubled": found.doubled,
            "acknowledged and missing": found.lost,
        },
        breaks=breaks,
    )
