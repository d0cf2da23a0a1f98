"""A worker process of its own before a long queue: what it keeps in memory, and how fast it sends.

Beside the same worker before a short queue, which bounds its rate by the provider and itself.
"""

import asyncio
import contextlib
import os
import re
import sys
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from gateway.cli import bench_books
from gateway.cli.bench_books import PROVIDERS, Shop
from gateway.cli.bench_timing import Figure
from gateway.cli.output import Failure
from gateway.sender import WARY_ORDERS
from gateway.storage import copies
from gateway.storage.database import Database
from gateway.wiring import Addresses

MEGABYTES = 512
FEW = 20_000
BEGIN_SECONDS = 120
_LOOK_SECONDS = 0.1
_KILO = Decimal(1_024)
_GIGABYTE = _KILO**2
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Both:
    """Large books and the same shop with a short queue, and how long a worker sends for each."""

    large: Addresses
    small: Addresses
    orders: int
    seconds: int


@dataclass(frozen=True, slots=True)
class _Ran:
    """How a worker did: kilobytes at its most, orders that left the queue, in so many seconds."""

    kilobytes: int
    sent: int
    seconds: Decimal

    @property
    def rate(self) -> Decimal:
        return self.sent / self.seconds


async def measure(both: Both, shop: Shop, rounds: int) -> list[Figure]:
    """Its memory at its most, and the orders a second that it sends."""
    few = Database(both.small.database_url, pool=1, statement_seconds=copies.STATEMENT_SECONDS)
    many = Database(both.large.database_url, pool=1, statement_seconds=copies.STATEMENT_SECONDS)
    ran: list[tuple[_Ran, _Ran]] = []
    try:
        await copies.look_later(many)
        for _ in range(rounds):
            # new ones each time: none of them is too old to be sent
            await bench_books.wait(few, shop, min(both.orders, FEW))
            await bench_books.wait(many, shop, min(both.orders, FEW))
            ran.append((await _run(both, both.large, many), await _run(both, both.small, few)))
    finally:
        await few.close()
        await many.close()
    return [_memory(both, ran), _rate(both, ran)]


def _memory(both: Both, ran: Sequence[tuple[_Ran, _Ran]]) -> Figure:
    most = Decimal(max(ours.kilobytes for ours, _ in ran)) / _KILO
    what = f"memory of a worker, {both.orders} queued: {most:.0f} MB, at most {MEGABYTES}"
    # so many of them fit into a gigabyte: the less the better, as with all that takes time
    rates = [(_GIGABYTE / ours.kilobytes, _GIGABYTE / few.kilobytes) for ours, few in ran]
    return Figure("P17", what, rates, Decimal("0.8"), most <= MEGABYTES)


def _rate(both: Both, ran: Sequence[tuple[_Ran, _Ran]]) -> Figure:
    slowest = min(ours.rate for ours, _ in ran)
    what = f"sent with {both.orders} queued, beside few: {slowest:.0f} orders/s"
    return Figure("P15", what, [(ours.rate, few.rate) for ours, few in ran], Decimal("0.8"))


async def _run(both: Both, addresses: Addresses, database: Database) -> _Ran:
    first = min(WARY_ORDERS * len(PROVIDERS), both.orders // 20)
    async with _worker(addresses) as process:
        before = await _begun(process, database, first)
        loop = asyncio.get_running_loop()
        began = loop.time()
        await asyncio.sleep(both.seconds)
        left = before - await _waiting(database)
        took = Decimal(loop.time() - began)
        return _Ran(_kilobytes(process.pid), left, took)


def _kilobytes(process: int) -> int:
    found = _PEAK.search(Path(f"/proc/{process}/status").read_text())
    if not found:
        raise Failure("this system does not tell how much memory a process takes")
    return int(found[1])


async def _begun(process: asyncio.subprocess.Process, database: Database, first: int) -> int:
    """How many orders wait once it has sent the first ones, which it claims one by one."""
    before = await _waiting(database)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(BEGIN_SECONDS):
            while process.returncode is None:
                if (now := await _waiting(database)) <= before - first:
                    return now
                await asyncio.sleep(_LOOK_SECONDS)
    raise Failure(f"the worker did not send {first} orders within {BEGIN_SECONDS} s")


async def _waiting(database: Database) -> int:
    async with database.reading() as connection:
        return (await copies.counts(connection)).get("queued", 0)


@contextlib.asynccontextmanager
async def _worker(addresses: Addresses) -> AsyncGenerator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway", "work"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        env={
            **os.environ,
            "GATEWAY_DATABASE_URL": addresses.database_url,
            "GATEWAY_REDIS_URL": addresses.redis_url,
            "GATEWAY_SECRET_KEY": addresses.secret,
        },
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
