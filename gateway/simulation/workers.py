"""Workers that claim, send and settle in turns, and are lost between any two of these steps."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from gateway.domain.catalog import Provider
from gateway.operations import Backends
from gateway.operations.claim import claim
from gateway.operations.dispatch import Returned, send, settle
from gateway.operations.reap import GRACE_SECONDS, reap
from gateway.operations.room import room
from gateway.simulation.clock import Clock
from gateway.simulation.faults import CRASHES, NEVER_SENT, TIMED_OUT, Dice, Fault
from gateway.simulation.panels import ScriptedPanel
from gateway.storage.claims import Departure
from gateway.storage.virtual_time import Stage

WORKERS = 3
SET_MAX = 8
DEPART_MILLISECONDS = (50, 600)
ANSWER_MILLISECONDS = (20, 200)
GATHER = timedelta(milliseconds=600)
RESTART = timedelta(seconds=5)
FOUND = timedelta(seconds=GRACE_SECONDS + 2)


@dataclass(slots=True)
class _Worker:
    """One process: its number, the orders in its hands, what has come back for them."""

    number: int
    in_hand: Counter[str] = field(default_factory=Counter[str])
    returned: list[Returned] = field(default_factory=list[Returned])
    settling: bool = False
    dying: bool = False


class Workers:
    """All of them. One that is to be lost leaves only the attempt that its fault struck."""

    def __init__(
        self,
        backends: Backends,
        stage: Stage,
        clock: Clock,
        panels: Mapping[str, ScriptedPanel],
        dice: Dice,
        chance: Random,
    ) -> None:
        self._backends = backends
        self._stage = stage
        self._clock = clock
        self._panels = panels
        self._dice = dice
        self._chance = chance
        self._workers: list[_Worker] = []
        self.struck: Counter[str] = Counter()
        self.changed = True
        self.waited_for = 0

    async def hire(self) -> None:
        """One more worker, with nothing to do."""
        number = await self._stage.hire(f"simulated {len(self._workers)}")
        self._workers.append(_Worker(number))
        self.changed = True

    async def look(self, provider: Provider) -> int:
        """Let one worker that has room claim what waits for a provider; how much was claimed."""
        idle = [each for each in self._workers if not each.dying and self._free(each, provider) > 0]
        if not idle:
            return 0
        worker = self._chance.choice(idle)
        if self._dice.before_claim():
            self.struck[Fault.CRASH_BEFORE_CLAIM] += 1
            await self._lose(worker)
            return 0
        free = self._free(worker, provider)
        departures = await claim(self._backends, provider.name, worker.number, free)
        for departure in departures:
            self._depart(worker, departure)
        return len(departures)

    def _free(self, worker: _Worker, provider: Provider) -> int:
        left = provider.in_flight_max - worker.in_hand[provider.name]
        return min(SET_MAX, left, room(self._backends, provider))

    def _depart(self, worker: _Worker, departure: Departure) -> None:
        fault = self._dice.of_attempt()
        worker.in_hand[departure.provider.name] += 1
        self.waited_for += 1
        if fault is not None:
            self.struck[fault] += 1
        if fault in CRASHES:
            worker.dying = True

        async def go() -> None:
            await self._go(worker, departure, fault)

        self._clock.later(self._between(DEPART_MILLISECONDS), go)

    async def _go(self, worker: _Worker, departure: Departure, fault: Fault | None) -> None:
        if fault not in NEVER_SENT:
            self._panels[departure.provider.name].expect(departure.placement.link, fault)
            returned = await send(self._backends, departure)
            if fault not in CRASHES:
                waits = timedelta(seconds=departure.provider.timeout_seconds)
                wait = waits if fault in TIMED_OUT else self._between(ANSWER_MILLISECONDS)

                async def land() -> None:
                    self._land(worker, returned)

                self._clock.later(wait, land)
                return
        await self._let_go(worker, departure.provider.name, 1)

    def _land(self, worker: _Worker, returned: Returned) -> None:
        worker.returned.append(returned)
        if not worker.settling:
            worker.settling = True

            async def write_down() -> None:
                await self._settle(worker)

            self._clock.later(GATHER, write_down)

    async def _settle(self, worker: _Worker) -> None:
        batch, worker.returned, worker.settling = worker.returned, [], False
        await self._clock.tell()
        await settle(self._backends, batch)
        self.changed = True
        for name, count in Counter(each.ref.provider for each in batch).items():
            await self._let_go(worker, name, count)

    async def _let_go(self, worker: _Worker, provider: str, count: int) -> None:
        worker.in_hand[provider] -= count
        self.waited_for -= count
        if worker.dying and not any(worker.in_hand.values()):
            await self._lose(worker)

    async def _lose(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        await self._stage.lose(worker.number)
        self._clock.later(RESTART, self.hire)
        self.waited_for += 1
        self._clock.later(FOUND, self._reap)

    async def _reap(self) -> None:
        self.waited_for -= 1
        await self._clock.tell()
        await reap(self._backends)
        self.changed = True

    def _between(self, milliseconds: tuple[int, int]) -> timedelta:
        return timedelta(milliseconds=self._chance.randint(*milliseconds))
