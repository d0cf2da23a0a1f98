"""A call that is played leaves the same traces as one over a socket."""

import pytest

from gateway.dialects.standard import STANDARD
from gateway.domain.catalog import Provider
from gateway.domain.outcomes import Outcome
from gateway.domain.placements import Placement
from gateway.domain.services import ServiceType
from gateway.upstream.client import ProviderClient
from gateway.upstream.outcomes import Attempted
from gateway.upstream.played import Break, Played, PlayedTransport

ACME = Provider("acme", "https://acme.invalid/api/v2", "standard", "USD", "ACME_KEY")
KEY = "a key that nobody may see"
PLACEMENT = Placement(1, ServiceType.DEFAULT, "https://a.example/1", 100)


async def attempt(played: Played) -> Attempted:
    async def play(body: bytes) -> Played:
        assert b"action=add" in body
        return played

    caller = ProviderClient(ACME, STANDARD, KEY, trust=PlayedTransport(play))
    try:
        return await caller.add("101", PLACEMENT)
    finally:
        await caller.close()


@pytest.mark.parametrize(
    ("broken", "outcome", "bits", "why"),
    [
        (Break.REFUSED, Outcome.NOT_SENT, (False, False, False), "ConnectError"),
        (Break.NO_HOST, Outcome.NOT_SENT, (False, False, False), "Name or service not known"),
        (Break.TLS, Outcome.NOT_SENT, (False, False, False), "CERTIFICATE_VERIFY_FAILED"),
        (Break.TIMED_OUT, Outcome.UNCERTAIN, (True, True, False), "ReadTimeout"),
        (Break.RESET, Outcome.UNCERTAIN, (True, True, False), "ReadError"),
        (Break.CUT, Outcome.UNCERTAIN, (True, True, True), "RemoteProtocolError"),
    ],
)
async def test_a_break_shows_as_on_the_wire(
    broken: Break, outcome: Outcome, bits: tuple[bool, ...], why: str
) -> None:
    attempted = await attempt(Played(body=b'{"order": 23501}', broken=broken))
    trace = attempted.trace
    assert (attempted.outcome, (trace.sent, trace.body, trace.resp)) == (outcome, bits)
    assert why in attempted.reason


async def test_an_answer_is_read_by_the_dialect_and_loses_our_key() -> None:
    assert (await attempt(Played(body=b'{"order": 23501}'))).order == "23501"
    refused = await attempt(Played(body=f'{{"error": "no such key {KEY}"}}'.encode()))
    assert refused.outcome is Outcome.REFUSED
    assert KEY not in refused.reason
    assert KEY.encode() not in refused.raw


async def test_what_is_no_answer_of_a_panel_is_uncertain() -> None:
    page = Played(502, b"<html>", "text/html")
    assert [(await attempt(each)).outcome for each in (page, Played())] == [Outcome.UNCERTAIN] * 2
