"""The table of money.md 3: what each misfortune on the wire, once sent, makes of an add."""

import asyncio
import gzip
from dataclasses import dataclass, replace

import pytest

from gateway.domain.outcomes import Outcome
from gateway.domain.placements import Placement
from gateway.domain.refusals import Code
from gateway.domain.services import ServiceType
from gateway.upstream.limits import Limits
from gateway.upstream.trace import Trace
from tests.upstream.calling import DEADLINE, PATIENT, PLACEMENT, add
from tests.upstream.misbehaving import (
    Behaviour,
    Visit,
    answers,
    close_at_once,
    hang,
    misbehaving,
    never_read,
    reply,
    reset_at_once,
    then_close,
)

HUGE = Placement(
    1, ServiceType.CUSTOM_COMMENTS, "https://a.example/x", 10_000, ("c" * 800,) * 10_000
)
HASTY = replace(PATIENT, read_milliseconds=150, write_milliseconds=150)

BEGUN = (Trace(sent=True, body=False, resp=False),)
SENT = (Trace(sent=True, body=True, resp=False),)
REPLIED = (Trace(sent=True, body=True, resp=True),)
RACE = BEGUN + SENT  # whether the body left before the end was heard of


async def reset_after_request(visit: Visit) -> None:
    await visit.read()
    visit.reset()


async def close_after_request(visit: Visit) -> None:
    await visit.read()


async def reset_within_request(visit: Visit) -> None:
    await visit.reader.read(1_000)
    visit.reset()


async def drip(visit: Visit) -> None:
    await visit.read()
    await visit.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
    for _ in range(5_000):
        await visit.write(b" ")
        await asyncio.sleep(0.02)


@dataclass(frozen=True)
class Row:
    """One misfortune, and what must be made of it."""

    behaviour: Behaviour
    traces: tuple[Trace, ...]
    reason: str
    status: int | None = None
    limits: Limits = PATIENT
    placement: Placement = PLACEMENT
    requests: int = 1


def head(length: str, body: bytes) -> bytes:
    return f"HTTP/1.1 200 OK\r\n{length}\r\n".encode() + body


def packed(body: bytes) -> bytes:
    return reply(body, headers=["Content-Encoding: gzip"])


SMALL = replace(PATIENT, reply_bytes_max=1_000)
GZIPPED = gzip.compress(b'{"order": 23501}', mtime=0)  # the same bytes in every process of a suite
CHUNKED = "Transfer-Encoding: chunked\r\n"

NO_ANSWER = {
    "reset before anything was read": Row(reset_at_once, RACE, "", requests=0),
    "close before anything was read": Row(close_at_once, RACE, "", requests=0),
    "reset within the request": Row(reset_within_request, BEGUN, "", placement=HUGE, requests=0),
    "request body stalls": Row(
        never_read, BEGUN, "WriteTimeout", limits=HASTY, placement=HUGE, requests=0
    ),
    "reset after the request": Row(reset_after_request, SENT, "ReadError"),
    "close after the request": Row(close_after_request, SENT, "RemoteProtocolError"),
    "no reply": Row(hang, SENT, "ReadTimeout", limits=HASTY),
    "our own deadline": Row(hang, SENT, "deadline", limits=DEADLINE),
    "half headers": Row(then_close(b"HTTP/1.1 200 OK\r\nContent-"), SENT, "RemoteProtocolError"),
    "garbage": Row(then_close(b"\x00\xff\xfe garbage\r\n\r\n"), SENT, "RemoteProtocolError"),
    "endless headers": Row(then_close(b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 50_000), SENT, ""),
    "switches protocols": Row(
        then_close(b"HTTP/1.1 101 X\r\nUpgrade: odd\r\nConnection: Upgrade\r\n\r\n"),
        SENT,
        "RemoteProtocolError",
    ),
    "body cut, with length": Row(
        then_close(head("Content-Length: 100\r\n", b'{"order": 23')),
        REPLIED,
        "RemoteProtocolError",
        status=200,
    ),
    "body cut within a chunk": Row(
        then_close(head(CHUNKED, b'ff\r\n{"order": 23')), REPLIED, "RemoteProtocolError", status=200
    ),
    "reply drips": Row(drip, REPLIED, "deadline", status=200, limits=DEADLINE),
    "bad gzip": Row(answers(packed(b"no gzip")), REPLIED, "damaged", status=200),
    "gzip cut": Row(answers(packed(GZIPPED[:-3])), REPLIED, "cut short", status=200),
    "gzip with a tail": Row(answers(packed(GZIPPED + b"x")), REPLIED, "after", status=200),
    "strange encoding": Row(
        answers(reply(b"?", headers=["Content-Encoding: br"])), REPLIED, "'br'", status=200
    ),
    "oversized reply": Row(
        answers(reply(b" " * 50_000)), REPLIED, "over 1000 bytes", status=200, limits=SMALL
    ),
    "oversized once inflated": Row(
        answers(packed(gzip.compress(b" " * 50_000))),
        REPLIED,
        "over 1000 bytes",
        status=200,
        limits=SMALL,
    ),
}


@pytest.mark.parametrize("row", NO_ANSWER.values(), ids=NO_ANSWER)
async def test_sent_without_an_answer_is_uncertain(row: Row) -> None:
    async with misbehaving(row.behaviour) as panel:
        attempted = await add(panel.provider(), row.placement, row.limits)
        assert attempted.outcome is Outcome.UNCERTAIN
        assert attempted.order is None
        assert attempted.refused is None
        assert attempted.trace in row.traces
        assert attempted.http_status == row.status
        assert attempted.reason
        assert row.reason in attempted.reason
        assert (len(panel.requests), panel.connections) == (row.requests, 1)


ODD_ANSWERS = {
    "an id cut short in a clean 200": head("", b'{"order": 23'),
    "redirect": reply(b"", 307, ["Location: /again"]),
    "redirect with an id": reply(b'{"order": 23501}', 302, ["Location: /again"]),
    "bad gateway": reply(b"<html>502</html>", 502, ["Content-Type: text/html"]),
    "refusal as 500": reply(b'{"error": "Incorrect service ID"}', 500),
    "4xx in HTML": reply(b"<html>no</html>", 403),
    "bare 429": reply(b"slow down", 429),
    "empty": reply(b""),
    "HTML": reply(b"<html>Just a moment...</html>"),
    "invalid JSON": reply(b'{"order": 23501,}'),
    "duplicate keys": reply(b'{"order": 5, "order": 6}'),
    "no id": reply(b'{"status": "success"}'),
    "id out of pattern": reply(b'{"order": "ord_01HG9X7KJP4N"}'),
    "id and error": reply(b'{"order": 5, "error": "no"}'),
    "doubtful text": reply(b'{"error": "Unknown error, please try again later"}'),
}


@pytest.mark.parametrize("answer", ODD_ANSWERS.values(), ids=ODD_ANSWERS)
async def test_an_odd_answer_is_uncertain_and_never_asked_again(answer: bytes) -> None:
    async with misbehaving(then_close(answer)) as panel:
        attempted = await add(panel.provider())
        assert attempted.outcome is Outcome.UNCERTAIN
        assert attempted.trace in REPLIED
        status = int(answer.split()[1])
        assert attempted.http_status == status
        assert f"HTTP {status}: " in attempted.reason
        assert attempted.raw == answer.partition(b"\r\n\r\n")[2]
        assert (len(panel.requests), panel.connections) == (1, 1)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (reply(b'{"error": "Incorrect service ID"}'), Code.BAD_SERVICE),
        (reply(b'{"error": "Not enough funds on balance"}', 402), Code.FUNDS),
        (reply(b'{"error": "Too many requests"}', 429), Code.RATE_LIMIT),
        (reply(b'{"error": "A sentence never seen"}'), None),
    ],
)
async def test_a_strict_refusal_is_refused(answer: bytes, code: Code | None) -> None:
    async with misbehaving(answers(answer)) as panel:
        attempted = await add(panel.provider())
        assert attempted.outcome is Outcome.REFUSED
        assert attempted.refused
        assert attempted.refused.code is code
        assert attempted.reason == attempted.refused.text
        assert attempted.reason.encode() in answer
        assert attempted.order is None


@pytest.mark.parametrize("answer", [reply(b'{"order": 23501}'), packed(GZIPPED)])
async def test_an_id_is_accepted(answer: bytes) -> None:
    async with misbehaving(answers(answer)) as panel:
        attempted = await add(panel.provider())
        assert attempted.outcome is Outcome.ACCEPTED
        assert attempted.order == "23501"
        assert attempted.reason == ""
        assert attempted.trace in REPLIED
        assert attempted.http_status == 200
        assert attempted.raw == b'{"order": 23501}'
        assert 0 <= attempted.took_milliseconds < 10_000
