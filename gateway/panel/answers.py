"""What leaves the front door: status, JSON bytes and headers (protocol.md 1.1)."""

from dataclasses import dataclass

from starlette.types import Send

from gateway.dialects.dialect import Dialect
from gateway.dialects.json_text import Json, write
from gateway.domain.refusals import Refusal
from gateway.panel.bodies import Unread
from gateway.panel.limits import TooMany

Header = tuple[bytes, bytes]

_HEADERS: tuple[Header, ...] = (
    (b"content-type", b"application/json; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
)
_SOON: Header = (b"retry-after", b"1")
_CLOSE: Header = (b"connection", b"close")


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; every one has the headers of JSON that nobody may store or guess at."""

    status: int
    body: bytes
    headers: tuple[Header, ...] = ()

    async def send(self, send: Send) -> None:
        length = (b"content-length", str(len(self.body)).encode())
        await send(
            {
                "type": "http.response.start",
                "status": self.status,
                "headers": [*_HEADERS, length, *self.headers],
            }
        )
        await send({"type": "http.response.body", "body": self.body})


def done(value: Json) -> Answer:
    """Success, in a dialect's shape."""
    return Answer(200, write(value))


def refused(refusal: Refusal, dialect: Dialect) -> Answer:
    """An expected no in the dialect's words; at 200, since many callers read no text elsewhere."""
    headers: tuple[Header, ...] = ()
    if isinstance(refusal, TooMany):
        headers = ((b"retry-after", str(refusal.retry_after_seconds).encode()),)
    elif isinstance(refusal, Unread):
        headers = (_CLOSE,)
    return Answer(200, write(dialect.answer_refusal(refusal)), headers)


HEALTHY = Answer(200, b'{"status":"ok"}')
NOT_FOUND = Answer(404, b'{"error":"Not found"}')

# An `error` to `add` promises that nothing was taken, so doubt has no words at all. Reads that
# fail use words that other gateways take for a passing fault, not for a final no (protocol.md 4.2).
IN_DOUBT = Answer(503, b"")
AWAY = Answer(503, b'{"error":"Service temporarily unavailable"}', (_SOON,))
BROKEN = Answer(500, b'{"error":"Internal server error"}')
