"""Long queues and large books, beside the barest statements on the same rows in the same run.

A million orders wait, as many have ended, 200,000 are open (money.md 8, F12 and F13).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

from gateway import wiring
from gateway.cli import bench_books, bench_worker
from gateway.cli.bench_books import PROVIDERS, WORKER, Shop
from gateway.cli.bench_timing import (
    NANOSECONDS,
    Figure,
    Turn,
    median,
    milliseconds,
    rate,
    slow,
    timed,
    times,
)
from gateway.cli.output import Failure
from gateway.domain.outcomes import Outcome
from gateway.embedded import Servers
from gateway.operations import Backends
from gateway.operations.add import Wanted, add
from gateway.operations.claim import claim
from gateway.operations.dispatch import Returned, settle
from gateway.operations.poll import BATCH
from gateway.operations.reap import expire
from gateway.operations.reconcile import reconcile
from gateway.operations.verify import verify
from gateway.storage import copies, floors, polling
from gateway.storage.database import Connection, Database
from gateway.storage.settling import Ended
from gateway.wiring import Addresses

ORDERS = 1_000_000
CLAIMED = 8
LEASE_SECONDS = 60
TOO_OLD_SECONDS = 3_600
CLAIM_MILLISECONDS = 20
EXPIRE_MILLISECONDS = 1_000
VERIFY_SECONDS = 60
RECONCILE_SECONDS = 600
SECRET = "a secret for one benchmark"  # noqa: S105  of a database that is thrown away


@dataclass(frozen=True, slots=True)
class Setting:
    """How much is measured; less of everything where there are few orders."""

    servers: Servers
    orders: int = ORDERS
    rounds: int = 3

    @property
    def customers(self) -> int:
        """Who order."""
        return max(min(200, self.orders // 500), 2)

    @property
    def turns(self) -> int:
        """Of each measurement in each round."""
        return max(min(200, self.orders // 1_000), 1)

    @property
    def drained(self) -> int:
        """Claims in a row, of a tenth of the queue."""
        return max(self.orders // CLAIMED // 10, 1)

    @property
    def worker_seconds(self) -> int:
        """How long a worker sends."""
        return max(min(8, self.orders // 10_000), 1)


@dataclass(frozen=True, slots=True)
class _Books:
    """Large books, beside them the same shop without any; `plain` lets statements take their time.

    The two are databases of one server.
    """

    setting: Setting
    shop: Shop
    large: Backends
    small: Backends
    plain: Database


async def measure(setting: Setting) -> list[Figure]:
    """Fill the books, then measure. Raises Failure when they do not prove themselves."""
    large = Addresses(setting.servers.database_url, setting.servers.redis_url, SECRET)
    await wiring.migrate(large.database_url)
    async with bench_books.provider() as url:
        async with wiring.backends(large) as backends:
            shop = await bench_books.furnish(backends, url, setting.customers)
        async with copies.twin(large.database_url) as twin:
            return await _filled(setting, shop, large, replace(large, database_url=twin))


async def _filled(setting: Setting, shop: Shop, large: Addresses, small: Addresses) -> list[Figure]:
    plain = Database(large.database_url, pool=2, statement_seconds=copies.STATEMENT_SECONDS)
    both = bench_worker.Both(large, small, setting.orders, setting.worker_seconds)
    try:
        await bench_books.fill(plain, shop, setting.orders)
        await copies.tidy(plain)
        await floors.build(plain)
        async with wiring.backends(large) as ours, wiring.backends(small) as without:
            books = _Books(setting, shop, ours, without, plain)
            figures = [await each(books) for each in _BEFORE]
            figures += await bench_worker.measure(both, shop, setting.rounds)
            figures += [await each(books) for each in _AFTER]
            await _prove(ours)
    finally:
        await plain.close()
    return figures


async def _verify(books: _Books) -> Figure:
    async def ours(_turn: int) -> int:
        return await timed(_prove(books.large))

    floor = _reading(books, floors.add_up)
    what = f"verify {books.setting.orders} orders that ended and as many that wait"
    return await _whole(books, ("P19", what, VERIFY_SECONDS), ours, floor)


async def _reconcile(books: _Books) -> Figure:
    async def ours(_turn: int) -> int:
        return await timed(reconcile(books.large))

    floor = _reading(books, floors.count)
    what = f"reconcile {books.setting.orders} orders that ended"
    return await _whole(books, ("P20", what, RECONCILE_SECONDS), ours, floor)


async def _add(books: _Books) -> Figure:
    """With the queue beside without; the slowest of a hundred are compared."""
    shop, turns = books.shop, books.setting.turns
    rounds: list[tuple[int, int]] = []
    for backends in (books.large, books.small):
        await times(_WARM, partial(_place, backends, shop))
    for _ in range(books.setting.rounds):
        took = await times(turns, partial(_place, books.large, shop))
        rounds.append((slow(took), slow(await times(turns, partial(_place, books.small, shop)))))
    worst = milliseconds(max(ours for ours, _ in rounds))
    what = f"add with {books.setting.orders} queued, beside none, p99 {worst:.1f} ms"
    rates = [(rate(ours), rate(floor)) for ours, floor in rounds]
    return Figure("P16", what, rates, Decimal("0.83"))


async def _due(books: _Books) -> Figure:
    """A hundred open orders that are due, leased."""

    async def ours(connection: Connection, turn: int) -> object:
        return await polling.due(connection, _provider(turn), BATCH, LEASE_SECONDS)

    async def floor(connection: Connection, turn: int) -> object:
        return await floors.look(connection, _provider(turn), BATCH)

    what = f"{BATCH} that are due for a look, leased"
    named = ("P18", what, CLAIM_MILLISECONDS)
    return await _each(books, named, _committed(books, ours), _committed(books, floor))


async def _claim(books: _Books) -> Figure:
    named = ("P15", f"claim of {CLAIMED} of {books.setting.orders}", CLAIM_MILLISECONDS)
    return await _each(books, named, partial(_take, books.large), _textbook(books))


async def _drain(books: _Books) -> Figure:
    """The last of many claims beside the first: what was taken before must not be felt."""
    took = await times(books.setting.drained, partial(_take, books.large))
    tenth = max(len(took) // 10, 1)
    first, last = took[:tenth], took[-tenth:]
    worst = milliseconds(slow(last))
    what = f"claim after {CLAIMED * len(took)} others, p99 {worst:.1f} ms"
    rounds = [(rate(median(last)), rate(median(first)))]
    return Figure("P15", what, rounds, Decimal("0.67"), worst <= CLAIM_MILLISECONDS)


async def _expire(books: _Books) -> Figure:
    """All that wait have waited for too long."""
    await copies.age(books.plain, TOO_OLD_SECONDS)
    await copies.tidy(books.plain)

    async def ours(_turn: int) -> int:
        return await timed(expire(books.large, batches=1))

    what = f"a batch of {books.setting.orders} that are too old, ended"
    return await _each(books, ("P21", what, EXPIRE_MILLISECONDS), ours, _textbook(books))


_WARM = len(PROVIDERS)
_BEFORE = (_verify, _reconcile, _add, _due, _claim)
_AFTER = (_drain, _expire)
_WANTED = {
    "P15": Decimal("0.15"),
    "P18": Decimal("0.5"),
    "P19": Decimal("0.01"),
    "P20": Decimal("0.5"),
    "P21": Decimal("0.01"),
}


async def _each(books: _Books, named: tuple[str, str, int], ours: Turn, floor: Turn) -> Figure:
    """Many turns in each round; the medians are compared, the slowest of a hundred is bounded."""
    goal, what, limit = named
    turns = books.setting.turns
    for each in (ours, floor):
        await times(_WARM, each)
    rounds = [
        (await times(turns, ours), await times(turns, floor)) for _ in range(books.setting.rounds)
    ]
    took = [each for mine, _ in rounds for each in mine]
    half, worst = milliseconds(median(took)), milliseconds(slow(took))
    rates = [(rate(median(mine)), rate(median(bare))) for mine, bare in rounds]
    told = f"{what}: p50 {half:.1f} ms, p99 {worst:.1f}, at most {limit}"
    return Figure(goal, told, rates, _WANTED[goal], worst <= limit)


async def _whole(books: _Books, named: tuple[str, str, int], ours: Turn, floor: Turn) -> Figure:
    """One turn in each round, of which the slowest is bounded."""
    goal, what, limit = named
    rounds = [(await ours(turn), await floor(turn)) for turn in range(books.setting.rounds)]
    worst = Decimal(max(mine for mine, _ in rounds)) / NANOSECONDS
    rates = [(rate(mine), rate(bare)) for mine, bare in rounds]
    told = f"{what}: {worst:.1f} s, at most {limit}"
    return Figure(goal, told, rates, _WANTED[goal], worst <= limit)


async def _prove(backends: Backends) -> None:
    broken = [name for name, rows in (await verify(backends)).items() if rows]
    if broken:
        raise Failure(f"the books do not prove themselves: {', '.join(broken)}")


async def _take(backends: Backends, turn: int) -> int:
    """One claim, which alone counts; what was claimed is settled as accepted, so that it moves."""
    claimed: list[Returned] = []

    async def work() -> None:
        for each in await claim(backends, _provider(turn), WORKER, CLAIMED):
            ended = Ended(each.key, Outcome.ACCEPTED, f"8{each.key.order}")
            claimed.append(Returned(ended, each.ref))

    took = await timed(work())
    if len(claimed) < CLAIMED:
        raise Failure(f"only {len(claimed)} of {CLAIMED} orders could be claimed")
    await settle(backends, claimed)
    return took


async def _place(backends: Backends, shop: Shop, turn: int) -> int:
    service = turn % len(PROVIDERS) + 1
    wanted = Wanted(shop.callers[turn % len(shop.callers)], bench_books.placement(service))
    return await timed(add(backends, [wanted]))


def _textbook(books: _Books) -> Turn:
    """A queue as textbooks have it: one statement takes and moves."""

    async def take(connection: Connection, turn: int) -> object:
        return await floors.take(connection, _provider(turn), CLAIMED)

    return _committed(books, take)


def _committed(books: _Books, work: Callable[[Connection, int], Awaitable[object]]) -> Turn:
    async def whole(turn: int) -> None:
        async with books.large.database.transaction() as connection:
            await work(connection, turn)

    async def turn(number: int) -> int:
        return await timed(whole(number))

    return turn


def _reading(books: _Books, work: Callable[[Connection], Awaitable[object]]) -> Turn:
    async def whole() -> None:
        async with books.plain.reading() as connection:
            await work(connection)

    async def turn(_number: int) -> int:
        return await timed(whole())

    return turn


def _provider(turn: int) -> str:
    return PROVIDERS[turn % len(PROVIDERS)]
