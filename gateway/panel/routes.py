"""The paths of the front door, and the walk of a request from its bytes to its answer."""

import time
from collections.abc import Callable

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.dialects import book
from gateway.dialects.dialect import Dialect
from gateway.dialects.messages import AskAdd, AskCancel, AskRefill, Fields
from gateway.dialects.standard import STANDARD
from gateway.domain.callers import Caller
from gateway.domain.refusals import Code, Refusal
from gateway.operations import Backends, InDoubt, Unreachable
from gateway.panel import answers
from gateway.panel.actions import answer_ask
from gateway.panel.answers import Answer
from gateway.panel.bodies import Bodies
from gateway.panel.callers import (
    Headers,
    find_caller,
    find_key,
    find_request_id,
    read_headers,
    refuse_key_in_query,
)
from gateway.panel.forms import read_fields
from gateway.panel.limits import Limits, TooMany, Turns

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

# a reseller swaps the host of an old panel, not the path; the slash is answered without a redirect,
# since curl-based callers turn a redirected POST into a GET
PANEL_PATHS = frozenset(
    f"/api/{version}{end}" for version in ("v1", "v2", "v3") for end in ("", "/")
)
HEALTH_PATH = "/healthz"


def door(
    backends: Backends,
    limits: Limits | None = None,
    nanoseconds: Callable[[], int] = time.monotonic_ns,
) -> ASGIApp:
    """The front door as one ASGI application; whatever path it does not know is a 404."""
    return _Door(backends, limits or Limits(), nanoseconds)


class _Door:
    def __init__(self, backends: Backends, limits: Limits, nanoseconds: Callable[[], int]) -> None:
        self._backends = backends
        self._limits = limits
        self._bodies = Bodies(limits)
        self._reads = Turns(limits.reads, limits.customers_max, nanoseconds)
        self._adds = Turns(limits.adds, limits.customers_max, nanoseconds)
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        if scope["type"] != "http":
            return
        try:
            answer = await self._answer(scope, receive)
        except ClientDisconnect:
            return
        except Exception:
            # the last place where a fault can become one plain answer; the log has its traceback
            log.exception("request broke off", path=scope["path"])
            answer = answers.BROKEN
        await answer.send(send)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        path, method = scope["path"], scope["method"]
        if path in PANEL_PATHS:
            try:
                return await self._panel(scope, receive)
            except Refusal as refusal:
                return answers.refused(refusal, STANDARD)
        if path == HEALTH_PATH and method in ("GET", "HEAD"):
            return answers.HEALTHY
        return answers.NOT_FOUND

    async def _panel(self, scope: Scope, receive: Receive) -> Answer:
        if scope["method"] != "POST":
            raise Refusal(Code.NOT_POST)
        refuse_key_in_query(scope["query_string"])
        headers = read_headers(scope["headers"])
        body = await self._bodies.read(receive, headers.one(b"content-length"))
        if self._in_flight >= self._limits.in_flight_max:
            raise TooMany
        self._in_flight += 1
        try:
            return await self._serve(headers, read_fields(body, headers.one(b"content-type")))
        finally:
            self._in_flight -= 1

    async def _serve(self, headers: Headers, fields: Fields) -> Answer:
        key = find_key(headers, fields)
        dialect = STANDARD
        try:
            caller = await find_caller(self._backends, key)
            dialect = book.dialect(caller.dialect)
            return await self._serve_caller(caller, headers, fields)
        except Refusal as refusal:
            return answers.refused(refusal, dialect)
        except Unreachable:
            return _away(headers, fields, dialect)
        except InDoubt:
            return answers.IN_DOUBT

    async def _serve_caller(self, caller: Caller, headers: Headers, fields: Fields) -> Answer:
        try:
            ask = book.dialect(caller.dialect).read_request(fields)
        except Refusal:
            self._reads.take(caller.customer, caller.calls_per_second)
            raise
        changes = isinstance(ask, AskAdd | AskRefill | AskCancel)
        if changes:
            self._adds.take(caller.customer, caller.adds_per_second)
        else:
            self._reads.take(caller.customer, caller.calls_per_second)
        request_id = find_request_id(headers, fields) if isinstance(ask, AskAdd) else None
        return await answer_ask(self._backends, caller, ask, request_id)


def _away(headers: Headers, fields: Fields, dialect: Dialect) -> Answer:
    """Postgres is out of reach: an `add` was surely not taken and hears so; a read fails openly.

    Of one with a request id nobody knows: an earlier try under it may have been taken.
    """
    try:
        ask = dialect.read_request(fields)
    except Refusal as refusal:
        return answers.refused(refusal, dialect)
    if not isinstance(ask, AskAdd):
        return answers.AWAY
    if find_request_id(headers, fields):
        return answers.IN_DOUBT
    return answers.refused(Refusal(Code.MAINTENANCE), dialect)
