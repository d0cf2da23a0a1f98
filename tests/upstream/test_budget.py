"""When a provider may be called, by what he was heard to say; time stands still unless told."""

import asyncio
import heapq
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from gateway.clock import Clock
from gateway.upstream.budget import READ_EVERY, WAITING_MAX, Budget
from gateway.upstream.limits import Busy, Limits, Pace, stated_pace, stated_wait_seconds
from gateway.upstream.trace import TraceLog
from gateway.upstream.wire import Fault, Reply, Wire, public_trust
from tests.upstream.misbehaving import answers, misbehaving, reply

MILLISECOND = 1_000_000
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TOO_MANY = "Too many requests"
MINUTE = 60_000
HOUR = 60 * MINUTE


class Hours:
    """A clock that is moved by hand; what sleeps by it wakes in order."""

    def __init__(self) -> None:
        self.milliseconds = 7_000_000
        self.sleeps = 0
        self._sleeping: list[tuple[int, int, asyncio.Future[None]]] = []

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.milliseconds * MILLISECOND, self.sleep, self.now)

    def now(self) -> datetime:
        return NOON + timedelta(milliseconds=self.milliseconds - 7_000_000)

    async def sleep(self, milliseconds: int) -> None:
        assert milliseconds > 0
        self.sleeps += 1
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleeping, (self.milliseconds + milliseconds, self.sleeps, future))
        await future

    def asleep(self) -> int:
        return sum(not future.done() for _, _, future in self._sleeping)

    async def go_on(self, milliseconds: int) -> None:
        until = self.milliseconds + milliseconds
        await settle()
        while self._sleeping and self._sleeping[0][0] <= until:
            self.milliseconds, _, future = heapq.heappop(self._sleeping)
            if not future.done():
                future.set_result(None)
                await settle()
        self.milliseconds = until
        await settle()


async def settle() -> None:
    for _ in range(8):
        await asyncio.sleep(0)


@dataclass
class Caller:
    """Asks a budget for places and notes who got one, when."""

    hours: Hours
    budget: Budget
    began: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    busy: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    tasks: list[asyncio.Task[None]] = field(default_factory=list[asyncio.Task[None]])
    running: Counter[str] = field(default_factory=Counter[str])

    def ask(
        self, name: str, wait: int = 0, *, lasts: asyncio.Event | None = None
    ) -> asyncio.Task[None]:
        """A name that starts with r is a read."""
        task = asyncio.create_task(self._call(name, wait, lasts))
        self.tasks.append(task)
        return task

    async def call(self, name: str = "a", wait: int = 0) -> bool:
        before = len(self.began)
        await asyncio.wait([self.ask(name, wait)])
        return len(self.began) > before

    async def many(self, count: int) -> None:
        for _ in range(count):
            async with self.budget.slot(add=True, wait_milliseconds_max=0):
                self.began.append(("a", self.hours.milliseconds))

    async def _call(self, name: str, wait: int, lasts: asyncio.Event | None) -> None:
        try:
            slot = self.budget.slot(add=not name.startswith("r"), wait_milliseconds_max=wait)
            async with slot:
                self.began.append((name, self.hours.milliseconds))
                self.running[name[0]] += 1
                try:
                    if lasts:
                        await lasts.wait()
                finally:
                    self.running[name[0]] -= 1
        except Busy:
            self.busy.append((name, self.hours.milliseconds))


def caller(adds: int = 8, reads: int = 2, calls_per_minute: int | None = None) -> Caller:
    hours = Hours()
    return Caller(hours, Budget(adds, reads, calls_per_minute, hours.clock))


async def minute_of(calls: Caller) -> list[int]:
    """When calls begin, in milliseconds from now, for a minute in which more want to than may."""
    begun, now = len(calls.began), calls.hours.milliseconds
    line = [calls.ask("a", MINUTE) for _ in range(120)]
    await calls.hours.go_on(MINUTE - 1)
    for each in line:
        each.cancel()
    await asyncio.wait(line)
    return [at - now for _, at in calls.began[begun:]]


async def test_nobody_is_slowed_down_before_a_refusal() -> None:
    calls = caller(adds=1, reads=1)
    held = [calls.ask("r" if each % 2 else "a", lasts=asyncio.Event()) for each in range(500)]
    await settle()
    assert len(calls.began) == calls.running.total() == 500
    assert calls.hours.sleeps == 0
    assert (calls.budget.ready_in_seconds(), calls.budget.describe()) == (0, "")
    for each in held:
        each.cancel()
    await asyncio.wait(held)
    assert calls.budget.places(0) == 1


async def test_a_place_costs_next_to_nothing_before_a_refusal() -> None:
    budget = Budget(8, 2)
    best = 10**9
    for _ in range(5):
        began = time.perf_counter_ns()
        for _ in range(1_000):
            async with budget.slot(add=True, wait_milliseconds_max=5_000):
                pass
        best = min(best, time.perf_counter_ns() - began)
    assert best // 1_000 < 100_000  # nanoseconds; a few thousand were measured


@pytest.mark.parametrize("told", [0, 1, 7, 3_600])
async def test_nothing_is_called_before_retry_after_has_passed(told: int) -> None:
    calls = caller()
    await calls.many(600)
    calls.budget.refused(told, TOO_MANY)
    assert calls.budget.ready_in_seconds() == told
    assert calls.budget.places(999) == (4 if told == 0 else 0)
    if told:
        await calls.hours.go_on(told * 1_000 - 1)
        assert not await calls.call()
        await calls.hours.go_on(1)
    assert calls.budget.ready_in_seconds() == 0
    await calls.hours.go_on(200 if told == 0 else 0)
    assert await calls.call()


async def test_a_wait_that_is_told_has_bounds_and_may_stand_in_the_text() -> None:
    for told, text, seconds in (
        (10**9, TOO_MANY, 3_600),
        (-5, TOO_MANY, 0),
        (None, "Too many invalid keys. Try again in 15 minutes.", 900),
        (3, "Too many invalid keys. Try again in 15 minutes.", 3),
        (None, TOO_MANY, 5),
    ):
        budget = caller().budget
        budget.refused(told, text)
        assert budget.ready_in_seconds() == seconds


async def test_pauses_double_while_refusals_come_in_a_row() -> None:
    calls = caller()
    await calls.many(10_000)
    pauses: list[int] = []
    for _ in range(9):
        await calls.hours.go_on(calls.budget.ready_in_seconds() * 1_000)
        await calls.many(1)
        calls.budget.refused(None, TOO_MANY)
        pauses.append(calls.budget.ready_in_seconds())
    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300, 300]
    await calls.hours.go_on(300_000 + MINUTE)
    await calls.many(1)
    calls.budget.refused(None, TOO_MANY)
    assert calls.budget.ready_in_seconds() == 5


async def test_refusals_of_calls_already_under_way_teach_nothing_more() -> None:
    calls = caller()
    await calls.many(100)
    calls.budget.refused(2, TOO_MANY)
    learned = calls.budget.describe()
    for _ in range(7):
        calls.budget.refused(None, TOO_MANY)
    assert calls.budget.describe() == learned
    calls.budget.refused(9, TOO_MANY)
    assert calls.budget.ready_in_seconds() == 9
    assert "at most 80 calls a minute" in calls.budget.describe()
    calls.budget.refused(None, "Too many requests. Limit 50/minute.")
    assert "at most 50 calls a minute" in calls.budget.describe()


@pytest.mark.parametrize(
    ("text", "pace"),
    [
        ("Too many requests. Limit 50/minute.", Pace(50)),
        ("Too many requests: up to 120 per minute", Pace(120)),
        ("You may send 300 requests per hour", Pace(300, 3_600)),
        ("Max 60 req/min", Pace(60)),
        ("One ADD a second: 1 order per second", Pace(60)),
        ("30 calls every 10 seconds", Pace(180)),
        ("100 API calls per 5 minutes", Pace(100, 300)),
        ("60 per minute, 1200 per hour", Pace(1_200, 3_600)),
        ("300 per hour or 60 per minute", Pace(300, 3_600)),
        ("5 / m", Pace(5)),
        (TOO_MANY, None),
        ("Limit 0/minute", None),
        ("1,000 per minute", None),
        ("1.5 per second", None),
        ("1 order per 24 hours", None),
        ("100 per minimal quantity", None),
        ("Try again in 15 minutes", None),
        ("x " * 600 + "50/minute", None),
        ("\N{ARABIC-INDIC DIGIT FIVE}/minute", None),
    ],
)
def test_a_pace_in_the_words_of_a_refusal(text: str, pace: Pace | None) -> None:
    assert stated_pace(text) == pace


@given(some.integers(1, 10**6), some.integers(60, 3_600))
def test_evenly_spread_no_span_holds_more_calls(calls: int, seconds: int) -> None:
    assert Pace(calls, seconds).gap_nanoseconds * calls >= seconds * 1_000_000_000
    assert Pace(calls, seconds).gap_nanoseconds * calls < seconds * 1_000_000_000 + calls


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Try again in 15 minutes.", 900),
        ("Please wait 30 seconds", 30),
        ("retry after 10 s", 10),
        ("try again in 2 hours", 3_600),
        ("wait 0 seconds", 0),
        ("Please try again later. Limit 50/minute", None),
        ("wait 500 ms", None),
        ("awaiting 5 seconds", None),
        (TOO_MANY, None),
    ],
)
def test_a_wait_in_the_words_of_a_refusal(text: str, seconds: int | None) -> None:
    assert stated_wait_seconds(text) == seconds


@given(some.text(max_size=3_000))
def test_any_words_are_heard_out(text: str) -> None:
    budget = caller().budget
    budget.refused(None, text)
    assert budget.describe().isprintable()
    assert len(budget.describe()) < 300
    assert 0 <= budget.ready_in_seconds() <= 3_600


@pytest.mark.parametrize(("text", "gap"), [("50/minute", 1_200), ("300 per hour", 12_000)])
async def test_a_stated_limit_is_kept_exactly_and_evenly(text: str, gap: int) -> None:
    calls = caller()
    calls.budget.refused(0, text)
    assert await minute_of(calls) == list(range(0, MINUTE, gap))


async def test_an_unstated_limit_is_four_fifths_of_the_last_minute() -> None:
    calls = caller()
    await calls.many(30)
    await calls.hours.go_on(MINUTE)
    for _ in range(50):
        await calls.call()
        await calls.hours.go_on(1_000)
    calls.budget.refused(0, TOO_MANY)
    assert len(await minute_of(calls)) == 40


async def test_at_least_one_call_a_minute_is_left() -> None:
    calls = caller(adds=0, reads=0)
    for _ in range(5):
        assert await calls.call(wait=MINUTE)
        calls.budget.refused(0, TOO_MANY)
        assert "at most 1 call a minute" in calls.budget.describe()
        await calls.hours.go_on(MINUTE)


async def test_each_further_refusal_takes_three_tenths() -> None:
    calls = caller()
    await calls.many(125)
    for pace in (100, 70, 49, 34):
        calls.budget.refused(1, TOO_MANY)
        await calls.hours.go_on(2_000)
        assert f"at most {pace} calls a minute" in calls.budget.describe()
        assert await calls.call()


async def test_a_stated_limit_that_was_kept_and_refused_is_cut_too() -> None:
    calls = caller()
    for pace in (50, 35, 24):
        calls.budget.refused(1, "Limit 50/minute")
        assert f"at most {pace} calls a minute" in calls.budget.describe()
        await calls.hours.go_on(3_000)
        assert await calls.call()
    calls.budget.refused(1, "Limit 40/minute")
    assert "at most 40 calls a minute" in calls.budget.describe()


async def test_after_ten_quiet_minutes_the_limit_rises_and_after_an_hour_it_is_forgotten() -> None:
    calls = caller()
    await calls.many(125)
    calls.budget.refused(60, TOO_MANY)
    seen: list[str] = []
    for minutes in (1, 10, 1, 1, 7, 40):
        await calls.hours.go_on(minutes * MINUTE)
        seen.append(calls.budget.describe().partition(" calls")[0])
    assert seen == [f"at most {pace}" for pace in (100, 100, 110, 121, 235, 10_671)]
    await calls.hours.go_on(MINUTE)
    assert calls.budget.describe() == ""
    await calls.many(1_000)
    assert len(calls.busy) == 0


async def test_what_was_stated_is_never_exceeded_until_it_is_forgotten() -> None:
    calls = caller()
    calls.budget.refused(0, "Limit 50/minute")
    await calls.hours.go_on(30 * MINUTE)
    assert "at most 50 calls a minute" in calls.budget.describe()
    await calls.call()
    calls.budget.refused(0, "Limit 50/minute")
    await calls.hours.go_on(10 * MINUTE)
    assert "at most 35 calls a minute" in calls.budget.describe()
    await calls.hours.go_on(30 * MINUTE)
    assert "at most 50 calls a minute" in calls.budget.describe()


async def test_half_of_the_calls_at_once_are_left_and_come_back_one_by_one() -> None:
    calls = caller(adds=5, reads=1)
    calls.budget.refused(0, "60000 a minute")
    done = asyncio.Event()
    for adds, minutes in ((2, 10), (2, 1), (3, 1), (4, 1), (5, 40), (5, 1)):
        line = [calls.ask(name, 1_000, lasts=done) for name in ("a", "r") for _ in range(9)]
        await calls.hours.go_on(1_000)
        assert calls.running == {"a": adds, "r": 1}
        await calls.hours.go_on(minutes * MINUTE - 1_000)
    assert calls.budget.describe() != ""
    await calls.hours.go_on(7 * MINUTE)
    line = [calls.ask("a", lasts=done) for _ in range(9)]
    await calls.hours.go_on(0)
    assert calls.running == {"a": 14, "r": 1}
    done.set()
    await asyncio.wait(line)


async def test_a_place_that_ends_is_the_next_ones_at_once() -> None:
    calls = caller(adds=2)
    calls.budget.refused(0, "6000 a minute")
    first = asyncio.Event()
    calls.ask("a1", lasts=first)
    calls.ask("a2", MINUTE)
    await calls.hours.go_on(500)
    assert [name for name, _ in calls.began] == ["a1"]
    first.set()
    await settle()
    assert [name for name, _ in calls.began] == ["a1", "a2"]


async def test_who_waits_is_served_in_turn_and_adds_before_reads() -> None:
    calls = caller()
    calls.budget.refused(1, "60 a minute")
    for name in ("r1", "r2", "a1", "a2", "r3", "a3", "a4", "a5"):
        calls.ask(name, MINUTE)
    await calls.hours.go_on(10_000)
    order = ["a1", "a2", "a3", "r1", "a4", "a5", "r2", "r3"]
    assert calls.began == [(name, 7_000_000 + 1_000 * at) for at, name in enumerate(order, start=1)]


async def test_reads_do_not_starve_behind_adds() -> None:
    calls = caller()
    calls.budget.refused(0, "60 a minute")
    for second in range(60):
        for _ in range(3):
            calls.ask("a", 5_000)
        calls.ask("r", 1_000 * (second % 5))
        await calls.hours.go_on(1_000)
    reads = [at for name, at in calls.began if name == "r"]
    assert len(calls.began) == 61
    assert len(reads) == 60 // READ_EVERY


async def test_nobody_waits_for_a_place_that_comes_too_late() -> None:
    calls = caller()
    calls.budget.refused(0, "60 a minute")
    for name in ("a1", "a2", "a3", "a4"):
        calls.ask(name, 2_000)
    await settle()
    assert calls.busy == [("a4", calls.hours.milliseconds)]
    await calls.hours.go_on(1_500)
    calls.budget.refused(30, TOO_MANY)
    await settle()
    assert [name for name, _ in calls.began] == ["a1", "a2"]
    assert calls.busy[1:] == [("a3", calls.hours.milliseconds)]
    with pytest.raises(Busy, match="at most 42 calls a minute"):
        await take(calls.budget, wait=29_999)


async def test_every_line_has_an_end() -> None:
    calls = caller()
    calls.budget.refused(0, "600 a minute")
    line = [calls.ask("a", MINUTE) for _ in range(WAITING_MAX + 1)]
    await settle()
    assert len(calls.busy) == 0
    with pytest.raises(Busy, match=f"{WAITING_MAX} calls wait"):
        await take(calls.budget, wait=10 * HOUR)
    await calls.hours.go_on(20_000)
    assert len(calls.began) == len(line)
    calls.budget.refused(0, "1 an hour")
    await settle()
    with pytest.raises(Busy, match="at most 1 call an hour"):
        await take(calls.budget, wait=10 * HOUR)


async def test_an_operator_may_set_a_ceiling() -> None:
    calls = caller(calls_per_minute=60)
    assert await minute_of(calls) == list(range(0, MINUTE, 1_000))
    assert calls.budget.describe() == ""
    await calls.hours.go_on(1_000)
    calls.budget.refused(0, "Limit 120/minute")
    assert "at most 60 calls a minute" in calls.budget.describe()
    await calls.hours.go_on(HOUR)
    assert calls.budget.describe() == ""
    assert await minute_of(calls) == list(range(0, MINUTE, 1_000))


async def test_how_long_the_dispatcher_stays_away_and_with_how_many_it_comes() -> None:
    calls = caller()
    assert (calls.budget.ready_in_seconds(), calls.budget.places(0)) == (0, 8)
    calls.budget.refused(30, "12 a minute")
    assert (calls.budget.ready_in_seconds(), calls.budget.places(29_999)) == (30, 0)
    assert [calls.budget.places(ms) for ms in (30_000, 34_999, 35_000, 10 * HOUR)] == [1, 1, 2, 4]
    await calls.hours.go_on(30_000)
    held = [calls.ask("a", MINUTE, lasts=asyncio.Event()) for _ in range(3)]
    await settle()
    assert (calls.budget.ready_in_seconds(), calls.budget.places(MINUTE)) == (15, 1)
    for each in held:
        each.cancel()
    await asyncio.wait(held)
    assert (calls.budget.ready_in_seconds(), calls.budget.places(MINUTE)) == (5, 4)


async def test_what_operators_read() -> None:
    calls = caller()
    await calls.hours.go_on(3 * MINUTE)
    calls.budget.refused(None, "Too many\nrequests. Limit 50/minute. " + "x" * 1_000)
    told = "at most 50 calls a minute and 4 adds at once since 12:03 UTC, learned from: Too many r"
    assert calls.budget.describe().startswith(told)
    assert calls.budget.describe().endswith("xxx (nothing is called before 12:03:05)")
    assert len(calls.budget.describe()) < 250
    await calls.hours.go_on(4_999)
    assert calls.budget.describe().endswith("xxx (nothing is called before 12:03:05)")
    await calls.hours.go_on(1)
    assert calls.budget.describe().endswith("xxx")
    lone = caller(adds=1)
    lone.budget.refused(0, "")
    assert lone.budget.describe() == (
        "at most 1 call a minute since 12:00 UTC, learned from: a refusal without words"
    )


async def test_cancelling_one_who_waits_loses_no_place() -> None:
    calls = caller()
    calls.budget.refused(0, "60 a minute")
    assert await calls.call()
    calls.ask("a1", MINUTE).cancel()
    second = calls.ask("a2", MINUTE)
    calls.ask("a3", MINUTE)
    await calls.hours.go_on(999)
    second.cancel()
    await calls.hours.go_on(1)
    assert calls.began[1:] == [("a3", calls.hours.milliseconds)]


async def test_one_cancelled_with_his_place_in_hand_gives_it_back() -> None:
    calls = caller(adds=2)
    calls.budget.refused(0, "60 a minute")
    first = asyncio.Event()
    calls.ask("a1", lasts=first)
    unlucky = calls.ask("a2", MINUTE)
    calls.ask("a3", MINUTE)
    await calls.hours.go_on(2_000)
    first.set()
    loop = asyncio.get_running_loop()
    loop.call_soon(loop.call_soon, unlucky.cancel)  # after a2 has been served, before it runs
    await calls.hours.go_on(0)
    assert unlucky.cancelled()
    assert [name for name, _ in calls.began] == ["a1", "a3"]
    assert calls.budget.places(1_000) == 1


class Story:
    """Any calls and refusals, with what must hold after each of them.

    It takes less than ten minutes, so nothing rises: no minute may hold more than was learned.
    """

    def __init__(self, calls: Caller, stated: int | None, ceiling: int | None) -> None:
        self.calls = calls
        self.stated = stated
        self.limit = ceiling
        self.learned: int | None = None
        self.limited_from = 0  # the first of the calls that the limit holds for
        self.paused_until = 0
        self.asked: list[tuple[str, int, int]] = []
        self.ends: list[asyncio.Event] = []

    async def act(self, move: tuple[str, int, bool]) -> None:
        verb, number, flag = move
        begun = len(self.calls.began)
        match verb:
            case "ask":
                self.ends.append(asyncio.Event())
                name = f"{'r' if flag else 'a'}{len(self.asked)}"
                self.asked.append((name, self.calls.hours.milliseconds, number))
                self.calls.ask(name, number, lasts=self.ends[-1])
            case "refuse":
                self.refuse(None if flag else number // 1_000)
            case "end" if self.ends:
                self.ends[number % len(self.ends)].set()
            case "cancel" if self.ends:
                self.calls.tasks[number % len(self.ends)].cancel()
            case _:
                await self.calls.hours.go_on(number // 2)
        await settle()
        self.check(self.calls.began[begun:])

    def refuse(self, told: int | None) -> None:
        now = self.calls.hours.milliseconds
        if self.learned is None:
            made = sum(now - at <= MINUTE for _, at in self.calls.began)
            limit = self.stated or max(made * 8 // 10, 1)
            self.limit = min(limit, self.limit or limit)
            self.learned = self.limited_from = len(self.calls.began)
            told = 5 if told is None else told
        self.calls.budget.refused(told, f"{self.stated} a minute" if self.stated else TOO_MANY)
        self.paused_until = max(self.paused_until, now + 1_000 * (told or 0))

    def check(self, begun: list[tuple[str, int]]) -> None:
        assert self.calls.hours.asleep() <= 1
        now = self.calls.hours.milliseconds
        asked = {name: (at, at + wait) for name, at, wait in self.asked}
        for name, at in begun:
            assert asked[name][0] <= at <= asked[name][1]
            assert at >= self.paused_until
        for name, at in self.calls.busy:
            assert at <= asked[name][1]
        served = {name for name, _ in self.calls.began}
        for task, name in zip(self.calls.tasks, asked, strict=True):
            assert task.done() or name in served or asked[name][1] > now
        if self.learned is not None:
            for kind in {name[0] for name, _ in begun}:
                assert self.calls.running[kind] <= {"a": 4, "r": 1}[kind]
        self.check_order()

    def check_order(self) -> None:
        if self.limit is not None:
            since = [at for _, at in self.calls.began[self.limited_from :]]
            for first, last in zip(since, since[self.limit :], strict=False):
                assert last - first >= MINUTE
        for kind in "ar":
            numbers = [int(name[1:]) for name, _ in self.calls.began if name.startswith(kind)]
            assert numbers == sorted(numbers)

    async def end(self) -> None:
        for each in self.ends:
            each.set()
        await self.calls.hours.go_on(20_000)
        self.check([])
        assert all(each.done() for each in self.calls.tasks)
        for each in self.calls.tasks:
            assert each.cancelled() or each.exception() is None
        assert self.calls.hours.asleep() == 0
        assert self.calls.budget.places(10 * HOUR) == (8 if self.learned is None else 4)


MOVES = some.lists(
    some.tuples(
        some.sampled_from(["ask", "ask", "ask", "go on", "go on", "end", "cancel", "refuse"]),
        some.integers(0, 20_000),
        some.booleans(),
    ),
    min_size=5,
    max_size=50,
)


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(MOVES, some.none() | some.integers(1, 300), some.none() | some.integers(1, 300))
async def test_any_calls_and_refusals_keep_within_what_was_learned(
    moves: list[tuple[str, int, bool]], stated: int | None, ceiling: int | None
) -> None:
    story = Story(caller(calls_per_minute=ceiling), stated, ceiling)
    for move in moves:
        await story.act(move)
    await story.end()


def slowed_down(count: int) -> bytes:
    body = b'{"error": "Too many requests. Limit %d/minute."}' % count
    return reply(body, 429, ["Retry-After: 30"])


async def post(wire: Wire, budget: Budget, wait: int) -> Reply | Fault:
    """As the caller of a provider does it."""
    place = budget.slot(add=True, wait_milliseconds_max=wait)
    answer = await wire.post({"action": "add"}, {}, TraceLog(), 10_000, place)
    if answer.status == 429:
        budget.refused(answer.retry_after_seconds, answer.body.decode())
    return answer


async def test_a_real_429_stops_the_calls_until_it_is_over() -> None:
    calls = caller()
    budget = calls.budget
    async with misbehaving(answers(slowed_down(30), reply(b"{}"))) as panel:
        wire = Wire(panel.provider().url, 8, 5_000, Limits(), public_trust())
        assert (await post(wire, budget, 0)).status == 429
        assert "at most 30 calls a minute" in budget.describe()
        busy = await post(wire, budget, 5_000)
        assert isinstance(busy, Fault)
        assert (busy.status, "at most 30 calls a minute" in busy.why) == (None, True)
        await calls.hours.go_on(10_000)
        waiting = [asyncio.create_task(post(wire, budget, 30_000)) for _ in range(3)]
        await calls.hours.go_on(19_999)
        assert len(panel.requests) == 1
        await calls.hours.go_on(1)
        for count, each in enumerate(waiting, start=2):
            assert (await each).status == 200
            assert len(panel.requests) == count
            await calls.hours.go_on(2_000)
        await wire.close()


async def test_a_real_429_is_heeded_by_who_waited_for_that_very_place() -> None:
    calls = caller(adds=2)
    calls.budget.refused(0, "6000 a minute")
    async with misbehaving(answers(slowed_down(30), reply(b"{}"))) as panel:
        wire = Wire(panel.provider().url, 8, 5_000, Limits(), public_trust())
        refused = asyncio.create_task(post(wire, calls.budget, 0))
        await calls.hours.go_on(1_000)
        waiting = asyncio.create_task(post(wire, calls.budget, 40_000))
        assert (await refused).status == 429
        await calls.hours.go_on(29_999)
        assert len(panel.requests) == 1
        await calls.hours.go_on(1)
        assert (await waiting).status == 200
        await wire.close()


async def take(budget: Budget, wait: int) -> None:
    async with budget.slot(add=True, wait_milliseconds_max=wait):
        pass
