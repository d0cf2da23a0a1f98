"""What became of an add: the classification of money.md 3.

Only `not_sent` and `refused` prove that nothing was taken. A call that ends without an answer is
`not_sent` when no byte can have left, else `uncertain`; the kind of fault does not matter. An
answer is judged by the provider's dialect, strictly (protocol.md 3.2).
"""

from dataclasses import dataclass

from gateway.domain.observations import Accepted, Refused, Unclear
from gateway.domain.outcomes import Outcome
from gateway.upstream.trace import NOTHING_LEFT, Trace, TraceLog

RAW_BYTES_MAX = 8 * 1024


@dataclass(frozen=True, slots=True)
class Attempted:
    """One try to place an order, as the attempt records it; the provider's key is nowhere in it.

    `reason` is for the operator and empty when accepted. `order` is the provider's id, only when
    accepted. `raw` is the start of what was answered, at most 8 KiB. `http_status` None = no head
    of a reply came. `retry_after_seconds`: how long its headers say to wait, 0 to 3,600. `ours`: it
    ended on this side, so that it says nothing of the provider.
    """

    outcome: Outcome
    order: str | None
    refused: Refused | None
    reason: str
    trace: Trace
    http_status: int | None
    raw: bytes
    took_milliseconds: int
    retry_after_seconds: int | None = None
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one call left behind, whatever came of it."""

    trace: Trace = NOTHING_LEFT
    http_status: int | None = None
    raw: bytes = b""
    took_milliseconds: int = 0
    retry_after_seconds: int | None = None
    ours: bool = False


def answered(reading: Accepted | Refused | Unclear, evidence: Evidence) -> Attempted:
    """The outcome of a whole answer."""
    match reading:
        case Accepted(order):
            return _attempted(Outcome.ACCEPTED, "", evidence, order=order)
        case Refused(_, text):
            return _attempted(Outcome.REFUSED, text, evidence, refused=reading)
        case Unclear(why):
            return _attempted(Outcome.UNCERTAIN, why, evidence)


def unanswered(reason: str, evidence: Evidence) -> Attempted:
    """The outcome of a call that ended without a whole answer: the bits decide."""
    outcome = Outcome.UNCERTAIN if evidence.trace.sent else Outcome.NOT_SENT
    return _attempted(outcome, reason, evidence)


def interrupted(log: TraceLog) -> Attempted:
    """The outcome of an add whose caller was cancelled, from the log that it kept.

    Only after the cancelled call has raised: until then bytes can still leave.
    """
    return unanswered(
        "interrupted: this process was stopping",
        Evidence(log.trace, log.http_status, ours=True),
    )


def _attempted(
    outcome: Outcome,
    reason: str,
    evidence: Evidence,
    *,
    order: str | None = None,
    refused: Refused | None = None,
) -> Attempted:
    return Attempted(
        outcome=outcome,
        order=order,
        refused=refused,
        reason=reason,
        trace=evidence.trace,
        http_status=evidence.http_status,
        raw=evidence.raw[:RAW_BYTES_MAX],
        took_milliseconds=evidence.took_milliseconds,
        retry_after_seconds=evidence.retry_after_seconds,
        ours=evidence.ours,
    )
