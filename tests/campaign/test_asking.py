"""What a customer makes of answers, and how he asks again."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import pytest

from gateway.campaign import asking
from gateway.campaign.asking import Door, Wish, place

Answers = list[bytes]


def answer(status: int, body: bytes) -> bytes:
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


TAKEN = answer(200, b'{"order": 7}')
REFUSED = answer(200, b'{"error": "No"}')
NOBODY_KNOWS = answer(503, b"")
BROKEN = answer(500, b'{"error": "Internal server error"}')
CUT = b"HTTP/1.1 200 X\r\nContent-Length: 50\r\n\r\n{"


@asynccontextmanager
async def door(*answers: bytes) -> AsyncGenerator[Callable[[], Wish]]:
    left = list(answers)

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(left.pop(0))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(say, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        wish = Wish("https://a.example/1", 100)
        await place(Door(f"http://127.0.0.1:{port}", "key"), wish, insist=False)
        assert left == []
        yield lambda: wish


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "AGAIN_SECONDS", 0)


async def test_an_id_ends_it() -> None:
    async with door(TAKEN) as wish:
        assert (wish().order, wish().refused, wish().doubted) == (7, "", 0)


async def test_a_refusal_ends_it_where_nothing_was_left_open() -> None:
    async with door(REFUSED) as wish:
        assert (wish().order, wish().refused) == (None, "No")


@pytest.mark.parametrize("doubt", [NOBODY_KNOWS, CUT, b""])
async def test_after_a_doubt_only_an_id_is_sure(doubt: bytes) -> None:
    async with door(doubt, REFUSED, TAKEN) as wish:
        assert (wish().order, wish().refused, wish().doubted) == (7, "", 1)
        assert wish().odd == []


async def test_an_answer_that_promises_nothing_is_told() -> None:
    async with door(BROKEN, TAKEN) as wish:
        (odd,) = wish().odd
        assert "was answered 500" in odd
