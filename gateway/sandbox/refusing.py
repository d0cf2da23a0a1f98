"""Refusals over HTTP: at 200 as most panels send them, or with status codes (protocol.md 1.4)."""

from collections.abc import Mapping

from gateway.dialects.json_text import Json, write
from gateway.domain.refusals import Code, Refusal
from gateway.sandbox.answers import Answer
from gateway.sandbox.terms import Terms

RATE_LIMITED = 429
_BAD_REQUEST = 400
_STATUSES: Mapping[Code, int] = {
    Code.BAD_KEY: 401,
    Code.KEY_SCOPE: 403,
    Code.NOT_POST: 405,
    Code.BAD_SERVICE: 404,
    Code.UNAVAILABLE: 503,
    Code.FUNDS: 402,
    Code.DUPLICATE_LINK: 409,
    Code.REUSED_REQUEST_ID: 409,
    Code.ORDER_NOT_FOUND: 404,
    Code.REFILL_NOT_FOUND: 404,
    Code.REFILL_REFUSED: 409,
    Code.REFILL_IN_PROGRESS: 409,
    Code.CANCEL_REFUSED: 409,
    Code.CANCEL_IN_PROGRESS: 409,
    Code.TOO_LARGE: 413,
    Code.RATE_LIMIT: RATE_LIMITED,
    Code.MAINTENANCE: 503,
}


def refused(body: Json, refusal: Refusal, terms: Terms, wait_seconds: int = 0) -> Answer:
    """The answer that refuses. One who called too often is told so whatever the terms are."""
    if wait_seconds:
        headers = (("Retry-After", str(wait_seconds)),)
        return Answer(write(body), RATE_LIMITED, headers=headers)
    status = _STATUSES.get(refusal.code, _BAD_REQUEST) if terms.statuses else 200
    return Answer(write(body), status)
