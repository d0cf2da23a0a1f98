from datetime import timedelta

from gateway.dialects.standard import STANDARD
from gateway.domain.observations import Refused
from gateway.domain.refusals import Code
from gateway.sandbox.panel import Panel, Terms
from gateway.sandbox.rates import Calls
from tests.sandbox.calling import Call, Clock


def test_each_minute_has_its_calls() -> None:
    clock, calls = Clock(), Calls()
    assert [calls.wait_seconds(2, clock()) for _ in range(4)] == [0, 0, 60, 60]
    clock.pass_by(59_001)
    assert calls.wait_seconds(2, clock()) == 1
    clock.pass_by(999)
    assert [calls.wait_seconds(2, clock()) for _ in range(3)] == [0, 0, 60]


def test_a_clock_that_goes_backwards_locks_nobody_out() -> None:
    clock, calls = Clock(), Calls()
    assert [calls.wait_seconds(1, clock()) for _ in range(2)] == [0, 60]
    assert calls.wait_seconds(1, clock() - timedelta(hours=1)) == 0


async def test_who_calls_too_often_is_told_how_long_to_wait(call: Call, clock: Clock) -> None:
    caller = await call(Panel(terms=Terms(calls_per_minute=2), clock=clock))
    seen = [await caller.post(action="balance") for _ in range(3)]
    assert [each.status_code for each in seen] == [200, 200, 429]
    assert seen[2].headers["retry-after"] == "60"
    assert seen[2].json() == {"error": "Too many requests"}
    read = STANDARD.read_add(429, seen[2].content)
    assert isinstance(read, Refused)
    assert read.code is Code.RATE_LIMIT
    assert (await caller.truth())["requests"] == {"balance": 2, "limited": 1}
    assert (await caller.control('{"terms": {"calls_per_minute": null}}')).status_code == 200
    assert "balance" in await caller.ask(action="balance")
