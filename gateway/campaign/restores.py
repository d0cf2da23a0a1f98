"""A backup of the database's files put back, with all that was sent since forgotten (F18)."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random

from gateway import wiring
from gateway.campaign.asking import Wish, wishes
from gateway.campaign.ground import BREAKS_SHOWN_MAX, Ground, Report, Stuck
from gateway.campaign.outages import Server, durable
from gateway.campaign.shop import AUTHOR, Shelf, open_shop
from gateway.domain.callers import Caller
from gateway.domain.operators import Actor
from gateway.domain.orders import State
from gateway.domain.placements import Placement
from gateway.domain.services import ServiceType
from gateway.operations import Backends
from gateway.operations.add import Wanted, add
from gateway.operations.fund import fund
from gateway.operations.identify import identify
from gateway.operations.list_orders import list_orders
from gateway.operations.notice import notice
from gateway.operations.release import release
from gateway.operations.survey import Surveyed, survey
from gateway.operations.verify import verify
from gateway.sandbox.panel import Panel
from gateway.sandbox.server import start
from gateway.worker import Worker

PANEL = "panel"
LOOK_SECONDS = 0.2
SENDING_SECONDS = 180
BATCH = 50


@dataclass(frozen=True, slots=True)
class Plan:
    """Orders sent before the backup, waiting in it, and sent since.

    `quiet_seconds`: how long a worker runs on the restored data before it is released.
    """

    seed: int
    before: int = 250
    waiting: int = 10
    since: int = 100
    quiet_seconds: int = 15


@dataclass(slots=True)
class _Trade:
    """The one customer and the one provider; `links` so far."""

    made: Ground
    panel: Panel
    caller: Caller
    chance: Random
    links: int = 0

    async def order(self, backends: Backends, count: int) -> list[Wish]:
        """Orders in the queue, each with a link of its own."""
        wanted = wishes(count, self.chance, first=self.links + 1)
        self.links += count
        for at in range(0, count, BATCH):
            part = wanted[at : at + BATCH]
            placements = [
                Placement(1, ServiceType.DEFAULT, each.link, each.quantity) for each in part
            ]
            await add(backends, [Wanted(self.caller, each) for each in placements])
        return wanted

    def there(self) -> dict[str, str]:
        """Ids at the provider, by link; of a link ordered twice the last."""
        return {each.taking.placement.link: str(each.id) for each in self.panel.orders}

    def doubled(self) -> list[str]:
        """Links that were sent more than once."""
        times = Counter(each.taking.placement.link for each in self.panel.orders)
        return [link for link, count in times.items() if count > 1]

    async def sent(self, count: int) -> None:
        """Return once so many orders are at the provider. Raises `Stuck`."""
        for _ in range(int(SENDING_SECONDS / LOOK_SECONDS)):
            if len(self.there()) >= count:
                return
            await asyncio.sleep(LOOK_SECONDS)
        raise Stuck(f"only {len(self.there())} of {count} orders were sent")


@dataclass(frozen=True, slots=True)
class _Found:
    why: str
    expected: frozenset[str]
    surveyed: Surveyed
    sent_unreleased: int
    sent_released: int
    in_doubt: int
    doubled: Sequence[str]
    invariants: Sequence[str]


async def restores(made: Ground, plan: Plan) -> Report:
    """The whole campaign. Raises `Stuck`."""
    began = time.monotonic()
    panel = Panel()
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(durable(made))
        await wiring.migrate(made.addresses.database_url)
        sandbox = await start(panel)
        stack.push_async_callback(sandbox.stop)
        async with wiring.backends(made.addresses, name="campaign") as backends:
            await notice(backends)
            key = await open_shop(backends, Shelf({PANEL: sandbox.url}, [[PANEL]]))
            caller = await identify(backends, key)
            if caller is None:
                raise Stuck("the customer's key does not open the door")
            paid = panel.terms.balance
            await fund(backends, PANEL, paid, reference="opening", actor=Actor(AUTHOR))
        trade = _Trade(made, panel, caller, Random(plan.seed))  # noqa: S311  replayable
        expected = await _live_on(server, trade, plan)
        found = await _go_back(server, trade, plan, expected)
    return _report(plan, int(time.monotonic() - began), found)


async def _live_on(server: Server, trade: _Trade, plan: Plan) -> frozenset[str]:
    """Up to the backup and beyond it; the ids that the provider gave since."""
    async with wiring.backends(trade.made.addresses, name="campaign") as backends:
        async with Worker(backends).running():
            await trade.order(backends, plan.before)
            await trade.sent(plan.before)
            await _settled(backends)
        await trade.order(backends, plan.waiting)
    known = frozenset(trade.there().values())
    await server.kill()
    await _copy(trade.made.folder / "data" / "postgres", trade.made.folder / "backup")
    await server.begin()
    async with wiring.backends(trade.made.addresses, name="campaign") as backends:
        async with Worker(backends).running():
            await trade.order(backends, plan.since)
            await trade.sent(plan.before + plan.waiting + plan.since)
            await _settled(backends)
        await notice(backends)  # as every worker does every ten seconds
    return frozenset(trade.there().values()) - known


async def _go_back(server: Server, trade: _Trade, plan: Plan, expected: frozenset[str]) -> _Found:
    data = trade.made.folder / "data" / "postgres"
    await server.kill()
    await _run("mv", str(data), str(trade.made.folder / "later"))
    await _copy(trade.made.folder / "backup", data)
    await server.begin()
    before = len(list(trade.panel.orders))
    async with wiring.backends(trade.made.addresses, name="campaign") as backends:
        async with Worker(backends).running():
            fresh = await trade.order(backends, plan.waiting)
            await asyncio.sleep(plan.quiet_seconds)
            unreleased = len(list(trade.panel.orders)) - before
            why = await notice(backends)
            (surveyed,) = (await survey(backends)).providers
            await release(backends, operator=AUTHOR, note="the list was looked through")
            await trade.sent(len(trade.there()) + len(fresh))
            await _settled(backends)
        states = Counter([each.standing.state async for each in list_orders(backends)])
        invariants = await verify(backends)
    there = trade.there()
    return _Found(
        why=why,
        expected=expected,
        surveyed=surveyed,
        sent_unreleased=unreleased,
        sent_released=sum(1 for each in fresh if each.link in there),
        in_doubt=states[State.UNCONFIRMED] + states[State.REVIEW],
        doubled=trade.doubled(),
        invariants=[f"{name}: {rows} rows" for name, rows in invariants.items() if rows],
    )


async def _settled(backends: Backends) -> None:
    for _ in range(int(SENDING_SECONDS / LOOK_SECONDS)):
        states = [each.standing.state async for each in list_orders(backends)]
        if State.SENDING not in states and State.QUEUED not in states:
            return
        await asyncio.sleep(LOOK_SECONDS)
    raise Stuck("orders are on their way without end")


async def _copy(source: Path, to: Path) -> None:
    # owners and modes as they are: the server refuses a folder that is another's
    await _run("cp", "-a", str(source), str(to))


async def _run(*words: str) -> None:
    process = await asyncio.create_subprocess_exec(*words)
    if await process.wait():
        raise Stuck(f"{' '.join(words)} failed")


def _report(plan: Plan, seconds: int, found: _Found) -> Report:
    listed = frozenset(str(each.number) for each in found.surveyed.unknown)
    breaks = [
        *(f"{link} was sent more than once" for link in found.doubled),
        *(f"{each} was sent since, and is not listed" for each in sorted(found.expected - listed)),
        *(f"{each} is listed, and was sent before" for each in sorted(listed - found.expected)),
        *found.invariants,
    ]
    if not found.why:
        breaks.append("nobody noticed that a backup was restored")
    if found.sent_unreleased:
        breaks.append(f"{found.sent_unreleased} orders were sent before anybody released it")
    if found.sent_released < plan.waiting:
        breaks.append(f"of {plan.waiting} new orders {found.sent_released} were sent afterwards")
    return Report(
        campaign="restore",
        seed=plan.seed,
        seconds=seconds,
        figures={
            "sent before the backup": plan.before,
            "waiting in the backup, and sent since": plan.waiting,
            "ordered and sent since": plan.since,
            "forgotten at the provider": len(found.expected),
            "of these listed": len(found.expected & listed),
            "charged for them": found.surveyed.charged,
            "missing in the balance": found.surveyed.missing or 0,
            "ids and balance agree": "yes" if found.surveyed.agrees else "no",
            "sent before the release": found.sent_unreleased,
            "sent after the release": found.sent_released,
            "in doubt, of those that had waited": found.in_doubt,
            "doubled": len(found.doubled),
            "noticed": found.why,
        },
        breaks=breaks[:BREAKS_SHOWN_MAX],
    )
