"""The background process: sends, follows and syncs, each provider at its own bounded pace."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Generator
from functools import partial

import structlog

from gateway.domain.catalog import Provider
from gateway.operations import Backends, Unreachable
from gateway.operations.audit import audit
from gateway.operations.claim import claim
from gateway.operations.close_requests import close_requests
from gateway.operations.fold import fold
from gateway.operations.follow import follow
from gateway.operations.forward import forward
from gateway.operations.investigate import investigate
from gateway.operations.live import live
from gateway.operations.look_back import look_back
from gateway.operations.measure import measure
from gateway.operations.notice import notice
from gateway.operations.poll import BATCH, close_old, poll
from gateway.operations.prune import prune
from gateway.operations.reap import expire, reap
from gateway.operations.relieve import relieve
from gateway.operations.stray_providers import stray_providers
from gateway.operations.sync import sync, synced_lately
from gateway.operations.take_census import take_census
from gateway.operations.tally import tally
from gateway.operations.watch import watch
from gateway.operations.weigh import weigh
from gateway.recovery import Recovery
from gateway.sender import FAULTS, LOOK_SECONDS, STOP_SECONDS, Sender
from gateway.storage.spill import Spill

Round = Callable[[Backends, Provider], Awaitable[int]]

log = structlog.get_logger()

HIRE_SECONDS = 1
POLL_SECONDS = 1
REQUESTS_SECONDS = 1
DOUBT_SECONDS = 10
LOOK_BACK_SECONDS = 60
NOTICE_SECONDS = 10
REAP_SECONDS = 2
EXPIRE_SECONDS = 15
RELIEVE_SECONDS = 2
FOLD_SECONDS = 10
TALLY_SECONDS = 10
CENSUS_SECONDS = 30
MEASURE_SECONDS = 300
PRUNE_SECONDS = 600
WATCH_SECONDS = 60
AUDIT_SECONDS = 600
WEIGH_SECONDS = 600
WEIGHED_SECONDS = 60
CLOSE_SECONDS = 600
STRAY_SECONDS = 5
RESYNC_SECONDS_MIN = 30
CLOSE_REQUESTS_SECONDS = 60
STRAY_BATCH = 100


class Worker:
    """Runs everything that is not an answer to a customer, for all providers of the catalog.

    `spill`: where replies are kept until they are settled; closed at the end.
    """

    def __init__(self, backends: Backends, spill: Spill | None = None) -> None:
        self._backends = backends
        self._recovery = Recovery(backends, spill)
        self._number: int | None = None
        self._registered = asyncio.Event()
        self._senders: dict[str, Sender] = {}
        self._synced: dict[str, asyncio.Event] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Work while the block runs; at its end calls under way are finished and settled."""
        background = (
            self._guarded(self._recovery.run),
            self._guarded(self._live),
            self._guarded(self._backends.shelf.watch),
            self._guarded(self._backends.waker.run),
            self._guarded(self._hire),
            self._again(REAP_SECONDS, reap),
            self._again(EXPIRE_SECONDS, expire),
            self._again(RELIEVE_SECONDS, relieve),
            self._again(FOLD_SECONDS, fold),
            self._again(TALLY_SECONDS, tally),
            self._again(CENSUS_SECONDS, take_census),
            self._again(MEASURE_SECONDS, measure),
            self._again(PRUNE_SECONDS, prune),
            self._again(WATCH_SECONDS, watch),
            self._again(AUDIT_SECONDS, audit),
            self._again(CLOSE_SECONDS, close_old),
            self._again(NOTICE_SECONDS, self._notice),
            self._again(CLOSE_REQUESTS_SECONDS, close_requests),
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
            await self._recovery.close()

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
                await self._notice(self._backends)
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

    async def _notice(self, backends: Backends) -> None:
        if why := await notice(backends):
            log.error("nothing is sent: see `gateway restored list`", reason=why)

    def _register(self, number: int) -> None:
        self._number = number
        self._registered.set()

    def _hear(self, provider: str) -> None:
        if provider in self._senders:
            self._senders[provider].wake.set()

    async def _hire(self) -> None:
        """A sender and the loops that ask, for every provider that appears in the catalog."""
        await self._registered.wait()
        while True:
            for name in self._backends.shelf.stock.catalog.providers:
                if name not in self._senders:
                    sender = Sender(self._backends, name, self._number or 0, self._recovery)
                    self._senders[name] = sender
                    for work in (
                        self._guarded(sender.run),
                        self._guarded(sender.settle),
                        self._guarded(partial(self._rounds, name, poll, POLL_SECONDS)),
                        self._guarded(partial(self._rounds, name, forward, REQUESTS_SECONDS)),
                        self._guarded(partial(self._rounds, name, follow, REQUESTS_SECONDS)),
                        self._guarded(partial(self._rounds, name, investigate, DOUBT_SECONDS)),
                        self._guarded(partial(self._rounds, name, look_back, LOOK_BACK_SECONDS)),
                        self._guarded(partial(self._weigh, name)),
                        self._guarded(partial(self._sync, name)),
                    ):
                        self._begin(work)
            await asyncio.sleep(HIRE_SECONDS)

    async def _rounds(self, name: str, work: Round, seconds: int) -> None:
        """Work through what is due, with a pause whenever less than a batch was."""
        while True:
            provider = self._provider(name)
            if provider is None or await work(self._backends, provider) < BATCH:
                await asyncio.sleep(seconds)

    async def _weigh(self, name: str) -> None:
        while True:
            await asyncio.sleep(WEIGHED_SECONDS)
            if provider := self._provider(name):
                await weigh(self._backends, provider, pace_seconds=WEIGH_SECONDS)

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
