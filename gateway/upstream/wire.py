"""HTTP to one provider, traced and bounded: the only module that knows the transport (money.md 3).

A faster transport is swapped in here. It must pass tests/upstream as they stand: when it cannot
tell whether bytes have left, it must say that they have.
"""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Protocol, runtime_checkable
from urllib.parse import urlencode

import httpx

from gateway import clock
from gateway.failpoints import Side, passing
from gateway.upstream.inflow import Inflow, Unreadable
from gateway.upstream.limits import Busy, Limits, headed_wait_seconds
from gateway.upstream.trace import TraceLog


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer, whatever it says.

    `retry_after_seconds`: how long its headers say to wait, 0 to 3,600; None when they do not.
    """

    status: int
    body: bytes
    retry_after_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """No whole answer: why, in the transport's words, and what came of it.

    The first three may hold what the provider sent, so a key that it echoes too. The fourth is as
    in Reply, when a head of a reply came. `ours`: no place came free, so the provider had no part.
    """

    why: str
    status: int | None = None
    body: bytes = b""
    retry_after_seconds: int | None = None
    ours: bool = False


Way = ssl.SSLContext | httpx.AsyncBaseTransport
"""Whom to trust on the way to a provider, or what carries the calls in place of a socket."""


class Wire:
    """POSTs to one URL over connections of its own, at most `at_once` of them.

    The slots are counted here and not by the transport's pool, because that one can lose a
    connection for good when a call is cancelled between getting it and using it.
    """

    def __init__(
        self,
        url: str,
        at_once: int,
        total_milliseconds: int,
        limits: Limits,
        way: Way,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        self._url = url
        self._at_once = max(at_once, 1)
        self._limits = limits
        self._total_seconds = total_milliseconds / 1000
        self._slots = asyncio.Semaphore(self._at_once)
        self._now = now
        self._closed = False
        self._transport = _transport(self._at_once, limits, way)

    async def post(
        self,
        form: Mapping[str, str],
        headers: Mapping[str, str],
        log: TraceLog,
        bytes_max: int,
        place: AbstractAsyncContextManager[None] | None = None,
    ) -> Reply | Fault:
        """One try, never repeated or redirected. Only the caller's own cancellation is raised.

        `place` is entered last before anything is sent, so that it tells when; it may raise Busy.
        """
        inflow: Inflow | None = None
        told_seconds: int | None = None
        try:
            async with (
                asyncio.timeout(self._total_seconds),
                self._slot(),
                place or nullcontext(),
                self._stream(urlencode(form).encode(), headers, log) as response,
            ):
                log.http_status = response.status_code
                told_seconds = headed_wait_seconds(response.headers, self._now())
                inflow = Inflow(response.headers.get("content-encoding", ""), bytes_max)
                async for piece in response.aiter_raw():
                    inflow.take(piece)
                return Reply(response.status_code, inflow.whole(), told_seconds)
        except Exception as fault:  # noqa: BLE001  whatever it is, the trace decides
            so_far = inflow.so_far() if inflow else b""
            ours = isinstance(fault, Busy)
            return Fault(_explain(fault), log.http_status, so_far, told_seconds, ours)

    async def close(self) -> None:
        """Close once the calls under way have ended; each of them has its deadline."""
        if self._closed:
            return
        self._closed = True
        try:
            async with asyncio.timeout(self._total_seconds + 1):
                for _ in range(self._at_once):
                    await self._slots.acquire()
        except TimeoutError:
            pass
        finally:
            await self._transport.aclose()

    @asynccontextmanager
    async def _slot(self) -> AsyncGenerator[None]:
        if self._closed:
            raise Busy("closed: nothing more is sent this way")
        try:
            async with asyncio.timeout(self._limits.slot_milliseconds / 1000):
                await self._slots.acquire()
        except TimeoutError:
            raise Busy(f"all {self._at_once} slots of this provider are taken") from None
        try:
            yield
        finally:
            self._slots.release()

    def _stream(
        self, body: bytes, headers: Mapping[str, str], log: TraceLog
    ) -> AbstractAsyncContextManager[httpx.Response]:
        return self._transport.stream(
            "POST",
            self._url,
            content=body,
            headers={"Content-Type": "application/x-www-form-urlencoded", **headers},
            extensions={"trace": _Ear(log).hear},
        )


@runtime_checkable
class _Closable(Protocol):
    async def aclose(self) -> None: ...


_MOMENTS = {
    "connect_tcp.started": ("http.connect", Side.BEFORE),
    "connect_tcp.complete": ("http.connect", Side.AFTER),
    "send_request_headers.started": ("http.request", Side.BEFORE),
    "send_request_body.complete": ("http.request", Side.AFTER),
    "receive_response_headers.complete": ("http.reply", Side.BEFORE),
    "receive_response_body.complete": ("http.reply", Side.AFTER),
}


class _Ear:
    """Passes the transport's trace on, and closes a connection that the transport forgets.

    That is one whose TLS handshake was cancelled, by our own deadline or by the caller: nobody else
    would, for as long as the other side keeps it open.
    """

    def __init__(self, log: TraceLog) -> None:
        self._log = log
        self._connection: object = None

    async def hear(self, event: str, details: Mapping[str, object]) -> None:
        """The async function that the transport calls at each step."""
        boundary, side = _MOMENTS.get(event.partition(".")[2], (None, Side.AFTER))
        # what fails before bytes leave must not have been told that they may have
        if boundary and side is Side.BEFORE:
            await passing(boundary, side)
        await self._log.hear(event, details)
        if boundary and side is Side.AFTER:
            await passing(boundary, side)
        if event == "connection.connect_tcp.complete":
            self._connection = details.get("return_value")
        if event == "connection.start_tls.failed" and isinstance(self._connection, _Closable):
            await self._connection.aclose()


def _transport(at_once: int, limits: Limits, way: Way) -> httpx.AsyncClient:
    wire = way if isinstance(way, httpx.AsyncBaseTransport) else _sockets(at_once, limits, way)
    return httpx.AsyncClient(
        transport=wire,
        trust_env=False,
        follow_redirects=False,
        headers={"User-Agent": "panel-gateway"},
        # a panel's session cookie would make it serve our calls one by one
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        timeout=httpx.Timeout(
            connect=limits.connect_milliseconds / 1000,
            write=limits.write_milliseconds / 1000,
            read=limits.read_milliseconds / 1000,
            pool=limits.slot_milliseconds / 1000,
        ),
    )


def _sockets(at_once: int, limits: Limits, trust: ssl.SSLContext) -> httpx.AsyncHTTPTransport:
    return httpx.AsyncHTTPTransport(
        verify=trust,
        http1=True,
        http2=False,
        trust_env=False,
        retries=0,
        limits=httpx.Limits(
            max_connections=None,  # the slots bound them
            max_keepalive_connections=at_once,
            keepalive_expiry=limits.idle_milliseconds / 1000,
        ),
    )


@cache
def public_trust() -> ssl.SSLContext:
    """The public certificate authorities, loaded once: that takes longer than a call."""
    return httpx.create_ssl_context(trust_env=False)


def _explain(fault: Exception) -> str:
    text = "".join(c if c.isprintable() else " " for c in str(fault)).strip()
    if isinstance(fault, (Busy, Unreadable)):
        return text
    if isinstance(fault, TimeoutError):
        return "no whole answer before the deadline"
    return f"{type(fault).__name__}: {text}" if text else type(fault).__name__
