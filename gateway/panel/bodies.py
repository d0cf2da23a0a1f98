"""A request's body, read within bounds of size, time and memory (protocol.md 1.1, money.md 9)."""

import asyncio
from dataclasses import dataclass

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from gateway.domain.refusals import Code, Refusal
from gateway.panel.limits import Limits

SMALL_BYTES = 16 << 10


class Unread(Refusal):
    """Refused before the body's end was read, so the connection can carry no further request."""


@dataclass(slots=True)
class Bodies:
    """Reads bodies. Those above `SMALL_BYTES` share `reading_bytes_max`, so that many slow and
    large ones together neither fill the memory nor keep small ones out.
    """

    limits: Limits
    _held_bytes: int = 0

    async def read(self, receive: Receive, declared: bytes) -> bytes:
        """The whole body. `declared` is the content-length header, or empty.

        Raises Refusal TOO_LARGE (after reading on for a while, so that an ordinary caller hears
        it), Unread, or ClientDisconnect when the caller hangs up.
        """
        if declared.isdigit() and int(declared[:20]) > self.limits.drained_bytes_max:
            raise Unread(Code.TOO_LARGE)
        try:
            async with asyncio.timeout(self.limits.body_milliseconds_max / 1000):
                return await self._read(receive)
        except TimeoutError:
            raise Unread(Code.BAD_PARAMS, "body: it arrived too slowly") from None

    async def _read(self, receive: Receive) -> bytes:
        chunk, more = await _next(receive)
        if not more and len(chunk) <= self.limits.body_bytes_max:
            return chunk
        body = bytearray(chunk)
        held = 0
        try:
            while more and len(body) <= self.limits.body_bytes_max:
                if len(body) > SMALL_BYTES:
                    self._held_bytes += len(body) - held
                    held = len(body)
                if self._held_bytes > self.limits.reading_bytes_max:
                    raise Unread(Code.RATE_LIMIT)
                chunk, more = await _next(receive)
                body += chunk
        finally:
            self._held_bytes -= held
        if len(body) > self.limits.body_bytes_max:
            await self._drain(receive, len(body), more=more)
        return bytes(body)

    async def _drain(self, receive: Receive, size: int, *, more: bool) -> None:
        while more:
            if size > self.limits.drained_bytes_max:
                raise Unread(Code.TOO_LARGE)
            chunk, more = await _next(receive)
            size += len(chunk)
        raise Refusal(Code.TOO_LARGE)


async def _next(receive: Receive) -> tuple[bytes, bool]:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    return message.get("body", b""), message.get("more_body", False)
