"""The places for calls to one provider, within what his refusals taught (protocol.md 4.2).

He who never said "too many" is not slowed down. After a refusal nothing is called until the pause
is over, then evenly spread at a learned pace, which is given up again when he stays quiet.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from enum import IntEnum

from gateway.clock import Clock
from gateway.upstream.lesson import FORGOTTEN_AFTER, Lesson, learn, said
from gateway.upstream.limits import NANOSECONDS, Busy, Pace

MILLISECOND = 1_000_000  # in nanoseconds
READ_EVERY = 4  # of so many places in a row, one goes to a read that waits
WAITING_MAX = 128
WAIT_MILLISECONDS_MAX = 60_000
_SEEN_SECONDS = 60


_REAL = Clock()


class _Kind(IntEnum):
    ADD = 0
    READ = 1


class _Waiter:
    """Somebody in line, until a moment; `turn` tells whether a place came."""

    __slots__ = ("taken", "turn", "until", "was_last")

    def __init__(self, until: int) -> None:
        self.until = until
        self.turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.taken = self.was_last = 0


class Budget:
    """Who may call one provider, and when. For one event loop; no I/O.

    `adds_at_once` and `reads_at_once` are what the caller keeps to anyway; after a refusal half of
    each is left. Both kinds share one pace, with `calls_per_minute` (at least 1) as its standing
    ceiling. An add goes before a read, except that every fourth place is a waiting read's.
    """

    def __init__(
        self,
        adds_at_once: int,
        reads_at_once: int,
        calls_per_minute: int | None = None,
        clock: Clock = _REAL,
    ) -> None:
        self._clock = clock
        self._at_once = (max(adds_at_once, 1), max(reads_at_once, 1))
        self._ceiling = None if calls_per_minute is None else Pace(calls_per_minute)
        self._lesson: Lesson | None = None
        self._waiting: list[deque[_Waiter]] = [deque(), deque()]
        self._in_flight = [0, 0]
        self._made: dict[int, int] = {}
        self._last = clock.nanoseconds() - FORGOTTEN_AFTER
        self._called_since = False
        self._adds_in_a_row = 0
        self._alarm: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def slot(self, *, add: bool, wait_milliseconds_max: int) -> AsyncGenerator[None]:
        """A place for one call, held while the call runs; enter it last before the call.

        Raises Busy when none comes in time, at once where that is known. Nobody waits for more than
        a minute, nor in a line of more than 128.
        """
        kind = _Kind.ADD if add else _Kind.READ
        now = self._clock.nanoseconds()
        if self._lesson is None and self._ceiling is None:
            self._begin(kind, now)
        else:
            milliseconds = min(wait_milliseconds_max, WAIT_MILLISECONDS_MAX)
            await self._wait(kind, _Waiter(now + milliseconds * MILLISECOND))
        try:
            yield
        finally:
            self._in_flight[kind] -= 1
            if any(self._waiting):
                # a moment later: this call's own answer may be a refusal, and the next must heed it
                asyncio.get_running_loop().call_soon(self._serve)

    def refused(self, retry_after_seconds: int | None, text: str) -> None:
        """Learn from an HTTP 429, or from a refusal with code `rate_limit`.

        `text`: what was answered, without the key.
        """
        now = self._clock.nanoseconds()
        old = self._known(now)
        heard = said(retry_after_seconds, text)
        if old and not self._called_since:
            self._lesson = old.echoed(heard, now)
        else:
            pace = self._pace(now) if old else None
            slowed = pace.times(7, 10) if pace else Pace(self._called(now)).times(8, 10)
            self._lesson = learn(old, heard, slowed, now, self._clock.now())
        self._called_since = False
        self._serve()

    def ready_in_seconds(self) -> int:
        """For how many whole seconds no new call gets a place; 0 = it gets one within a second."""
        now = self._clock.nanoseconds()
        return (self._next_place(now) - now) // NANOSECONDS

    def places(self, within_milliseconds: int) -> int:
        """How many adds would get a place if they came now and waited so long."""
        now = self._clock.nanoseconds()
        taken = self._in_flight[_Kind.ADD] + len(self._waiting[_Kind.ADD])
        room = max(self._bound(_Kind.ADD, now) - taken, 0)
        spare = now + within_milliseconds * MILLISECOND - self._next_place(now)
        if spare < 0:
            return 0
        pace = self._pace(now)
        return min(room, spare // pace.gap_nanoseconds + 1) if pace else room

    def describe(self) -> str:
        """What was learned, for operators; empty when nothing was."""
        now = self._clock.nanoseconds()
        lesson = self._known(now)
        if lesson is None:
            return ""
        text = f"at most {self._pace(now)}"
        adds = self._bound(_Kind.ADD, now)
        if adds < self._at_once[_Kind.ADD]:
            text += f" and {adds} {'add' if adds == 1 else 'adds'} at once"
        text += f" since {lesson.since:%H:%M} UTC, learned from: {lesson.words}"
        if now >= lesson.paused_until:
            return text
        left = timedelta(microseconds=(lesson.paused_until - now) // 1_000)
        return f"{text} (nothing is called before {self._clock.now() + left:%H:%M:%S})"

    def _known(self, now: int) -> Lesson | None:
        return None if self._lesson is None or self._lesson.forgotten(now) else self._lesson

    def _pace(self, now: int) -> Pace | None:
        lesson = self._known(now)
        return lesson.pace_at(now).bounded(self._ceiling) if lesson else self._ceiling

    def _bound(self, kind: _Kind, now: int) -> int:
        lesson = self._known(now)
        return lesson.bound_at(now, self._at_once[kind]) if lesson else self._at_once[kind]

    def _called(self, now: int) -> int:
        """How many calls began in this second and the 59 before it."""
        seconds = now // NANOSECONDS
        return sum(calls for at, calls in self._made.items() if at > seconds - _SEEN_SECONDS)

    def _free_at(self, now: int) -> int:
        """When the next call may begin: now or later."""
        pace, lesson = self._pace(now), self._known(now)
        spread = self._last + pace.gap_nanoseconds if pace else now
        return max(now, spread, lesson.paused_until if lesson else now)

    def _next_place(self, now: int) -> int:
        """When one who comes now may begin, after those in line."""
        pace = self._pace(now)
        line = len(self._waiting[_Kind.ADD]) + len(self._waiting[_Kind.READ])
        return self._free_at(now) + (line * pace.gap_nanoseconds if pace else 0)

    def _begin(self, kind: _Kind, now: int) -> None:
        second = now // NANOSECONDS
        self._made[second] = self._made.get(second, 0) + 1
        if len(self._made) > _SEEN_SECONDS:
            del self._made[next(iter(self._made))]
        self._in_flight[kind] += 1
        self._last = now
        self._called_since = True
        self._adds_in_a_row = self._adds_in_a_row + 1 if kind is _Kind.ADD else 0

    async def _wait(self, kind: _Kind, waiter: _Waiter) -> None:
        if len(self._waiting[kind]) >= WAITING_MAX:
            raise Busy(f"{WAITING_MAX} calls wait for this provider already")
        self._waiting[kind].append(waiter)
        self._serve()
        try:
            came = await waiter.turn
        except asyncio.CancelledError:
            if waiter.turn.done() and not waiter.turn.cancelled() and waiter.turn.result():
                self._give_back(kind, waiter)
            self._serve()
            raise
        if not came:
            pace = self._pace(self._clock.nanoseconds())
            bound = f" takes at most {pace}, and" if pace else ""
            raise Busy(f"the provider{bound} has no place within the time that this call may wait")

    def _give_back(self, kind: _Kind, waiter: _Waiter) -> None:
        """It was cancelled between getting its place and using it."""
        self._in_flight[kind] -= 1
        if self._last == waiter.taken:
            self._last = waiter.was_last

    def _serve(self) -> None:
        """Give out the places that are free, turn away who would wait in vain, set the alarm."""
        if self._lesson is None and self._ceiling is None:
            return
        now = self._clock.nanoseconds()
        self._lesson = self._known(now)
        for kind in _Kind:
            self._waiting[kind] = deque(w for w in self._waiting[kind] if not w.turn.done())
        while self._free_at(now) <= now and (kind := self._next_kind(now)) is not None:
            waiter = self._waiting[kind].popleft()
            waiter.taken, waiter.was_last = now, self._last
            self._begin(kind, now)
            waiter.turn.set_result(True)
        self._turn_away(now)
        self._set_alarm(now)

    def _next_kind(self, now: int) -> _Kind | None:
        able = [
            kind
            for kind in _Kind
            if self._waiting[kind]
            and (self._lesson is None or self._in_flight[kind] < self._bound(kind, now))
        ]
        if len(able) > 1 and self._adds_in_a_row >= READ_EVERY - 1:
            return _Kind.READ
        return able[0] if able else None

    def _turn_away(self, now: int) -> None:
        """Those whose time is over, or will be before their place in line can come."""
        free_at, pace = self._free_at(now), self._pace(now)
        gap = pace.gap_nanoseconds if pace else 0
        for kind in _Kind:
            stay: deque[_Waiter] = deque()
            for waiter in self._waiting[kind]:
                if waiter.until <= now or waiter.until < free_at + len(stay) * gap:
                    waiter.turn.set_result(False)
                else:
                    stay.append(waiter)
            self._waiting[kind] = stay

    def _set_alarm(self, now: int) -> None:
        """One sleep for all: until the next place or the end of somebody's patience."""
        if self._alarm:
            self._alarm.cancel()
            self._alarm = None
        moments = [waiter.until for line in self._waiting for waiter in line]
        if not moments:
            return
        free_at = self._free_at(now)  # who stayed in line has the patience for it
        milliseconds = -((now - (free_at if free_at > now else min(moments))) // MILLISECOND)
        self._alarm = asyncio.get_running_loop().create_task(self._ring(milliseconds))

    async def _ring(self, milliseconds: int) -> None:
        await self._clock.sleep(milliseconds)
        self._alarm = None  # it must not cancel itself
        self._serve()
