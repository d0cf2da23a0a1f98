"""Bodies are counted while they are read, and neither slow nor large ones stay for long."""

import asyncio
from collections.abc import Iterable

import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from gateway.domain.refusals import Code, Refusal
from gateway.panel.bodies import SMALL_BYTES, Bodies, Unread
from gateway.panel.limits import Limits

LIMITS = Limits(body_bytes_max=100_000, drained_bytes_max=300_000, reading_bytes_max=150_000)


class Wire:
    """What a server hands over, chunk by chunk; with no end it stays silent after the last one."""

    def __init__(self, chunks: Iterable[bytes], *, ends: bool = True) -> None:
        self.waiting = list(chunks)
        self.ends = ends
        self.drained = asyncio.Event()

    async def receive(self) -> Message:
        if not self.waiting:
            self.drained.set()
            await asyncio.Event().wait()
        chunk = self.waiting.pop(0)
        more = bool(self.waiting) or not self.ends
        return {"type": "http.request", "body": chunk, "more_body": more}


async def hung_up() -> Message:
    return {"type": "http.disconnect"}


async def refusal_of(receive: Receive, declared: bytes = b"", limits: Limits = LIMITS) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await Bodies(limits).read(receive, declared)
    return caught.value


@pytest.mark.parametrize("chunks", [[b""], [b"abc"], [b"a", b"", b"bc"], [b"x" * 100_000]])
async def test_the_chunks_make_the_body(chunks: list[bytes]) -> None:
    assert await Bodies(LIMITS).read(Wire(chunks).receive, b"") == b"".join(chunks)


@pytest.mark.parametrize("chunks", [[b"x" * 100_001], [b"x" * 50_000] * 3, [b"x"] * 100_001])
async def test_one_byte_too_many_is_refused_after_reading_on(chunks: list[bytes]) -> None:
    wire = Wire(chunks)

    refusal = await refusal_of(wire.receive)

    assert refusal == Refusal(Code.TOO_LARGE)
    assert not isinstance(refusal, Unread)
    assert not wire.waiting


async def test_an_endless_body_is_dropped_with_its_connection() -> None:
    wire = Wire([b"x" * 60_000] * 1_000)

    refusal = await refusal_of(wire.receive)

    assert refusal == Refusal(Code.TOO_LARGE)
    assert isinstance(refusal, Unread)
    assert len(wire.waiting) >= 990


@pytest.mark.parametrize("declared", [b"300001", b"9" * 5_000])
async def test_a_body_declared_too_large_is_not_read_at_all(declared: bytes) -> None:
    wire = Wire([b"x"])

    assert isinstance(await refusal_of(wire.receive, declared), Unread)
    assert wire.waiting


@pytest.mark.parametrize("declared", [b"", b"-1", b"abc", b"3"])
async def test_a_wrong_declaration_is_no_matter(declared: bytes) -> None:
    assert await Bodies(LIMITS).read(Wire([b"abc"]).receive, declared) == b"abc"


@pytest.mark.parametrize("chunks", [[], [b"a"], [b"x" * 100_001]])
async def test_a_slow_body_is_given_up(chunks: list[bytes]) -> None:
    limits = Limits(body_bytes_max=100_000, body_milliseconds_max=20)

    refusal = await refusal_of(Wire(chunks, ends=False).receive, limits=limits)

    assert isinstance(refusal, Unread)
    assert refusal.code is Code.BAD_PARAMS


async def test_a_caller_who_hangs_up_gets_no_answer() -> None:
    with pytest.raises(ClientDisconnect):
        await Bodies(LIMITS).read(hung_up, b"")


async def test_slow_and_large_bodies_share_a_bound_and_leave_room_for_small_ones() -> None:
    bodies = Bodies(LIMITS)
    slow = Wire([b"x" * 90_000], ends=False)
    reading = asyncio.create_task(bodies.read(slow.receive, b""))
    await slow.drained.wait()

    with pytest.raises(Unread) as caught:
        await bodies.read(Wire([b"x" * 45_000, b"x" * 45_000, b"x"]).receive, b"")
    small = await bodies.read(Wire([b"x" * (SMALL_BYTES - 1), b"x"]).receive, b"")

    assert caught.value == Refusal(Code.RATE_LIMIT)
    assert len(small) == SMALL_BYTES
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert len(await bodies.read(Wire([b"x" * 90_000, b"x"]).receive, b"")) == 90_001
