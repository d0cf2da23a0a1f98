"""Calls that never left, calls that were cut off, and the bounds between them."""

import asyncio
import socket
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.observations import Balance, Unclear
from gateway.domain.outcomes import Outcome
from gateway.upstream.client import ProviderClient
from gateway.upstream.limits import Busy, headed_wait_seconds
from gateway.upstream.outcomes import interrupted
from gateway.upstream.trace import NOTHING_LEFT, Trace, TraceLog
from gateway.upstream.wire import Fault, Reply, Wire, public_trust
from tests.upstream.calling import DEADLINE, PATIENT, PLACEMENT, add, caller_of, not_sent
from tests.upstream.misbehaving import (
    Behaviour,
    Panel,
    Visit,
    answers,
    close_at_once,
    hang,
    misbehaving,
    never_read,
    own_trust,
    reply,
    reset_at_once,
    server_trust,
)

ACCEPTED = reply(b'{"order": 23501}')
BALANCE = reply(b'{"balance": "1", "currency": "USD"}')
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NOON_SECONDS = 1_772_366_400
IMPATIENT = replace(PATIENT, slot_milliseconds=50)


def wire_to(panel: Panel) -> Wire:
    return Wire(panel.provider().url, 1, 3_000, PATIENT, public_trust(), lambda: NOON)


async def test_a_refused_port_is_not_sent() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))  # bound and not listening: refuses for as long as it is open
        attempted = await add(Panel(deaf.getsockname()[1]).provider())
    assert not_sent(attempted, "ConnectError")


async def test_a_name_that_does_not_resolve_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    provider = replace(Panel(80).provider(), url="http://no-such.invalid/api/v2")
    assert not_sent(await add(provider), "Name or service not known")


async def test_a_dropped_syn_is_not_sent() -> None:
    hasty = replace(PATIENT, connect_milliseconds=150)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        callers = [socket.socket() for _ in range(4)]  # they fill the queue that nobody empties
        for each in callers:
            each.settimeout(0)
            each.connect_ex(full.getsockname())
        attempted = await add(Panel(full.getsockname()[1]).provider(), limits=hasty)
        for each in callers:
            each.close()
    assert not_sent(attempted, "ConnectTimeout")


@pytest.mark.parametrize(
    "url", ["http://", "ftp://127.0.0.1/", "no url", "http://[::1", "http://127.0.0.1:port/", ""]
)
async def test_a_bad_url_is_not_sent(url: str) -> None:
    assert not_sent(await add(replace(Panel(1).provider(), url=url)), "")


async def test_what_no_form_can_spell_is_not_sent() -> None:
    async with misbehaving(answers(ACCEPTED)) as panel:
        caller = caller_of(panel)
        assert not_sent(await caller.add("\ud800", PLACEMENT), "UnicodeEncodeError")
        await caller.close()
        assert panel.requests == []


@pytest.mark.parametrize("behaviour", [reset_at_once, close_at_once])
async def test_a_broken_handshake_is_not_sent(behaviour: Behaviour) -> None:
    async with misbehaving(behaviour, scheme="https") as panel:
        assert not_sent(await add(panel.provider(), trust=own_trust()), "ConnectError")
        assert panel.connections == 1


async def test_a_hanging_handshake_is_not_sent() -> None:
    async with misbehaving(never_read, scheme="https") as panel:
        hasty = replace(PATIENT, connect_milliseconds=150)
        attempted = await add(panel.provider(), limits=hasty, trust=own_trust())
        assert not_sent(attempted, "ConnectTimeout")
        attempted = await add(panel.provider(), limits=DEADLINE, trust=own_trust())
        assert not_sent(attempted, "deadline")


async def test_a_certificate_that_nobody_signed_is_not_sent() -> None:
    async with misbehaving(answers(reply(b'{"order": 5}')), tls=server_trust()) as panel:
        assert not_sent(await add(panel.provider()), "CERTIFICATE_VERIFY_FAILED")
        assert (await add(panel.provider(), trust=own_trust())).order == "5"
        assert len(panel.requests) == 1


async def test_a_demand_for_our_certificate_is_uncertain() -> None:
    tls = server_trust()
    tls.verify_mode = ssl.CERT_REQUIRED
    async with misbehaving(answers(reply(b'{"order": 5}')), tls=tls) as panel:
        attempted = await add(panel.provider(), trust=own_trust())
        assert attempted.outcome is Outcome.UNCERTAIN  # TLS 1.3 tells only after we have sent
        assert attempted.trace.sent
        assert panel.requests == []


async def test_no_free_slot_is_not_sent() -> None:
    async with misbehaving(hang) as panel:
        caller = caller_of(panel, IMPATIENT, in_flight_max=1)
        first = asyncio.create_task(caller.add("101", PLACEMENT))
        await panel.arrived.wait()
        assert not_sent(await caller.add("101", PLACEMENT), "all 1 slots")
        first.cancel()
        await asyncio.wait([first])
        assert len(panel.requests) == 1
        await caller.close()


async def cancelled(panel: Panel, caller: ProviderClient, *, after: asyncio.Event) -> TraceLog:
    log = TraceLog()
    task = asyncio.create_task(caller.add("101", PLACEMENT, log=log))
    await after.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await caller.close()
    assert panel.connections == 1
    return log


async def test_cancelled_before_sending_is_not_sent_and_hangs_up() -> None:
    connected, hung_up = asyncio.Event(), asyncio.Event()

    async def silent(visit: Visit) -> None:
        await visit.reader.read(1)
        connected.set()
        await visit.reader.read()
        hung_up.set()

    async with misbehaving(silent, scheme="https") as panel:
        caller = caller_of(panel, trust=own_trust())
        log = await cancelled(panel, caller, after=connected)
        assert not_sent(interrupted(log), "interrupted")
        await asyncio.wait_for(hung_up.wait(), 2)


async def test_cancelled_after_sending_is_uncertain() -> None:
    async with misbehaving(hang) as panel:
        attempted = interrupted(await cancelled(panel, caller_of(panel), after=panel.arrived))
        assert attempted.outcome is Outcome.UNCERTAIN
        assert attempted.trace == Trace(sent=True, body=True, resp=False)
        assert "interrupted" in attempted.reason


async def test_adds_that_hang_do_not_hold_up_reads_nor_the_other_way_round() -> None:
    async def hang_on_some(visit: Visit) -> None:
        request = await visit.read()
        if b"action=services" in request or b"service=101" in request:
            await asyncio.sleep(60)
        await visit.write(BALANCE if b"action=balance" in request else ACCEPTED)

    async with misbehaving(hang_on_some) as panel:
        caller = caller_of(panel, IMPATIENT, in_flight_max=1)
        stuck = asyncio.create_task(caller.add("101", PLACEMENT))
        await panel.arrived.wait()
        assert await caller.balance() == Balance(Decimal(1), "USD")
        stuck.cancel()
        await asyncio.wait([stuck])
        reads = [asyncio.create_task(caller.services()) for _ in range(3)]
        done, stuck_reads = await asyncio.wait(reads, return_when=asyncio.FIRST_COMPLETED)
        assert [each.result() for each in done] == [
            Unclear("all 2 slots of this provider are taken")
        ]
        assert (await caller.add("102", PLACEMENT)).order == "23501"
        for each in stuck_reads:
            each.cancel()
        await asyncio.wait(stuck_reads)
        await caller.close()


async def test_cancellations_lose_no_slot() -> None:
    async def slow(visit: Visit) -> None:
        await visit.read()
        await asyncio.sleep(0.02)
        await visit.write(ACCEPTED)

    async with misbehaving(slow) as panel:
        caller = caller_of(panel, in_flight_max=2)
        for milliseconds in range(0, 60, 4):
            tasks = [asyncio.create_task(caller.add("101", PLACEMENT)) for _ in range(4)]
            await asyncio.sleep(milliseconds / 1000)
            for each in tasks:
                each.cancel()
            await asyncio.wait(tasks)
        both = await asyncio.gather(*(caller.add("101", PLACEMENT) for _ in range(2)))
        assert [each.outcome for each in both] == [Outcome.ACCEPTED] * 2
        await caller.close()


async def test_closing_waits_for_calls_under_way_and_ends_later_ones() -> None:
    released = asyncio.Event()

    async def answer_when_released(visit: Visit) -> None:
        await visit.read()
        await released.wait()
        await visit.write(ACCEPTED)

    async with misbehaving(answer_when_released) as panel:
        caller = caller_of(panel, IMPATIENT)
        running = asyncio.create_task(caller.add("101", PLACEMENT))
        await panel.arrived.wait()
        closing = asyncio.create_task(caller.close())
        await asyncio.sleep(0.02)
        assert not closing.done()
        assert (await caller.add("101", PLACEMENT)).outcome is Outcome.NOT_SENT
        released.set()
        assert (await running).order == "23501"
        await closing
        assert not_sent(await caller.add("101", PLACEMENT), "closed")
        assert isinstance(await caller.balance(), Unclear)
        assert len(panel.requests) == 1


async def test_closing_does_not_wait_for_ever() -> None:
    async with misbehaving(hang) as panel:
        caller = caller_of(panel, DEADLINE)
        running = asyncio.create_task(caller.add("101", PLACEMENT))
        await panel.arrived.wait()
        await caller.close()
        assert (await running).outcome is Outcome.UNCERTAIN


async def test_the_deadline_is_the_providers_own() -> None:
    async with misbehaving(hang) as panel:
        attempted = await add(replace(panel.provider(), timeout_seconds=1), limits=PATIENT)
        assert "deadline" in attempted.reason
        assert 900 <= attempted.took_milliseconds < 2_500


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        (["Retry-After: 7"], 7),
        (["retry-after:  0 "], 0),
        (["Retry-After: 86400"], 3_600),
        (["Retry-After: Sun, 01 Mar 2026 12:00:40 GMT"], 40),
        (["Retry-After: Sun, 01 Mar 2026 11:00:00 GMT"], 0),
        (["Retry-After: Tue, 03 Mar 2026 12:00:00 GMT"], 3_600),
        (["X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 20"], 20),
        (["X-RateLimit-Remaining: 0", f"X-RateLimit-Reset: {NOON_SECONDS + 9}"], 9),
        (["X-RateLimit-Remaining: 0", f"X-RateLimit-Reset: {NOON_SECONDS - 9}"], 0),
        (["X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 20", "Retry-After: 3"], 3),
        (["X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 20", "Retry-After: soon"], 20),
        (["X-RateLimit-Remaining: 0", "X-RateLimit-Reset: tomorrow"], None),
        (["X-RateLimit-Remaining: 0"], None),
        (["X-RateLimit-Remaining: 5", "X-RateLimit-Reset: 20"], None),
        (["X-RateLimit-Reset: 20"], None),
        (["Retry-After: -1"], None),
        (["Retry-After: 1.5"], None),
        (["Retry-After: 5", "Retry-After: 6"], None),
        (["Retry-After: " + "9" * 5_000], None),
        (["Retry-After: Sunday, 01-Mar-26 12:00:40 GMT"], None),
        (["Retry-After: Sun, 31 Feb 2026 12:00:40 GMT"], None),
        (["Retry-After: Sun, 01 Mar 2026 12:00:40 +0300"], None),
        (["Retry-After:"], None),
        ([], None),
    ],
)
async def test_how_long_an_answer_says_to_wait(headers: list[str], seconds: int | None) -> None:
    async with misbehaving(
        answers(reply(b"x", 429, headers), reply(b"x" * 9, 429, headers))
    ) as panel:
        wire = wire_to(panel)
        whole = await wire.post({}, {}, TraceLog(), 8)
        fault = await wire.post({}, {}, TraceLog(), 8)
        await wire.close()
    assert whole == Reply(429, b"x", seconds)
    assert fault == Fault("reply over 8 bytes", 429, b"x" * 9, seconds)


def test_a_moment_to_come_again_is_never_too_early() -> None:
    headers = {"retry-after": "Sun, 01 Mar 2026 12:00:40 GMT"}
    assert headed_wait_seconds(headers, NOON + timedelta(microseconds=1)) == 40
    assert headed_wait_seconds(headers, NOON + timedelta(seconds=1)) == 39


@given(st.text(max_size=60), st.text(max_size=30), st.sampled_from(["0", "1", "zero"]))
def test_any_headers_are_read(retry_after: str, reset: str, remaining: str) -> None:
    headers = {
        "retry-after": retry_after,
        "x-ratelimit-reset": reset,
        "x-ratelimit-remaining": remaining,
    }
    seconds = headed_wait_seconds(headers, NOON)
    assert seconds is None or 0 <= seconds <= 3_600


async def test_a_place_is_taken_after_the_slot_and_held_while_the_call_runs() -> None:
    seen: list[str] = []

    @asynccontextmanager
    async def place(name: str) -> AsyncGenerator[None]:
        seen.append(f"{name} enters")
        yield
        seen.append(f"{name} leaves")

    async def slow(visit: Visit) -> None:
        await visit.read()
        seen.append("it arrives")
        await asyncio.sleep(0.02)
        await visit.write(ACCEPTED)

    async with misbehaving(slow) as panel:
        wire = wire_to(panel)
        both = [
            wire.post({}, {"Connection": "close"}, TraceLog(), 100, place(name)) for name in "ab"
        ]
        await asyncio.gather(*both)
        await wire.close()
    once = ["{} enters", "it arrives", "{} leaves"]
    assert seen == [each.format(name) for name in "ab" for each in once]


async def test_without_a_place_nothing_is_sent_and_the_slot_is_free_again() -> None:
    @asynccontextmanager
    async def none() -> AsyncGenerator[None]:
        raise Busy("not before noon")
        yield

    async with misbehaving(answers(ACCEPTED)) as panel:
        wire, log = wire_to(panel), TraceLog()
        assert await wire.post({}, {}, log, 100, none()) == Fault("not before noon", ours=True)
        assert (log.trace, panel.connections) == (NOTHING_LEFT, 0)
        assert isinstance(await wire.post({}, {}, log, 100), Reply)
        await wire.close()
