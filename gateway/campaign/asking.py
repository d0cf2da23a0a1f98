"""Customers over HTTP: each order asked for until it has an answer, and all that was answered."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from time import monotonic_ns
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

CALL_SECONDS = 30
ANSWER_BYTES_MAX = 16 << 20
AGAIN_SECONDS = 0.5
TRIES_MAX = 240
BUSY = "Too many requests"
UNANSWERED = 0


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer; the status is 0 when none came. `microseconds` from the first byte asked."""

    status: int
    body: bytes
    microseconds: int

    @property
    def told(self) -> dict[str, Any]:
        """The object that it is; empty when it is none."""
        try:
            read: object = json.loads(self.body)
        except ValueError:
            return {}
        return cast("dict[str, Any]", read) if isinstance(read, dict) else {}


@dataclass(frozen=True, slots=True)
class Door:
    """The panel API at an address, for the customer of a key."""

    url: str
    key: str

    async def ask(self, fields: Mapping[str, str]) -> Heard:
        """One call on a connection of its own; whatever breaks reads as unanswered."""
        began = monotonic_ns()
        try:
            async with asyncio.timeout(CALL_SECONDS):
                status, body = await self._call({"key": self.key, **fields})
        except (OSError, TimeoutError, ValueError, IndexError, EOFError):
            status, body = UNANSWERED, b""
        return Heard(status, body, (monotonic_ns() - began) // 1_000)

    async def _call(self, fields: Mapping[str, str]) -> tuple[int, bytes]:
        parts = urlsplit(self.url)
        body = urlencode(fields).encode()
        head = (
            f"POST /api/v2 HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        reader, writer = await asyncio.open_connection(
            parts.hostname, parts.port, limit=ANSWER_BYTES_MAX
        )
        try:
            writer.write(head.encode() + body)
            answered = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            _, _, length = answered.partition("content-length:")
            whole = await reader.readexactly(int(length.partition("\r\n")[0]))
            return int(answered.split()[1]), whole
        finally:
            writer.close()


@dataclass(slots=True)
class Wish:
    """One order that a customer wants, under a link of its own, and what he was told.

    `order`: its id here. `refused`: the words, where nothing had been left open before; `said`: the
    words of the last refusal in any case.
    """

    link: str
    quantity: int
    service: str = "1"
    order: int | None = None
    refused: str = ""
    said: str = ""
    doubted: int = 0
    microseconds: int = 0
    odd: list[str] = field(default_factory=list[str])

    @property
    def fields(self) -> dict[str, str]:
        """The call; its request id is the link, so that it may be repeated."""
        return {
            "action": "add",
            "service": self.service,
            "link": self.link,
            "quantity": str(self.quantity),
            "request_id": self.link[-64:],
        }


def wishes(count: int, chance: Random, first: int = 1) -> list[Wish]:
    """Orders with links of their own and quantities that mostly differ."""
    return [
        Wish(f"https://a.example/{number}", chance.randrange(100, 5_000))
        for number in range(first, first + count)
    ]


async def place(door: Door, wish: Wish, *, insist: bool = True) -> None:
    """Ask until the answer is sure: an id, or a refusal of what was never left open before.

    `insist`: a refusal is asked again, too, as it was for reasons that pass.
    """
    for _ in range(TRIES_MAX):
        heard = await door.ask(wish.fields)
        told = heard.told
        if heard.status == 200 and "order" in told:
            wish.order, wish.microseconds, wish.refused = int(told["order"]), heard.microseconds, ""
            return
        if heard.status == 200 and "error" in told:
            wish.said = str(told["error"])
            wish.refused = "" if wish.doubted else wish.said
            if not wish.doubted and not insist and not wish.refused.startswith(BUSY):
                await asyncio.sleep(AGAIN_SECONDS)
                return
        elif heard.status in (503, UNANSWERED) and not heard.body:
            wish.doubted += 1
        else:
            wish.odd.append(f"{wish.link} was answered {heard.status} {heard.body[:100]!r}")
            wish.doubted += 1
        await asyncio.sleep(AGAIN_SECONDS)
