"""Which bytes of a call have left, as the transport's own trace tells it (money.md 3)."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trace:
    """What is known of one call.

    `sent`: a byte of the request may have left. `body`: all of it left. `resp`: a reply began.
    """

    sent: bool
    body: bool
    resp: bool


NOTHING_LEFT = Trace(sent=False, body=False, resp=False)

_SENT = "send_request_headers.started"
_BODY = "send_request_body.complete"
_RESP = "receive_response_headers.complete"


class TraceLog:
    """One call's trace while it happens; it outlives a cancellation of the call.

    Use a fresh one for each call, and read it only after the call has returned or raised: until
    then more bytes can leave.
    """

    __slots__ = ("_heard", "http_status")

    def __init__(self) -> None:
        self._heard: set[str] = set()
        self.http_status: int | None = None

    async def hear(self, event: str, _details: Mapping[str, object]) -> None:
        """One event of the transport, `http11.send_request_headers.started` and the like."""
        self._heard.add(event.partition(".")[2])

    @property
    def trace(self) -> Trace:
        """The bits so far; each of the later ones implies `sent`."""
        body, resp = _BODY in self._heard, _RESP in self._heard
        return Trace(sent=body or resp or _SENT in self._heard, body=body, resp=resp)
