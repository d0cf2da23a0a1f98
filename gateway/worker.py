"""The background process: sends, follows and syncs, each provider at its own bounded pace."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Generator
from functools import partial

import structlog

from gateway.domain.catalog import Provider
from gateway.operations import Backends, InDoubt, Unreachable
from gateway.operations.dispatch import (
    Departure,
    Returned,
    claim,
    send,
    settle,
    stray_providers,
)
from gateway.operations.fold import fold
from gateway.operations.live import live
from gateway.operations.poll import BATCH, close_old, poll
from gateway.operations.reap import expire, reap
from gateway.operations.sync import sync, synced_lately

log = structlog.get_logger()

LOOK_SECONDS = 1
HIRE_SECONDS = 1
POLL_SECONDS = 1
REAP_SECONDS = 2
EXPIRE_SECONDS = 15
FOLD_SECONDS = 10
CLOSE_SECONDS = 600
STRAY_SECONDS = 5
RESYNC_SECONDS_MIN = 30
STOP_SECONDS = 45
SETTLE_BATCH = 64
GATHER_SECONDS = 0.005  # neighbours share a transaction: half the work for 5 ms
RETRY_SECONDS = (0.1, 0.5, 1, 2, 5, 5, 5, 5, 5)
SPOILED_TRIES = 3
STRAY_BATCH = 100
FAULTS = (Unreachable, InDoubt)


class Sender:
    """Sends one provider's queued orders, never more in flight than its document allows."""

    def __init__(self, backends: Backends, provider: str, worker: int) -> None:
        self._backends = backends
        self._provider = provider
        self._worker = worker
        self._in_flight: set[asyncio.Task[None]] = set()
        self._returned: asyncio.Queue[Returned] = asyncio.Queue()
        self._claiming = asyncio.Lock()
        self._stopping = False
        self.wake = asyncio.Event()
        self.outdated = asyncio.Event()

    async def run(self) -> None:
        """Claim and send until `stop`."""
        while not self._stopping:
            self.wake.clear()
            await self._fill()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.wake.wait(), LOOK_SECONDS)
            await asyncio.sleep(GATHER_SECONDS)

    async def settle(self) -> None:
        """Write down what has returned, in sets, until cancelled."""
        while True:
            batch = [await self._returned.get()]
            await asyncio.sleep(GATHER_SECONDS)
            while len(batch) < SETTLE_BATCH and not self._returned.empty():
                batch.append(self._returned.get_nowait())
            try:
                await self._settle(batch)
            finally:
                for _ in batch:
                    self._returned.task_done()

    async def stop(self) -> None:
        """Claim nothing more, let calls under way end, then settle all of them."""
        self._stopping = True
        self.wake.set()
        with contextlib.suppress(TimeoutError):
            # what is being claimed has its attempts on record: it is sent, not left to be doubted
            async with asyncio.timeout(STOP_SECONDS), self._claiming:
                pass
        if self._in_flight:
            await asyncio.wait(self._in_flight, timeout=STOP_SECONDS)
        for task in self._in_flight:
            task.cancel()
        await asyncio.gather(*self._in_flight, return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._returned.join(), STOP_SECONDS)

    async def _fill(self) -> None:
        """Use the room that there is."""
        provider = self._backends.shelf.stock.catalog.providers.get(self._provider)
        room = provider.in_flight_max - len(self._in_flight) if provider else 0
        if room <= 0:
            return
        async with self._claiming:
            if self._stopping:
                return
            for departure in await claim(self._backends, self._provider, self._worker, room):
                task = asyncio.create_task(self._send(departure))
                self._in_flight.add(task)
                task.add_done_callback(self._landed)

    async def _send(self, departure: Departure) -> None:
        self._returned.put_nowait(await send(self._backends, departure))

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._in_flight.discard(task)
        self.wake.set()
        if not task.cancelled() and (error := task.exception()):
            # the attempt stays open and is doubted when its lease ends: nothing is sent again
            log.error("sending failed", provider=self._provider, error=repr(error))

    async def _settle(self, batch: list[Returned]) -> None:
        """Repeat until it is written: settling twice does nothing, not settling loses evidence."""
        for tries, pause in enumerate(RETRY_SECONDS, start=1):
            try:
                if await settle(self._backends, batch):
                    self.outdated.set()
                return
            except FAULTS as error:
                log.warning("settling put off", provider=self._provider, error=str(error))
            except Exception:
                log.exception("settling failed", provider=self._provider, attempts=len(batch))
                if len(batch) > 1 or tries >= SPOILED_TRIES:
                    break
            await asyncio.sleep(pause)
        if len(batch) > 1:  # one that cannot be written must not take the others with it
            for each in batch:
                await self._settle([each])
            return
        log.error("settling given up: the reaper takes over", attempts=len(batch))


class Worker:
    """Runs everything that is not an answer to a customer, for all providers of the catalog."""

    def __init__(self, backends: Backends) -> None:
        self._backends = backends
        self._number: int | None = None
        self._registered = asyncio.Event()
        self._senders: dict[str, Sender] = {}
        self._synced: dict[str, asyncio.Event] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Work while the block runs; at its end calls under way are finished and settled."""
        background = (
            self._guarded(self._live),
            self._guarded(self._backends.shelf.watch),
            self._guarded(self._backends.waker.run),
            self._guarded(self._hire),
            self._again(REAP_SECONDS, reap),
            self._again(EXPIRE_SECONDS, expire),
            self._again(FOLD_SECONDS, fold),
            self._again(CLOSE_SECONDS, close_old),
            self._again(STRAY_SECONDS, self._strays),
        )
        for each in background:
            self._begin(each)
        try:
            await asyncio.wait_for(self._registered.wait(), STOP_SECONDS)
            yield
        finally:
            await asyncio.gather(*(sender.stop() for sender in self._senders.values()))
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def first_syncs(self) -> None:
        """Return once each provider of the catalog was synced once, well or badly."""
        for provider in list(self._backends.shelf.stock.catalog.providers):
            await self._first_sync(provider).wait()

    def _first_sync(self, provider: str) -> asyncio.Event:
        return self._synced.setdefault(provider, asyncio.Event())

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _live(self) -> None:
        name = f"{socket.gethostname()}:{os.getpid()}"
        while True:
            try:
                await live(
                    self._backends,
                    name,
                    self._number,
                    registered=self._register,
                    heard=self._hear,
                )
            except Unreachable as error:
                log.warning("not listening", error=str(error))
            await asyncio.sleep(LOOK_SECONDS)

    def _register(self, number: int) -> None:
        self._number = number
        self._registered.set()

    def _hear(self, provider: str) -> None:
        if provider in self._senders:
            self._senders[provider].wake.set()

    async def _hire(self) -> None:
        """A sender, a poller and a syncer for every provider that appears in the catalog."""
        await self._registered.wait()
        while True:
            for name in self._backends.shelf.stock.catalog.providers:
                if name not in self._senders:
                    sender = Sender(self._backends, name, self._number or 0)
                    self._senders[name] = sender
                    for work in (
                        self._guarded(sender.run),
                        self._guarded(sender.settle),
                        self._guarded(partial(self._follow, name)),
                        self._guarded(partial(self._sync, name)),
                    ):
                        self._begin(work)
            await asyncio.sleep(HIRE_SECONDS)

    async def _follow(self, name: str) -> None:
        while True:
            provider = self._provider(name)
            if provider is None or await poll(self._backends, provider) < BATCH:
                await asyncio.sleep(POLL_SECONDS)

    async def _sync(self, name: str) -> None:
        """At the start, when the document changed, when a refusal says so, and every so often."""
        last: Provider | None = None
        while True:
            provider = self._provider(name)
            if provider is None:
                await asyncio.sleep(LOOK_SECONDS)
                continue
            sender = self._senders[name]
            wanted = provider != last or sender.outdated.is_set()
            if wanted or not await synced_lately(self._backends, provider):
                sender.outdated.clear()
                last = provider
                try:
                    if odd := await sync(self._backends, provider):
                        log.warning("odd sync", provider=name, odd=odd)
                finally:
                    self._first_sync(name).set()
            await self._until_outdated(provider, sender)

    async def _until_outdated(self, provider: Provider, sender: Sender) -> None:
        for seconds in range(provider.sync_seconds):
            await asyncio.sleep(LOOK_SECONDS)
            outdated = sender.outdated.is_set() and seconds >= RESYNC_SECONDS_MIN
            if outdated or self._provider(provider.name) != provider:
                return

    async def _strays(self, backends: Backends) -> None:
        """Orders whose provider left the catalog: to another offer, or ended."""
        for name in await stray_providers(backends):
            await claim(backends, name, self._number or 0, STRAY_BATCH)

    async def _again(self, seconds: int, work: Callable[[Backends], Awaitable[object]]) -> None:
        await self._registered.wait()
        while True:
            with _noted(work):
                await work(self._backends)
            await asyncio.sleep(seconds)

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        """Begin again after a fault: a worker never stops working while its process lives."""
        while True:
            with _noted(work):
                await work()
                return
            await asyncio.sleep(LOOK_SECONDS)

    def _provider(self, name: str) -> Provider | None:
        return self._backends.shelf.stock.catalog.providers.get(name)


@contextlib.contextmanager
def _noted(work: object) -> Generator[None]:
    """Any fault is written down and the loop goes on: one bad row must not stop all the others."""
    try:
        yield
    except FAULTS as error:
        log.warning("database not there", error=str(error))
    except Exception as error:
        log.exception("a round failed", work=str(work), error=repr(error))
