"""Sends one provider's queued orders: claimed, called, and settled in sets."""

import asyncio
import contextlib
from collections.abc import Sequence

import structlog

from gateway.operations import Backends, InDoubt, Unreachable
from gateway.operations.acquit import acquit
from gateway.operations.approach import approach
from gateway.operations.claim import claim
from gateway.operations.dispatch import Returned, send, settle
from gateway.operations.room import room
from gateway.recovery import Recovery
from gateway.storage.claims import Departure

log = structlog.get_logger()

LOOK_SECONDS = 1
STOP_SECONDS = 45
SETTLE_BATCH = 64
GATHER_SECONDS = 0.005  # neighbours share a transaction: half the work for 5 ms
RETRY_SECONDS = (0.1, 0.5, 1, 2, 5, 5, 5, 5, 5)
SPOILED_TRIES = 3
WARY_ORDERS = 256  # more than are claimed or looked at together
WARY_AGAIN_ORDERS = 15
WARY_AGAIN_SECONDS = 2
FAULTS = (Unreachable, InDoubt)


class Sender:
    """Never more in flight than the provider's document allows, nor than he takes just now.

    What has returned is on disk before it is settled, if `recovery` keeps it.
    """

    def __init__(
        self, backends: Backends, provider: str, worker: int, recovery: Recovery | None = None
    ) -> None:
        self._backends = backends
        self._provider = provider
        self._worker = worker
        self._recovery = recovery or Recovery(backends)
        self._in_flight: set[asyncio.Task[None]] = set()
        self._returned: asyncio.Queue[Returned] = asyncio.Queue()
        self._claiming = asyncio.Lock()
        self._stopping = False
        self._wary = WARY_ORDERS
        self._wary_at = 0
        self._together = 1
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
        if provider is None:
            return
        free = min(provider.in_flight_max - len(self._in_flight), room(self._backends, provider))
        if free <= 0:
            return
        async with self._claiming:
            if self._stopping:
                return
            while free > 0 and self._is_wary():
                free -= await self._claim_warily(min(free, self._together))
            if free > 0:
                await self._claim(free)

    async def _claim_warily(self, limit: int) -> int:
        """Twice as many each time: what has ended our forerunner is the first, claimed alone."""
        orders = await approach(self._backends, self._provider, limit)
        if not orders:
            self._wary = 0
            return 0
        self._wary -= len(orders)
        self._together = 2 * limit
        try:
            await self._claim(len(orders), orders)
        finally:
            await acquit(self._backends, orders)
        return len(orders)

    async def _claim(self, limit: int, only: Sequence[int] | None = None) -> None:
        for departure in await claim(self._backends, self._provider, self._worker, limit, only):
            task = asyncio.create_task(self._send(departure))
            self._in_flight.add(task)
            task.add_done_callback(self._landed)

    def _is_wary(self) -> bool:
        """At first, lest one of them has ended our forerunner; then for a few now and then."""
        now = int(asyncio.get_running_loop().time())
        if now >= self._wary_at:
            self._wary_at = now + WARY_AGAIN_SECONDS
            self._wary, self._together = max(self._wary, WARY_AGAIN_ORDERS), 1
        return self._wary > 0

    async def _send(self, departure: Departure) -> None:
        returned = await send(self._backends, departure)
        try:
            await self._recovery.keep(departure, returned)
        finally:
            self._returned.put_nowait(returned)

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
                self._recovery.forget(batch)
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
