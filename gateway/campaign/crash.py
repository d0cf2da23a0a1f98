"""Workers killed every few seconds while providers lose a quarter of their answers (money.md 8).

Everything is a process of its own: front door, workers, pretend providers that book and then drop,
reset, hang, cut short or garble their answers.
"""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from gateway import wiring
from gateway.campaign.accounts import Account, Booked, account
from gateway.campaign.asking import Door, Wish, place, wishes
from gateway.campaign.ground import Report, Stuck
from gateway.campaign.processes import Process, begin, environment_of
from gateway.campaign.shop import KEYS, Shelf, open_shop
from gateway.campaign.verdict import TAKEN
from gateway.domain.orders import State
from gateway.operations import Backends
from gateway.operations.list_orders import list_orders
from gateway.wiring import Addresses

FAULTS = ("close_after", "reset_after", "hang_after", "cut_after", "garbage_after")
AT_ONCE = 8
PACE_SECONDS = 0.5
SETTLED_LOOK_SECONDS = 0.5
TRUTH_BYTES_MAX = 64 << 20
DOOR_KILLED_EVERY = 4
LEASE_SECONDS = 30
"""An attempt under way when all else has settled: its time-out, and until the reaper sees it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A kill after each pause. `fault_percent` of the answers to orders for each of five faults.

    Each of `providers` is alone behind its breaker, so a few of them keep orders flowing.
    """

    orders: int
    pause_seconds: int
    seed: int
    providers: int = 8
    workers: int = 3
    fault_percent: int = 5
    limit_seconds: int = 1_200


@dataclass(slots=True)
class _House:
    """The processes, the workers of which are killed; `kills` so far, and `ports` that are kept."""

    folder: Path
    environment: dict[str, str]
    door_port: int
    door: Process
    workers: list[Process] = field(default_factory=list[Process])
    kills: int = 0
    door_kills: int = 0

    async def hire(self, number: int) -> Process:
        """A worker under a number of its own, for its log."""
        log = self.folder / f"worker-{number}.log"
        return await begin(["gateway", "work"], log, self.environment)

    async def open_door(self) -> Process:
        """The front door at its port."""
        serve = ["gateway", "serve", "--port", str(self.door_port)]
        return await begin(serve, self.folder / "door.log", self.environment)

    async def kill_one(self, chance: Random) -> None:
        """SIGKILL to one worker, now and then to the front door; another one begins at once."""
        self.kills += 1
        if self.kills % DOOR_KILLED_EVERY == 0:
            self.door_kills += 1
            await self.door.kill()
            self.door = await self.open_door()
            return
        number = chance.randrange(len(self.workers))
        await self.workers[number].kill()
        self.workers[number] = await self.hire(number)

    async def end(self) -> None:
        """All of them."""
        await asyncio.gather(*(each.kill() for each in (self.door, *self.workers)))


async def crash(addresses: Addresses, folder: Path, plan: Plan) -> Report:
    """The whole campaign. Raises `Stuck`."""
    began = time.monotonic()
    chance = Random(plan.seed)  # noqa: S311  chance that a seed can replay
    await wiring.migrate(addresses.database_url)
    async with AsyncExitStack() as stack:
        urls = await stack.enter_async_context(_providers(folder, plan))
        backends = await stack.enter_async_context(wiring.backends(addresses, name="campaign"))
        names = list(urls)
        shelf = Shelf(urls, [names[at:] + names[:at] for at in range(len(names))])
        key = await open_shop(backends, shelf)
        house = await _open(addresses, folder, plan)
        stack.push_async_callback(house.end)
        door = Door(f"http://127.0.0.1:{house.door_port}", key)
        wanted = wishes(plan.orders, chance)
        for number, wish in enumerate(wanted):
            wish.service = str(number % len(names) + 1)
        await _live(house, backends, plan, _Customers(door, wanted, chance))
        booked = [each for name, url in urls.items() for each in await _truth(name, url)]
        found = await account(backends, booked, wanted)
    return _report(plan, int(time.monotonic() - began), house, wanted, found)


@dataclass(frozen=True, slots=True)
class _Customers:
    door: Door
    wanted: Sequence[Wish]
    chance: Random


async def _live(house: _House, backends: Backends, plan: Plan, customers: _Customers) -> None:
    """Orders and kills at once, until all that was sent has settled or the time is over."""
    limit = asyncio.Semaphore(AT_ONCE)
    asking = asyncio.create_task(_ask(customers, limit))
    try:
        async with asyncio.timeout(plan.limit_seconds):
            while not asking.done() or await _under_way(backends):
                await asyncio.sleep(plan.pause_seconds)
                await house.kill_one(customers.chance)
            await asking
    except TimeoutError:
        pass
    finally:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    # nobody is killed any more: journals are read back, leases end
    for _ in range(int(LEASE_SECONDS / SETTLED_LOOK_SECONDS)):
        if not await _any(backends, State.SENDING):
            return
        await asyncio.sleep(SETTLED_LOOK_SECONDS)


async def _ask(customers: _Customers, limit: asyncio.Semaphore) -> None:
    async def one(wish: Wish) -> None:
        async with limit:
            await place(customers.door, wish)
            # so that kills of the front door meet orders, too
            await asyncio.sleep(PACE_SECONDS)

    await asyncio.gather(*(one(wish) for wish in customers.wanted))


async def _under_way(backends: Backends) -> bool:
    return await _any(backends, State.QUEUED) or await _any(backends, State.SENDING)


async def _any(backends: Backends, state: State) -> bool:
    async for _ in list_orders(backends, state=state):
        return True
    return False


async def _open(addresses: Addresses, folder: Path, plan: Plan) -> _House:
    environment = {**environment_of(addresses), **KEYS}
    first = await begin(["gateway", "serve", "--port", "0"], folder / "door.log", environment)
    url = (await first.ready("serving ")).split()[0]
    house = _House(folder, environment, urlsplit(url).port or 0, first)
    house.workers = [await house.hire(number) for number in range(plan.workers)]
    for worker in house.workers:
        await worker.ready("working")
    return house


@asynccontextmanager
async def _providers(folder: Path, plan: Plan) -> AsyncGenerator[dict[str, str]]:
    share = f"{plan.fault_percent / 100:.2f}"
    faults = [word for fault in FAULTS for word in ("--fault", f"{fault}={share}")]
    names = [f"panel{number}" for number in range(1, plan.providers + 1)]
    begun: dict[str, Process] = {}
    try:
        for name in names:
            seed = ["--seed", f"{plan.seed}:{name}", "--pace", "5"]
            command = ["gateway", "sandbox", "--port", "0", *seed, *faults]
            begun[name] = await begin(command, folder / f"{name}.log")
        yield {name: await process.ready("ready ") for name, process in begun.items()}
    finally:
        await asyncio.gather(*(each.kill() for each in begun.values()))


async def _truth(provider: str, url: str) -> list[Booked]:
    """What a pretend provider in a process of its own really took. Raises `Stuck`."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(
        f"GET /truth HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode()
    )
    head = await reader.readuntil(b"\r\n\r\n")
    body = b""
    while (piece := await reader.read(1 << 16)) and len(body) < TRUTH_BYTES_MAX:
        body += piece
    writer.close()
    if b" 200 " not in head.partition(b"\r\n")[0] or b"chunked" in head.lower():
        raise Stuck(f"{provider} does not tell the truth: {head!r}")
    return [
        Booked(provider, str(each["order"]), each["link"]) for each in json.loads(body)["orders"]
    ]


def _report(
    plan: Plan, seconds: int, house: _House, wanted: Sequence[Wish], found: Account
) -> Report:
    told = [each for each in wanted if each.order is not None]
    breaks = list(found.breaks)
    if house.kills == 0:
        breaks.append("nothing was killed")
    if found.booked == 0:
        breaks.append("nothing was booked at any provider")
    return Report(
        campaign="crash",
        seed=plan.seed,
        seconds=seconds,
        figures={
            "orders sent by customers": len(wanted),
            "answered with an id": len(told),
            "asked for again after a doubt": sum(1 for each in wanted if each.doubted),
            "refused to the end": sum(1 for each in wanted if each.refused),
            "never answered surely": sum(1 for each in wanted if not each.order and each.doubted),
            "and told last": ", ".join({each.said for each in wanted if not each.order}) or "-",
            "workers killed": house.kills - house.door_kills,
            "front doors killed": house.door_kills,
            "at the providers": found.booked,
            "active or later": found.count(*TAKEN),
            "unconfirmed": found.count(State.UNCONFIRMED),
            "review": found.count(State.REVIEW),
            "failed": found.count(State.FAILED),
            "still queued": found.count(State.QUEUED),
            "doubled": found.doubled,
            "lost": found.lost,
        },
        breaks=breaks,
    )
