"""Calls that never leave the process: a scripted panel in the place of the transport.

What is played passes the same trace as over a socket, so that the classification, the reading and
the redaction of every call are the real ones (money.md 8).
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

import httpx


class Break(StrEnum):
    """How a call ends without a whole answer, in the order in which it can happen."""

    REFUSED = "All connection attempts failed"
    NO_HOST = "[Errno -2] Name or service not known"
    TLS = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"
    TIMED_OUT = ""
    RESET = "Connection reset by peer"
    CUT = "peer closed connection without sending complete message body"


BEFORE_SENDING = frozenset({Break.REFUSED, Break.NO_HOST, Break.TLS})


@dataclass(frozen=True, slots=True)
class Played:
    """What comes back for a call: an answer, or as much of it as a break lets through."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    broken: Break | None = None


Play = Callable[[bytes], Awaitable[Played]]
"""Takes the body of a request when all of it has left.

Before a break that lets nothing leave it is asked, too, as only it knows of that break.
"""


class PlayedTransport(httpx.AsyncBaseTransport):
    """Asks `play` in the place of a server. Nothing in it takes time."""

    def __init__(self, play: Play) -> None:
        self._play = play

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, or the exception that the real transport raises in its place."""
        played = await self._play(await request.aread())
        if played.broken and played.broken in BEFORE_SENDING:
            raise httpx.ConnectError(played.broken, request=request)
        hear = request.extensions["trace"]
        await hear("http11.send_request_headers.started", {})
        await hear("http11.send_request_body.complete", {})
        if played.broken is Break.TIMED_OUT:
            raise httpx.ReadTimeout(played.broken, request=request)
        if played.broken is Break.RESET:
            raise httpx.ReadError(played.broken, request=request)
        await hear("http11.receive_response_headers.complete", {})
        return httpx.Response(
            played.status,
            headers={"content-type": played.content_type},
            stream=_Stream(played, request),
        )


class _Stream(httpx.AsyncByteStream):
    """The body in one piece; the half of it where it is cut."""

    def __init__(self, played: Played, request: httpx.Request) -> None:
        self._played = played
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        played = self._played
        if played.broken is not Break.CUT:
            yield played.body
            return
        yield played.body[: len(played.body) // 2]
        raise httpx.RemoteProtocolError(played.broken, request=self._request)
