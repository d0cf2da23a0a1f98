"""Very many open orders followed while some of them flap (money.md 8, F13).

The rate stands beside the barest lease of the same batches, all else beside what is allowed.
"""

import asyncio
import os
import resource
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

from gateway import wiring
from gateway.cli import bench_books, bench_worker
from gateway.cli.bench_books import PROVIDERS
from gateway.cli.bench_flapping import Whims, Whimsical, busiest
from gateway.cli.bench_timing import Figure, rate, timed
from gateway.cli.output import Failure
from gateway.domain.catalog import Provider
from gateway.embedded import Servers
from gateway.operations import Backends
from gateway.operations.poll import BATCH, poll
from gateway.operations.verify import verify
from gateway.sandbox.server import start
from gateway.storage import copies, floors
from gateway.storage.copies import Copies, Moved
from gateway.storage.database import Database
from gateway.wiring import Addresses

ORDERS = 200_000
FLAPPING = Decimal("0.1")
# below what one process could ask, so that the ceiling is felt
CALLS_PER_MINUTE = 150
PASSES = 5
"""So often those are asked about again of which nothing was heard."""
# nothing is looked at twice in a round, so that what changed is what one look changed
_POLL_SECONDS = 3_600
_WANTED_RATE = Decimal("0.01")
_WANTED_MEMORY = Decimal("0.5")
_WHOLE = Decimal(1)
_SETTLED = "settled by state"
_KILO = 1_024
_SECRET = "a secret for one benchmark"  # noqa: S105  of a database that is thrown away


@dataclass(frozen=True, slots=True)
class Setting:
    """`flapping`: the share of the orders that stand elsewhere at each look, 0 to 1.

    `calls_per_minute` of each provider, in batches of a hundred orders.
    """

    servers: Servers
    orders: int = ORDERS
    flapping: Decimal = FLAPPING
    rounds: int = 2
    calls_per_minute: int = CALLS_PER_MINUTE
    seed: str = "polls"

    @property
    def customers(self) -> int:
        """Who ordered."""
        return max(min(200, self.orders // 500), 2)

    @property
    def allowed(self) -> int:
        """As many orders a second as all ceilings together let through."""
        return self.calls_per_minute * len(PROVIDERS) * BATCH // 60

    @property
    def batches(self) -> int:
        """More than a provider's orders can need."""
        return self.orders // BATCH + 2


@dataclass(frozen=True, slots=True)
class _Books:
    """The shop as it is polled; `plain` lets statements take their time."""

    setting: Setting
    whims: Whims
    backends: Backends
    plain: Database
    panels: Sequence[Whimsical]
    providers: Sequence[Provider]


@dataclass(frozen=True, slots=True)
class _Round:
    """How one round went: orders a second, and what the journal shows of it.

    `unseen`: so many were never looked at. `steady_entries` are of orders that do not flap, all
    else of those that do; `unfounded`: entries beyond the changes of their own order.
    """

    ours: Decimal
    floor: Decimal
    unseen: int
    steady_entries: int
    entries: int
    changes: int
    unfounded: int


async def measure(setting: Setting) -> list[Figure]:
    """Fill the books, then poll them round by round."""
    addresses = Addresses(setting.servers.database_url, setting.servers.redis_url, _SECRET)
    await wiring.migrate(addresses.database_url)
    async with AsyncExitStack() as stack:
        backends = await stack.enter_async_context(wiring.backends(addresses))
        plain = Database(addresses.database_url, statement_seconds=copies.STATEMENT_SECONDS)
        stack.push_async_callback(plain.close)
        await _fill(setting, backends, plain)
        whims = Whims(setting.seed, setting.flapping)
        panels = [Whimsical(whims) for _ in PROVIDERS]
        providers = [
            await _open(setting, stack, panel, backends.shelf.stock.catalog.providers[name])
            for name, panel in zip(PROVIDERS, panels, strict=True)
        ]
        books = _Books(setting, whims, backends, plain, panels, providers)
        before = _kilobytes()
        rounds = [await _round(books) for _ in range(setting.rounds)]
        memory = _memory(before, _kilobytes())
        return [
            _looked(setting, rounds),
            _called(setting, panels),
            _steady(setting, rounds),
            _flapping(setting, rounds, await copies.braked(plain)),
            await _proven(backends),
            memory,
        ]


def check(figures: Sequence[Figure]) -> None:
    """Raises Failure with all that was not kept."""
    if broken := [each.what for each in figures if not each.kept]:
        raise Failure(f"not kept: {'; '.join(broken)}")


async def _fill(setting: Setting, backends: Backends, plain: Database) -> None:
    """Copies of orders that are open, due at once; their originals are left alone."""
    async with bench_books.provider() as url:
        shop = await bench_books.furnish(backends, url, setting.customers)
    await copies.look_later(plain)
    opened = Copies(shop.active, setting.orders, bench_books.QUEUED_WITHIN)
    await copies.multiply(plain, opened)


async def _open(
    setting: Setting, stack: AsyncExitStack, panel: Whimsical, provider: Provider
) -> Provider:
    """The provider as he is from now on: at a panel of his own, with a ceiling."""
    panel.change_key(os.environ[provider.key_env])
    server = await start(panel)
    stack.push_async_callback(server.stop)
    ceiling = setting.calls_per_minute
    return replace(provider, url=server.url, calls_per_minute=ceiling, poll_seconds=_POLL_SECONDS)


async def _round(books: _Books) -> _Round:
    """All are due, and are looked at once."""
    newest = await copies.stand(books.plain)
    waiting = await copies.look_now(books.plain)
    await copies.tidy(books.plain)
    await floors.build(books.plain)
    orders, floor, took = waiting, await _bare(books), 0
    for _ in range(PASSES):
        took += await timed(_polled(books))
        if not (waiting := await copies.look_now(books.plain)):
            break
    moved = await copies.moved(books.plain, newest)
    flapping = [
        each for each in moved if each.provider_order and books.whims.flaps(each.provider_order)
    ]
    entries = _entries(flapping)
    return _Round(
        ours=rate(took) * (orders - waiting),
        floor=floor,
        unseen=books.setting.orders - orders + waiting,
        steady_entries=_entries(moved) - entries,
        entries=entries,
        changes=sum(each.changes for each in flapping),
        unfounded=sum(max(each.entries - each.changes, 0) for each in flapping),
    )


async def _polled(books: _Books) -> None:
    """Each provider at the same time, as a worker does it, until nothing is due."""
    most = books.setting.batches
    looks = [_until_none(partial(poll, books.backends, each), most) for each in books.providers]
    await asyncio.gather(*looks)


async def _bare(books: _Books) -> Decimal:
    """Orders a second where they are only leased, in the same batches."""

    async def lease(name: str) -> int:
        async with books.backends.database.transaction() as connection:
            return await floors.look(connection, name, BATCH)

    began = time.monotonic_ns()
    most = books.setting.batches
    leased = await asyncio.gather(*(_until_none(partial(lease, each), most) for each in PROVIDERS))
    return rate(time.monotonic_ns() - began) * sum(leased)


async def _until_none(work: Callable[[], Awaitable[int]], times: int) -> int:
    """How many it found in all, at most so many times."""
    found = 0
    for _ in range(times):
        if not (more := await work()):
            break
        found += more
    return found


def _entries(moved: Sequence[Moved]) -> int:
    return sum(each.entries for each in moved)


def _looked(setting: Setting, rounds: Sequence[_Round]) -> Figure:
    slowest, unseen = min(each.ours for each in rounds), sum(each.unseen for each in rounds)
    what = (
        f"{setting.orders} open orders polled: {slowest:.0f}/s, the ceilings allow "
        f"{setting.allowed}; {unseen} never looked at"
    )
    rates = [(each.ours, each.floor) for each in rounds]
    return Figure("F13", what, rates, _WANTED_RATE, not unseen)


def _called(setting: Setting, panels: Sequence[Whimsical]) -> Figure:
    most, ceiling = max(busiest(each.calls) for each in panels), setting.calls_per_minute
    calls = sum(len(each.calls) for each in panels)
    what = f"calls of a provider's busiest minute: {most}, at most {ceiling}, of {calls} to all"
    # the room that is left: the fewer calls the better
    return Figure("F13", what, [(Decimal(ceiling), Decimal(max(most, 1)))], _WHOLE, most <= ceiling)


def _steady(setting: Setting, rounds: Sequence[_Round]) -> Figure:
    entries = sum(each.steady_entries for each in rounds)
    what = f"entries for orders that never flapped: {entries}, at most 0"
    looks = Decimal(setting.orders * setting.rounds)
    return Figure("F13", what, [(looks - entries, looks)], _WHOLE, not entries)


def _flapping(setting: Setting, rounds: Sequence[_Round], braked: int) -> Figure:
    entries, changes = sum(each.entries for each in rounds), sum(each.changes for each in rounds)
    unfounded = sum(each.unfounded for each in rounds)
    what = (
        f"{setting.flapping * 100:f} % flap: {entries} entries for {changes} differences, "
        f"{unfounded} without any; the brakes hold {braked} orders"
    )
    founded = (Decimal(max(entries, 1) - unfounded), Decimal(max(entries, 1)))
    return Figure("F13", what, [founded], _WHOLE, not unfounded)


async def _proven(backends: Backends) -> Figure:
    found = await verify(backends)
    broken = [f"{name} ({rows})" for name, rows in found.items() if rows]
    told = ", ".join(broken) or f"none of {len(found)} invariants, {_SETTLED!r} among them"
    holds = (Decimal(len(found) - len(broken)), Decimal(len(found)))
    return Figure("F13", f"verify finds rows in {told}", [holds], _WHOLE, not broken)


def _memory(before: int, after: int) -> Figure:
    """Of this process, the pretend providers in it; so often it fits into what is allowed."""
    megabytes, most = Decimal(after) / _KILO, bench_worker.MEGABYTES
    what = f"memory of the process, providers included: {megabytes:.0f} MB, at most {most}"
    fits = (Decimal(most * _KILO) / after, Decimal(most * _KILO) / before)
    return Figure("F13", what, [fits], _WANTED_MEMORY, megabytes <= most)


def _kilobytes() -> int:
    """What the process held at its most so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
