"""Orders that kill whoever claims or sends them, among others that must not wait (F11)."""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from gateway import wiring
from gateway.campaign.asking import wishes
from gateway.campaign.deadly import CLAIM, MARK, SEND
from gateway.campaign.ground import BREAKS_SHOWN_MAX, Report, Stuck
from gateway.campaign.processes import Process, begin, environment_of
from gateway.campaign.shop import KEYS, Shelf, open_shop, waking
from gateway.campaign.verdict import DOUBTFUL
from gateway.domain.callers import Caller
from gateway.domain.orders import State
from gateway.domain.placements import Placement
from gateway.domain.services import ServiceType
from gateway.operations import Backends
from gateway.operations.add import Wanted, add
from gateway.operations.approach import LOSSES_MAX
from gateway.operations.identify import identify
from gateway.operations.list_orders import list_orders
from gateway.operations.reap import LOST
from gateway.operations.show_order import show_order
from gateway.operations.verify import verify
from gateway.sandbox.panel import Panel
from gateway.sandbox.server import start
from gateway.storage.orders import Listed
from gateway.wiring import Addresses

WAIT_MILLISECONDS_MAX = 5_000
ORDER_SECONDS = 0.25
WATCH_SECONDS = 0.05
ENDING_SECONDS = 120
QUIET = DOUBTFUL | {State.FAILED}


@dataclass(frozen=True, slots=True)
class Plan:
    """For how long others order beside the deadly one; how many workers there are."""

    seconds: int
    seed: int
    workers: int = 2
    moments: Sequence[str] = (CLAIM, SEND)


@dataclass(slots=True)
class _Crew:
    """Workers that are begun again whenever they die, as every installation does."""

    folder: Path
    environment: Mapping[str, str]
    moment: str
    deaths: int = 0
    working: list[Process] = field(default_factory=list[Process])

    async def keep(self, number: int) -> None:
        """One place, filled again and again."""
        while True:
            log = self.folder / f"{self.moment}-{number}.log"
            command = ["gateway.campaign.deadly", self.moment]
            process = await begin(command, log, self.environment)
            self.working.append(process)
            await process.ended_by_itself()
            self.working.remove(process)
            self.deaths += 1

    async def ready(self, count: int) -> None:
        """Return once so many work."""
        for _ in range(int(ENDING_SECONDS / WATCH_SECONDS)):
            if len(self.working) >= count:
                break
            await asyncio.sleep(WATCH_SECONDS)
        for each in list(self.working):
            await each.ready("working")


@dataclass(frozen=True, slots=True)
class _Ended:
    moment: str
    deaths: int
    others: int
    waited: Sequence[int]
    deadly: Listed
    doubtful: int
    left: int


async def poison(addresses: Addresses, folder: Path, plan: Plan) -> Report:
    """The whole campaign, first with an order that kills in the claim, then in the sending."""
    began = time.monotonic()
    panel = Panel()
    chance = Random(plan.seed)  # noqa: S311  chance that a seed can replay
    await wiring.migrate(addresses.database_url)
    async with AsyncExitStack() as stack:
        sandbox = await start(panel)
        stack.push_async_callback(sandbox.stop)
        backends = await stack.enter_async_context(wiring.backends(addresses, name="campaign"))
        key = await open_shop(backends, Shelf({"panel": sandbox.url}, [["panel"]]))
        await stack.enter_async_context(waking(backends))
        caller = await identify(backends, key)
        if caller is None:
            raise Stuck("the customer's key does not open the door")
        ended: list[_Ended] = []
        for moment in plan.moments:
            crew = _Crew(folder, {**environment_of(addresses), **KEYS}, moment)
            async with _kept(crew, plan.workers):
                await crew.ready(plan.workers)
                ended.append(await _among(backends, caller, crew, (plan, panel, chance)))
        invariants = await verify(backends)
    broken = [f"{name}: {rows} rows" for name, rows in invariants.items() if rows]
    return _report(plan, int(time.monotonic() - began), ended, broken)


@asynccontextmanager
async def _kept(crew: _Crew, workers: int) -> AsyncGenerator[None]:
    places = [asyncio.create_task(crew.keep(number)) for number in range(workers)]
    try:
        yield
    finally:
        for place in places:
            place.cancel()
        await asyncio.gather(*places, return_exceptions=True)
        await asyncio.gather(*(each.kill() for each in crew.working))


async def _among(
    backends: Backends, caller: Caller, crew: _Crew, around: tuple[Plan, Panel, Random]
) -> _Ended:
    """The deadly order, others for a while, and then until nothing is on its way."""
    plan, panel, chance = around
    deadly = f"https://a.example/{MARK}/{crew.moment}"
    others: set[str] = set()
    until = time.monotonic() + plan.seconds
    wanted = [Placement(1, ServiceType.DEFAULT, deadly, chance.randrange(100, 5_000))]
    while time.monotonic() < until:
        (wish,) = wishes(1, chance)
        link = f"{wish.link}/{crew.moment}/{len(others)}"
        others.add(link)
        wanted.append(Placement(1, ServiceType.DEFAULT, link, wish.quantity))
        await add(backends, [Wanted(caller, each) for each in wanted])
        wanted = []
        await asyncio.sleep(ORDER_SECONDS)
    for _ in range(int(ENDING_SECONDS / ORDER_SECONDS)):
        ours = {each.link: each async for each in list_orders(backends)}
        states = [ours[link].standing.state for link in others]
        if not {State.QUEUED, State.SENDING} & {*states} and _over(ours[deadly], crew):
            break
        await asyncio.sleep(ORDER_SECONDS)
    ours = {each.link: each async for each in list_orders(backends)}
    came = {each.taking.placement.link: each.received_at for each in panel.orders}
    missing = {link: ours[link] for link in others - came.keys()}
    doubtful = {link for link, each in missing.items() if await _was_doubted(backends, each)}
    return _Ended(
        moment=crew.moment,
        deaths=crew.deaths,
        others=len(others),
        waited=[
            int((came[link] - ours[link].created_at).total_seconds() * 1_000)
            for link in others & came.keys()
        ]
        or [WAIT_MILLISECONDS_MAX],
        deadly=ours[deadly],
        doubtful=len(doubtful),
        left=len(missing) - len(doubtful),
    )


async def _was_doubted(backends: Backends, listed: Listed) -> bool:
    """Whether it was under way in a worker that died: it is in doubt, or was until it was proven.

    Then its money was given back, as whatever may have left is never sent again.
    """
    story = await show_order(backends, listed.standing.id)
    return story is not None and any(row["reason"] == LOST for row in story.events)


def _over(deadly: Listed, crew: _Crew) -> bool:
    return deadly.standing.state in QUIET and crew.deaths > 0


def _report(plan: Plan, seconds: int, ended: Sequence[_Ended], broken: Sequence[str]) -> Report:
    figures: dict[str, int | str] = {}
    breaks = list(broken)
    for each in ended:
        what, state = f"deadly when it is to {each.moment}", each.deadly.standing.state
        longest = max(each.waited)
        figures[f"{what}: workers lost"] = each.deaths
        figures[f"{what}: it is"] = state.value
        figures[f"{what}: others sent"] = len(each.waited)
        figures[f"{what}: in doubt with it"] = each.doubtful
        figures[f"{what}: they waited ms, median"] = sorted(each.waited)[len(each.waited) // 2]
        figures[f"{what}: they waited ms, at most"] = longest
        if state not in QUIET:
            breaks.append(f"{what}: it is still {state}")
        if not each.deaths:
            breaks.append(f"{what}: it killed nobody")
        # each worker that was alive may meet it once unprepared
        if each.deaths > LOSSES_MAX + plan.workers:
            breaks.append(f"{what}: {each.deaths} workers were lost")
        if each.left:
            breaks.append(f"{what}: {each.left} of the others were never sent")
        if longest >= WAIT_MILLISECONDS_MAX:
            breaks.append(f"{what}: others waited {longest} ms")
    return Report("poison", plan.seed, seconds, figures, breaks[:BREAKS_SHOWN_MAX])
