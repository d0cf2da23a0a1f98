"""How a simulation goes: from one moment at which something falls due to the next."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.domain.catalog import Provider
from gateway.domain.equation import Equation
from gateway.domain.equation_classes import holds
from gateway.domain.outcomes import QUEUED_AT_MOST
from gateway.operations import Backends
from gateway.operations.fold import fold
from gateway.operations.investigate import investigate
from gateway.operations.look_back import look_back
from gateway.operations.poll import BATCH, CLOSE_BATCH, CLOSE_DAYS, close_old, poll
from gateway.operations.reap import expire, reap
from gateway.operations.relieve import relieve
from gateway.operations.sync import sync
from gateway.operations.weigh import weigh
from gateway.simulation.clock import START, Clock
from gateway.simulation.faults import Dice
from gateway.simulation.lies import Weighing
from gateway.simulation.panels import ScriptedPanel
from gateway.simulation.setting import Setting
from gateway.simulation.shop import Demand
from gateway.simulation.workers import Workers
from gateway.storage.virtual_time import Stage
from gateway.storage.witness import Waiting

QUEUED_MAX = 16
QUEUED_MAX_SHUT = 3  # nobody goes on ordering where nothing moves
LOOK = timedelta(seconds=1)
LOOK_SLOWEST = timedelta(seconds=16)
ORDER_AGAIN = timedelta(seconds=5)
POLL_EVERY = timedelta(minutes=15)
POLL_SELDOM = timedelta(hours=1)  # where nothing but time is waited for
INVESTIGATE_EVERY = timedelta(minutes=5)
INVESTIGATE_IN_VAIN = timedelta(minutes=5)
LOOK_BACK_EVERY = timedelta(minutes=5)
BALANCE_EVERY = timedelta(minutes=10)
RELIEVE_EVERY = timedelta(seconds=60)
SYNC_EVERY = timedelta(minutes=30)
FOLD_EVERY = timedelta(hours=1)
CALM_EVERY = timedelta(minutes=10)
CALM_ORDERS_MAX = 72
TRADE_EVERY = timedelta(hours=1)
PATIENCE = timedelta(hours=26)
LAST_LOOK = timedelta(hours=25)
DAYS_MAX = 2_000
STEPS_MAX_PER_ORDER = 20_000

ORDER = "order"

Deed = Callable[[], Awaitable[timedelta]]
"""Does what is due, and says how long it is not done again."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody who takes part."""

    backends: Backends
    stage: Stage
    clock: Clock
    panels: Mapping[str, ScriptedPanel]
    workers: Workers
    demand: Demand
    dice: Dice


class Course:
    """Drives every operation at its time until nothing is left to do."""

    def __init__(self, cast: Cast, setting: Setting) -> None:
        self._cast = cast
        self._setting = setting
        self._clock = cast.clock
        self._seen: list[Waiting] = []
        self._calmed = 0
        self._calm_since: datetime | None = None
        self._over_at: datetime | None = None
        self._looks = LOOK
        self._ordered_at = START
        self.weighings: list[Weighing] = []
        self._regular: dict[str, Deed] = {"fold": self._fold, ORDER: self._order}
        self._called_for: dict[str, Deed] = {
            "expire": self._expire,
            "reap": self._reap,
            "relieve": self._relieve,
        }
        for name in cast.panels:
            self._deeds_of(name)
            self._inquiries_of(name)
        self._ready = dict.fromkeys((*self._regular, *self._called_for), START)

    async def run(self) -> None:
        """From the first order to the last one that is closed. Raises AssertionError: no end."""
        for _ in range(STEPS_MAX_PER_ORDER * (self._setting.orders + 10)):
            if self._cast.workers.changed:
                await self._look()
            if self._is_over():
                await self._close()
                return
            await self._step()
            if self._clock.now > START + timedelta(days=DAYS_MAX):
                break
        raise AssertionError(f"no end by {self._clock.now}: {self._seen}")

    def _deeds_of(self, name: str) -> None:
        backends = self._cast.backends

        def provider() -> Provider:
            return backends.shelf.stock.catalog.providers[name]

        async def read_list() -> timedelta:
            await sync(backends, provider())
            return SYNC_EVERY

        async def read_balance() -> timedelta:
            self._weighed(name, await weigh(backends, provider()))
            return BALANCE_EVERY

        async def send() -> timedelta:
            claimed = await self._cast.workers.look(provider())
            self._looks = LOOK if claimed else min(2 * self._looks, LOOK_SLOWEST)
            return self._looks

        async def look() -> timedelta:
            while await poll(backends, provider(), self._clock.nanoseconds) >= BATCH:
                pass
            return POLL_SELDOM if self._trades_on() else POLL_EVERY

        self._regular |= {f"sync {name}": read_list, f"weigh {name}": read_balance}
        self._called_for |= {f"send {name}": send, f"poll {name}": look}

    def _inquiries_of(self, name: str) -> None:
        backends = self._cast.backends

        def provider() -> Provider:
            return backends.shelf.stock.catalog.providers[name]

        async def find_out() -> timedelta:
            due = await investigate(backends, provider(), self._clock.nanoseconds)
            return INVESTIGATE_EVERY if due else INVESTIGATE_IN_VAIN

        async def find_late() -> timedelta:
            await look_back(backends, provider(), self._clock.nanoseconds)
            return LOOK_BACK_EVERY

        self._called_for |= {f"investigate {name}": find_out, f"look back {name}": find_late}

    async def _step(self) -> None:
        """To the next moment at which anything is due, and do what is due then."""
        due = self._due()
        moments = list(due.values())
        if self._clock.next_at is not None:
            moments.append(self._clock.next_at)
        await self._clock.jump(min(moments))
        for name, at in sorted(due.items()):
            if self._cast.workers.changed:
                return  # what was due may be done already: look again
            if at <= self._clock.now:
                if name != ORDER:  # which mostly finds that nobody comes
                    await self._clock.tell()
                wait = await (self._regular | self._called_for)[name]()
                self._ready[name] = self._clock.now + wait
                self._cast.workers.changed |= name in self._called_for

    def _due(self) -> dict[str, datetime]:
        """What is due when: by its pace, and what the records must call for no sooner than that."""
        called: dict[str, datetime | None] = {}
        for each in self._seen:
            oldest, lease = each.oldest_at, each.reap_at
            called |= {
                f"send {each.provider}": each.send_at,
                f"poll {each.provider}": each.poll_at,
                f"investigate {each.provider}": each.investigate_at,
                f"look back {each.provider}": each.look_back_at,
            }
            if oldest:
                called["expire"] = oldest + QUEUED_AT_MOST + LOOK
            if lease:
                called["reap"] = lease + LOOK
            if each.shut and each.queued:
                called["relieve"] = self._clock.now
        due = {name: self._ready[name] for name in self._regular}
        return due | {name: max(at, self._ready[name]) for name, at in called.items() if at}

    async def _look(self) -> None:
        await self._clock.tell()
        self._seen = await self._cast.stage.waiting(sorted(self._cast.panels))
        self._cast.workers.changed = False

    async def _order(self) -> timedelta:
        """Customers come, less often while many orders wait; after the last a few in calm.

        Those close the windows in which the resolver looks: business goes on after any fault.
        """
        demand = self._cast.demand
        queued = sum(each.queued for each in self._seen)
        total = self._setting.orders_total
        self._cast.dice.calm = demand.placed < total - self._setting.orders
        if demand.placed < total:
            shut = all(each.shut for each in self._seen)
            room = (QUEUED_MAX_SHUT if shut else QUEUED_MAX) - queued
            if room <= 0:
                return ORDER_AGAIN
            count = demand.burst(min(room, total - demand.placed))
            await self._place(count)
            return demand.pause(count)
        if queued or any(each.sending for each in self._seen):
            return ORDER_AGAIN
        self._cast.dice.calm = True
        self._calm_since = self._calm_since or self._clock.now
        if any(each.unconfirmed for each in self._seen) and self._calmed < CALM_ORDERS_MAX:
            self._calmed += 1
            await self._place(1)
        elif self._trades_on() and self._clock.now >= self._ordered_at + TRADE_EVERY:
            await self._place(1)
        return CALM_EVERY

    async def _place(self, count: int) -> None:
        await self._clock.tell()
        await self._cast.demand.place(count)
        self._ordered_at = self._clock.now
        self._cast.workers.changed = True

    def _trades_on(self) -> bool:
        """Whether a late order may still come, or be found: later ones tell where its id ends."""
        if self._calm_since is None or not self._setting.later_than_seconds:
            return False
        came = [each.late_at for each in self._cast.panels.values() if each.late_at]
        pending = any(each.pending for each in self._cast.panels.values())
        return pending or (bool(came) and self._clock.now < max(came) + LAST_LOOK)

    def _is_over(self) -> bool:
        """Nothing moves any more; what is in doubt waits for a person, or has had its time."""
        if self._calm_since is None or self._cast.workers.waited_for or self._trades_on():
            return False
        pending = any(each.pending for each in self._cast.panels.values())
        moving = any(each.queued or each.sending or each.active for each in self._seen)
        doubtful = any(each.unconfirmed for each in self._seen)
        if pending or moving or (doubtful and self._clock.now < self._calm_since + PATIENCE):
            self._over_at = None
            return False
        extra = LAST_LOOK if self._setting.flapping else timedelta()
        self._over_at = self._over_at or self._clock.now + extra
        return self._clock.now >= self._over_at

    async def _close(self) -> None:
        """A month later, what has ended is closed for good."""
        await self._clock.jump(self._clock.now + timedelta(days=CLOSE_DAYS, hours=1))
        await self._clock.tell()
        for name in sorted(self._cast.panels):
            for deed in ("poll", "weigh"):
                await (self._regular | self._called_for)[f"{deed} {name}"]()
        if self._setting.lying:
            await self._weigh_again()
        while await close_old(self._cast.backends) >= CLOSE_BATCH:
            pass
        await self._fold()

    async def _weigh_again(self) -> None:
        """What is charged without an order must be seen twice before it counts."""
        await self._clock.jump(self._clock.now + BALANCE_EVERY)
        await self._clock.tell()
        for name in sorted(self._cast.panels):
            await self._regular[f"weigh {name}"]()

    def _weighed(self, name: str, equation: Equation | None) -> None:
        if equation is None:
            return
        doubted = [cost for each in self._seen if each.provider == name for cost in each.doubted]
        tells = equation.quiet and not (doubted and holds(equation, doubted))
        told = equation.unexplained if tells else None
        self.weighings.append(Weighing(name, self._clock.now, told))

    async def _expire(self) -> timedelta:
        await expire(self._cast.backends)
        return LOOK

    async def _reap(self) -> timedelta:
        await reap(self._cast.backends)
        return LOOK

    async def _relieve(self) -> timedelta:
        await relieve(self._cast.backends)
        return RELIEVE_EVERY

    async def _fold(self) -> timedelta:
        await fold(self._cast.backends)
        return FOLD_EVERY
