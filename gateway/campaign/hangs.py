"""One of five providers takes orders and never answers; the others must not notice (F7)."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from pathlib import Path
from random import Random

from gateway import wiring
from gateway.campaign.ground import Report, Stuck
from gateway.campaign.processes import begin, environment_of
from gateway.campaign.shop import KEYS, Shelf, open_shop, waking
from gateway.domain.callers import Caller
from gateway.domain.orders import State
from gateway.domain.placements import Placement
from gateway.domain.services import ServiceType
from gateway.operations import Backends
from gateway.operations.add import Wanted, add
from gateway.operations.identify import identify
from gateway.operations.list_orders import list_orders
from gateway.operations.providers import providers
from gateway.sandbox.faults import Fault
from gateway.sandbox.panel import Panel
from gateway.sandbox.server import start
from gateway.wiring import Addresses

PROVIDERS = 5
OPEN_SECONDS_MAX = 15
WORSE_PERCENT_MAX = 10
SPREAD_MILLISECONDS = 25
"""Differences as small as these are the machine's."""
LOOK_SECONDS = 0.2
SETTLING_SECONDS = 60
WARMING_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Plan:
    """The providers' time-out, orders a second over all of them, and rounds of with and without.

    `seconds` of each part of a round; the one with the fault lasts at least beyond the time-out.
    """

    timeout_seconds: int
    seed: int
    per_second: int = 20
    seconds: int = 20
    after_seconds: int = 10


@dataclass(slots=True)
class _Trade:
    backends: Backends
    caller: Caller
    panels: Sequence[Panel]
    plan: Plan
    chance: Random
    links: "count[int]" = field(default_factory=lambda: count(1))
    opened_after: int | None = None

    async def part(self, seconds: int, sick: Panel | None = None) -> list[str]:
        """Orders for all providers for a while; links of those for the ones that are well."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        made: list[str] = []
        for number in count():
            due = began + number / self.plan.per_second
            if due > began + seconds:
                return made
            await asyncio.sleep(max(0, due - loop.time()))
            at = number % PROVIDERS
            link = f"https://a.example/{next(self.links)}"
            if at < PROVIDERS - 1:
                made.append(link)
            placement = Placement(
                at + 1, ServiceType.DEFAULT, link, self.chance.randrange(100, 5_000)
            )
            await add(self.backends, [Wanted(self.caller, placement)])
            if sick is not None:
                await self._look(int((loop.time() - began) * 1_000))
        return made

    async def _look(self, milliseconds: int) -> None:
        if self.opened_after is None:
            state = (await providers(self.backends))[_name(PROVIDERS)][1]
            if state and state.paused:
                self.opened_after = milliseconds

    async def took(self, made: Sequence[str]) -> list[int]:
        """Milliseconds from each order's acceptance here until it reached its provider, sorted."""
        created = {each.link: each.created_at async for each in list_orders(self.backends)}
        came = {
            each.taking.placement.link: each.received_at
            for panel in self.panels
            for each in panel.orders
        }
        return sorted(
            int((came[link] - created[link]).total_seconds() * 1_000)
            for link in made
            if link in came
        )


async def hangs(addresses: Addresses, folder: Path, plan: Plan) -> Report:
    """The whole campaign: without, with, and without again; the first and last show the spread."""
    began = time.monotonic()
    panels = [Panel() for _ in range(PROVIDERS)]
    await wiring.migrate(addresses.database_url)
    async with AsyncExitStack() as stack:
        urls: dict[str, str] = {}
        for number, panel in enumerate(panels, start=1):
            sandbox = await start(panel)
            stack.push_async_callback(sandbox.stop)
            urls[_name(number)] = sandbox.url
        backends = await stack.enter_async_context(wiring.backends(addresses, name="campaign"))
        shelf = Shelf(urls, [[name] for name in urls], timeout_seconds=plan.timeout_seconds)
        caller = await identify(backends, await open_shop(backends, shelf))
        await stack.enter_async_context(waking(backends))
        if caller is None:
            raise Stuck("the customer's key does not open the door")
        environment = {**environment_of(addresses), **KEYS}
        work = await begin(["gateway", "work"], folder / "worker.log", environment)
        stack.push_async_callback(work.kill)
        await work.ready("working")
        chance = Random(plan.seed)  # noqa: S311  chance that a seed can replay
        trade = _Trade(backends, caller, panels, plan, chance)
        parts = await _parts(trade, plan)
        await _settle(backends)
        took = [await trade.took(part) for part in parts]
    sizes = [len(part) for part in parts]
    return _report(plan, int(time.monotonic() - began), trade.opened_after, (sizes, took))


async def _parts(trade: _Trade, plan: Plan) -> list[list[str]]:
    sick = trade.panels[-1]
    await trade.part(WARMING_SECONDS)
    before = await trade.part(plan.seconds)
    sick.faults.share({Fault.HANG_AFTER: Decimal(1)})
    meanwhile = await trade.part(max(plan.seconds, plan.timeout_seconds + plan.after_seconds), sick)
    sick.faults.share({Fault.HANG_AFTER: Decimal(0)})
    return [before, meanwhile, await trade.part(plan.seconds)]


async def _settle(backends: Backends) -> None:
    """Until the orders of those that are well have been sent."""
    for _ in range(int(SETTLING_SECONDS / LOOK_SECONDS)):
        left = [each async for each in list_orders(backends, state=State.QUEUED)]
        if all(each.provider == _name(PROVIDERS) for each in left):
            return
        await asyncio.sleep(LOOK_SECONDS)


def _name(number: int) -> str:
    return f"panel{number}"


def _p99(took: Sequence[int]) -> int:
    return took[len(took) * 99 // 100] if took else 0


def _report(
    plan: Plan, seconds: int, opened_after: int | None, parts: tuple[list[int], list[list[int]]]
) -> Report:
    sizes, took = parts
    before, meanwhile, after = (_p99(each) for each in took)
    slowest = max(before, after)
    worse = (meanwhile - slowest) * 100 // max(1, slowest)
    breaks: list[str] = []
    if worse > WORSE_PERCENT_MAX and meanwhile - slowest > SPREAD_MILLISECONDS:
        breaks.append(f"p99 of the others was {worse} % worse")
    if opened_after is None or opened_after >= OPEN_SECONDS_MAX * 1_000:
        breaks.append(f"its breaker opened after {opened_after} ms")
    missing = sum(sizes) - sum(len(each) for each in took)
    if missing:
        breaks.append(f"{missing} orders of the others were not sent")
    return Report(
        campaign="hang",
        seed=plan.seed,
        seconds=seconds,
        figures={
            "providers, one of which hangs": PROVIDERS,
            "their time-out, s": plan.timeout_seconds,
            "orders of the others": sum(sizes),
            "of these sent": sum(len(each) for each in took),
            "p99 of time to send, before, ms": before,
            "p99 of time to send, while it hangs, ms": meanwhile,
            "p99 of time to send, after, ms": after,
            "its breaker was open after ms": "never" if opened_after is None else opened_after,
        },
        breaks=breaks,
    )
