"""Redis gone, slow, emptied, full of nonsense and begun again, while customers order (F6)."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from random import Random

from gateway import wiring
from gateway.campaign.accounts import Account, Booked, account
from gateway.campaign.asking import Door, Wish, wishes
from gateway.campaign.ground import Ground, Report
from gateway.campaign.processes import begin, environment_of
from gateway.campaign.relay import Relay, relay
from gateway.campaign.shop import KEYS, Shelf, links, open_shop
from gateway.domain.orders import State
from gateway.operations import Backends
from gateway.operations.list_orders import list_orders
from gateway.sandbox.panel import Panel
from gateway.sandbox.server import start

SLOW_MILLISECONDS = 2_000
WORSE_MICROSECONDS_MAX = 50_000
AT_ONCE = 4
AGAIN_SECONDS = 1.5
"""What was found gone is asked again after a second."""
SETTLING_SECONDS = 120
KEYS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Plan:
    """Orders in each phase; between any two phases with a fault there is one without."""

    orders: int
    seed: int


@dataclass(slots=True)
class _Phase:
    name: str
    took: list[int] = field(default_factory=list[int])
    failed: list[str] = field(default_factory=list[str])
    services: list[str] = field(default_factory=list[str])

    @property
    def p99(self) -> int:
        """Microseconds."""
        return sorted(self.took)[len(self.took) * 99 // 100] if self.took else 0


@dataclass(slots=True)
class _Campaign:
    relay: Relay
    door: Door
    plan: Plan
    chance: Random
    list_whole: bytes = b""
    wanted: list[Wish] = field(default_factory=list[Wish])
    sound: list[_Phase] = field(default_factory=list[_Phase])
    faults: list[_Phase] = field(default_factory=list[_Phase])

    async def run(self) -> None:
        """All faults, each between two times without."""
        self.list_whole = (await self.door.ask({"action": "services"})).body
        await self._order(_Phase("warming up"))
        for name, begins, ends in self._steps():
            self.sound.append(await self._order(_Phase("as it should be")))
            await begins()
            self.faults.append(await self._order(_Phase(name)))
            await ends()
            await asyncio.sleep(AGAIN_SECONDS)
        self.sound.append(await self._order(_Phase("as it should be")))

    def _steps(
        self,
    ) -> Sequence[tuple[str, Callable[[], Awaitable[None]], Callable[[], Awaitable[None]]]]:
        return (
            ("gone", self.relay.close, self.relay.open),
            ("slow (2 s)", self._slow, self._fast),
            ("emptied", self._empty, self._nothing),
            ("wrong types under our keys", self._spoil, self._empty),
            ("begun again, empty", self._begin_again, self._nothing),
        )

    async def _order(self, phase: _Phase) -> _Phase:
        wanted = wishes(self.plan.orders, self.chance, first=len(self.wanted) + 1)
        self.wanted += wanted
        left = list(wanted)

        async def one() -> None:
            while left:
                wish = left.pop()
                heard = await self.door.ask(wish.fields)
                phase.took.append(heard.microseconds)
                if heard.status == 200 and "order" in heard.told:
                    wish.order = int(heard.told["order"])
                else:
                    phase.failed.append(f"{heard.status} {heard.body[:80]!r}")

        await asyncio.gather(*(one() for _ in range(AT_ONCE)))
        found = await self.door.ask({"action": "services"})
        if found.body != self.list_whole:
            phase.services.append(f"{found.status} {found.body[:80]!r}")
        return phase

    async def _slow(self) -> None:
        self.relay.delay_milliseconds = SLOW_MILLISECONDS

    async def _fast(self) -> None:
        self.relay.delay_milliseconds = 0

    async def _nothing(self) -> None:
        return

    async def _empty(self) -> None:
        await self.relay.ask([b"FLUSHALL"])

    async def _begin_again(self) -> None:
        await self.relay.close()
        await self._empty()
        await self.relay.open()

    async def _spoil(self) -> None:
        """A list under every key that holds a value."""
        told = await self.relay.ask([b"KEYS", b"*"])
        names = told.split(b"\r\n")[2::2][:KEYS_MAX]
        for name in names:
            await self.relay.ask([b"DEL", name])
            await self.relay.ask([b"LPUSH", name, b"nonsense"])


async def caches(made: Ground, plan: Plan) -> Report:
    """The whole campaign: a front door and a worker that reach Redis through a relay only."""
    began = time.monotonic()
    panel = Panel()
    await wiring.migrate(made.addresses.database_url)
    async with AsyncExitStack() as stack:
        path = made.addresses.redis_url.removeprefix("unix://")
        before = await stack.enter_async_context(relay(path))
        addresses = replace(made.addresses, redis_url=f"redis://127.0.0.1:{before.port}/0")
        sandbox = await start(panel)
        stack.push_async_callback(sandbox.stop)
        backends = await stack.enter_async_context(wiring.backends(addresses, name="campaign"))
        key = await open_shop(backends, Shelf({"panel": sandbox.url}, [["panel"]]))
        environment = {**environment_of(addresses), **KEYS}
        serve = await begin(
            ["gateway", "serve", "--port", "0"], made.folder / "door.log", environment
        )
        stack.push_async_callback(serve.kill)
        work = await begin(["gateway", "work"], made.folder / "worker.log", environment)
        stack.push_async_callback(work.kill)
        url = (await serve.ready("serving ")).split()[0]
        await work.ready("working")
        campaign = _Campaign(before, Door(url, key), plan, Random(plan.seed))  # noqa: S311  replayable
        await campaign.run()
        await _settle(backends)
        booked = [Booked(*each) for each in links({"panel": panel})]
        found = await account(backends, booked, campaign.wanted)
    return _report(campaign, int(time.monotonic() - began), found)


async def _settle(backends: Backends) -> None:
    for _ in range(SETTLING_SECONDS * 2):
        states = {each.standing.state async for each in list_orders(backends)}
        if states.isdisjoint({State.QUEUED, State.SENDING}):
            return
        await asyncio.sleep(0.5)


def _report(campaign: _Campaign, seconds: int, found: Account) -> Report:
    least, *_, slowest = sorted(each.p99 for each in campaign.sound)
    breaks = list(found.breaks)
    figures: dict[str, int | str] = {
        "orders": len(campaign.wanted),
        "p99 of add with it, ms, at best": least // 1_000,
        "p99 of add with it, ms, at worst": slowest // 1_000,
    }
    for phase in (*campaign.faults, *campaign.sound):
        worse = phase.p99 - slowest
        breaks += [f"{phase.name}: an add was answered {each}" for each in phase.failed]
        breaks += [f"{phase.name}: the list was {each}" for each in phase.services]
        if phase in campaign.faults:
            figures[f"{phase.name}: p99 of add, ms"] = phase.p99 // 1_000
            figures[f"{phase.name}: adds that failed"] = len(phase.failed)
        if worse > WORSE_MICROSECONDS_MAX:
            breaks.append(f"{phase.name}: p99 of add is {worse // 1_000} ms worse")
    figures["at the provider"] = found.booked
    figures["still queued"] = found.count(State.QUEUED)
    if not campaign.list_whole.startswith(b"[{"):
        breaks.append("nothing was on sale")
    return Report("redis", campaign.plan.seed, seconds, figures, breaks)
