"""One connection: HTTP/1.1 read with bounds, and answers written whole or broken on purpose."""

import asyncio
import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

import h11

from gateway.sandbox.answers import Answer, Delivery
from gateway.sandbox.faults import Waits

READ_BYTES = 65_536
_AT_ONCE = struct.pack("ii", 1, 0)
_NOT_HTTP = b"\x15\x03\x01\x00\x02\x02\x46 garbage, not a status line\r\n\r\n"
_HALF_HEADERS = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Le"


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of what a caller may send, hold open and wait for."""

    body_bytes_max: int = 1024 * 1024
    discarded_bytes_max: int = 16 * 1024 * 1024
    head_bytes_max: int = 16 * 1024
    connections_max: int = 1_000
    idle_seconds: int = 75
    request_seconds: int = 30
    connection_seconds: int = 3_600


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it arrived. The body is None when it was longer than allowed."""

    method: str
    path: str
    content_type: str
    body: bytes | None


class Connection:
    """Reads requests and writes answers, one after the other."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limits: Limits
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._limits = limits
        self._http = h11.Connection(h11.SERVER, limits.head_bytes_max)
        self._bodiless = False

    async def request(self) -> Request | None:
        """The next request, None when there is no other.

        Raises h11.RemoteProtocolError for what is not HTTP or has no bound, TimeoutError when it
        stalls.
        """
        head: h11.Request | None = None
        body = bytearray()
        seen = 0
        async with asyncio.timeout(self._limits.idle_seconds) as patience:
            while True:
                event = await self._event()
                if isinstance(event, h11.Request):
                    head = event
                    self._bodiless = event.method == b"HEAD"
                    now = asyncio.get_running_loop().time()
                    patience.reschedule(now + self._limits.request_seconds)
                elif isinstance(event, h11.Data):
                    seen = self._counted(seen + len(event.data))
                    if seen <= self._limits.body_bytes_max:
                        body += event.data
                elif isinstance(event, h11.EndOfMessage) and head is not None:
                    whole = seen <= self._limits.body_bytes_max
                    return _request(head, bytes(body) if whole else None)
                else:
                    return None

    async def answer(self, answer: Answer, waits: Waits) -> bool:
        """Deliver an answer in its way; True when all of it left while the caller was there."""
        if answer.delivery is Delivery.WHOLE:
            await self._write(self._whole(answer))
            return not self._reader.at_eof()
        if answer.delivery is Delivery.DRIP:
            await self._drip(answer, waits)
            return not self._reader.at_eof()
        if answer.delivery is Delivery.RESET:
            self.reset()
        elif answer.delivery is Delivery.HANG:
            await self._hang(waits)
        else:
            await self._write(_BROKEN[answer.delivery](answer))
        return False

    def next(self) -> bool:
        """Whether another request may follow an answer that was delivered whole."""
        if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
            return False
        self._http.start_next_cycle()
        return True

    def can_answer(self) -> bool:
        """Whether the caller still waits for an answer that HTTP allows."""
        return self._http.our_state in {h11.IDLE, h11.SEND_RESPONSE}

    def reset(self) -> None:
        """End at once with RST in place of FIN."""
        wire: socket.socket = self._writer.get_extra_info("socket")
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self._writer.transport.abort()

    async def close(self) -> None:
        """End in order, as far as the other side lets it."""
        self._writer.close()
        try:
            async with asyncio.timeout(self._limits.request_seconds):
                await self._writer.wait_closed()
        except (ConnectionError, TimeoutError):
            self._writer.transport.abort()

    async def _event(self) -> h11.Event | type[h11.PAUSED | h11.NEED_DATA]:
        while True:
            event = self._http.next_event()
            if event is not h11.NEED_DATA:
                return event
            if self._http.they_are_waiting_for_100_continue:
                go_on = h11.InformationalResponse(status_code=100, headers=[])
                await self._write(self._http.send(go_on) or b"")
            self._http.receive_data(await self._reader.read(READ_BYTES))

    def _counted(self, seen: int) -> int:
        if seen > self._limits.discarded_bytes_max:
            raise h11.RemoteProtocolError("a body without end", error_status_hint=413)
        return seen

    def _whole(self, answer: Answer) -> bytes:
        headers = [*_headers(answer), ("Content-Length", str(len(answer.body)))]
        if answer.closes:
            headers.append(("Connection", "close"))
        reason = HTTPStatus(answer.status).phrase
        response = h11.Response(status_code=answer.status, headers=headers, reason=reason)
        body = b"" if self._bodiless else answer.body
        pieces = (response, h11.Data(data=body), h11.EndOfMessage())
        return b"".join(self._http.send(piece) or b"" for piece in pieces)

    async def _drip(self, answer: Answer, waits: Waits) -> None:
        whole = self._whole(answer)
        start = len(whole) - len(answer.body)
        await self._write(whole[:start])
        for at in range(start, len(whole)):
            await asyncio.sleep(waits.drip_milliseconds / 1000)
            await self._write(whole[at : at + 1])

    async def _hang(self, waits: Waits) -> None:
        """Say nothing until the caller gives up, or the time is over."""
        try:
            async with asyncio.timeout(waits.hang_milliseconds / 1000):
                while await self._reader.read(READ_BYTES):
                    pass
        except (TimeoutError, ConnectionError):
            return

    async def _write(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()


def _request(head: h11.Request, body: bytes | None) -> Request:
    kinds = [kind for name, kind in head.headers if name == b"content-type"]
    return Request(
        method=head.method.decode("ascii"),
        path=head.target.decode("ascii").partition("?")[0],
        content_type=kinds[-1].decode("latin-1").lower() if kinds else "",
        body=body,
    )


def _headers(answer: Answer) -> list[tuple[str, str]]:
    return [("Content-Type", answer.content_type), ("Cache-Control", "no-store"), *answer.headers]


def _head(answer: Answer, *more: tuple[str, str]) -> bytes:
    lines = [f"{name}: {text}\r\n" for name, text in (*_headers(answer), *more)]
    return f"HTTP/1.1 200 OK\r\n{''.join(lines)}\r\n".encode("latin-1")


def _cut(answer: Answer) -> bytes:
    length = ("Content-Length", str(len(answer.body)))
    return _head(answer, length) + answer.body[: len(answer.body) // 2]


def _cut_eof(answer: Answer) -> bytes:
    """No length is given, so the end of the connection makes half an id look whole."""
    order = str(answer.order).encode()
    end = answer.body.find(order) + len(order) // 2
    return _head(answer, ("Connection", "close")) + answer.body[:end]


_BROKEN: Mapping[Delivery, Callable[[Answer], bytes]] = {
    Delivery.CLOSE: lambda answer: b"",
    Delivery.GARBAGE: lambda answer: _NOT_HTTP,
    Delivery.HALF_HEADERS: lambda answer: _HALF_HEADERS,
    Delivery.CUT: _cut,
    Delivery.CUT_EOF: _cut_eof,
}
