"""The three bits."""

from gateway.upstream.trace import Trace, TraceLog


async def test_bits_come_in_their_order() -> None:
    log = TraceLog()
    assert log.trace == Trace(sent=False, body=False, resp=False)
    for event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
        await log.hear(event, {})
    assert log.trace == Trace(sent=False, body=False, resp=False)
    await log.hear("http11.send_request_headers.started", {})
    assert log.trace == Trace(sent=True, body=False, resp=False)
    await log.hear("http11.send_request_body.started", {})
    assert log.trace == Trace(sent=True, body=False, resp=False)
    await log.hear("http11.send_request_body.complete", {})
    assert log.trace == Trace(sent=True, body=True, resp=False)
    await log.hear("http11.receive_response_headers.complete", {})
    assert log.trace == Trace(sent=True, body=True, resp=True)


async def test_a_later_bit_implies_sent() -> None:
    log = TraceLog()
    await log.hear("other.receive_response_headers.complete", {})
    assert log.trace.sent
