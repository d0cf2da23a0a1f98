import asyncio
import time

import httpx
import pytest

from gateway.sandbox.connection import Limits
from gateway.sandbox.faults import FAULTS, Fault, Moment, Waits
from gateway.sandbox.panel import Panel
from gateway.sandbox.server import Server, start
from tests.sandbox.calling import KEY, Call, Caller, faulty

LINK = "https://a.example/1"
ADD = {"action": "add", "service": "101", "link": LINK, "quantity": "100"}
FORM = f"key={KEY}&action=balance".encode()

BROKEN: dict[Fault, type[httpx.TransportError]] = {
    Fault.RESET_BEFORE: httpx.ReadError,
    Fault.CLOSE_BEFORE: httpx.RemoteProtocolError,
    Fault.HANG_BEFORE: httpx.ReadTimeout,
    Fault.RESET_AFTER: httpx.ReadError,
    Fault.CLOSE_AFTER: httpx.RemoteProtocolError,
    Fault.HANG_AFTER: httpx.ReadTimeout,
    Fault.HALF_HEADERS_AFTER: httpx.RemoteProtocolError,
    Fault.GARBAGE_AFTER: httpx.RemoteProtocolError,
    Fault.CUT_AFTER: httpx.RemoteProtocolError,
}
ANSWERED: dict[Fault, tuple[int, str]] = {
    Fault.HTML_502_BEFORE: (502, "<h1>502 Bad Gateway</h1>"),
    Fault.REDIRECT_BEFORE: (307, ""),
    Fault.REFUSE: (200, '{"error":"Incorrect link"}'),
    Fault.FUNDS: (200, '{"error":"Not enough funds on balance"}'),
    Fault.MAINTENANCE: (200, '{"error":"Ordering is disabled"}'),
    Fault.RATE_LIMIT: (200, '{"error":"Too many requests"}'),
    Fault.CUT_EOF_AFTER: (200, '{"order":50'),
    Fault.DRIP_AFTER: (200, '{"order":50001}'),
    Fault.HTML_502_AFTER: (502, "<h1>502 Bad Gateway</h1>"),
    Fault.REDIRECT_AFTER: (307, ""),
    Fault.EMPTY_AFTER: (200, ""),
    Fault.NOTICE_AFTER: (200, "Undefined index"),
    Fault.LIAR: (200, '{"error":"Service is not available"}'),
    Fault.SLOW: (200, '{"order":50001}'),
}
NOTHING_TAKEN = {
    *(Fault.RESET_BEFORE, Fault.CLOSE_BEFORE, Fault.HANG_BEFORE, Fault.HTML_502_BEFORE),
    *(Fault.REDIRECT_BEFORE, Fault.REFUSE, Fault.FUNDS, Fault.MAINTENANCE, Fault.RATE_LIMIT),
}


async def check_truth(caller: Caller, fault: Fault, *, replied: bool) -> None:
    truth = await caller.truth()
    expected = [] if fault in NOTHING_TAKEN else [(50_001, LINK, replied, fault.value)]
    seen = [
        (order["order"], order["link"], order["replied"], order["fault"])
        for order in await caller.orders()
    ]
    assert seen == expected
    assert truth["faults"] == {fault.value: 1}
    assert truth["balance"] == ("999999.91" if expected else "1000000.00")


@pytest.mark.parametrize("fault", BROKEN)
async def test_a_fault_breaks_the_wire(call: Call, fault: Fault) -> None:
    caller = await call(Panel(faults=faulty(**{fault: "1"})))
    if BROKEN[fault] is httpx.ReadTimeout:
        caller.http.timeout = httpx.Timeout(0.3)
    with pytest.raises(httpx.TransportError) as broken:
        await caller.post(**ADD)
    assert type(broken.value) is BROKEN[fault]
    await check_truth(caller, fault, replied=False)


@pytest.mark.parametrize("fault", ANSWERED)
async def test_a_fault_shows_in_the_answer(call: Call, fault: Fault) -> None:
    caller = await call(Panel(faults=faulty(**{fault: "1"})))
    answer = await caller.post(**ADD)
    status, text = ANSWERED[fault]
    assert answer.status_code == status
    assert text in answer.text
    assert text or not answer.content
    assert (answer.text == text) == (fault is not Fault.NOTICE_AFTER and status != 502)
    await check_truth(caller, fault, replied=fault in {Fault.DRIP_AFTER, Fault.SLOW})


def test_every_fault_of_add_is_seen_on_the_wire() -> None:
    assert {*BROKEN, *ANSWERED} == FAULTS[Moment.ADD]
    assert not {*BROKEN} & {*ANSWERED}


async def test_a_cut_answer_promises_more_than_it_gives(call: Call) -> None:
    caller = await call(Panel(faults=faulty(cut_after="1")))
    raw = await exchange(
        caller.server, post(f"{FORM.decode()[:-7]}add&service=101&link=x&quantity=50")
    )
    head, _, body = raw.partition(b"\r\n\r\n")
    assert b"Content-Length: 15" in head
    assert body == b'{"order'


async def test_half_an_id_looks_whole_as_no_length_was_given(call: Call) -> None:
    caller = await call(Panel(faults=faulty(cut_eof_after="1")))
    raw = await exchange(
        caller.server, post(f"{FORM.decode()[:-7]}add&service=101&link=x&quantity=50")
    )
    head, _, body = raw.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"content-length" not in head.lower()
    assert body == b'{"order":50'


async def test_a_drip_takes_its_time_for_every_byte(call: Call) -> None:
    caller = await call(Panel(faults=faulty(drip_after="1")))
    begun = time.monotonic()
    answer = await caller.post(**ADD)
    assert time.monotonic() - begun > len(answer.content) * 0.005


async def test_a_slow_add_is_taken_though_its_caller_has_gone(call: Call) -> None:
    caller = await call(Panel(faults=faulty(slow="1")))
    caller.server.panel.faults.waits = Waits(slow_milliseconds=500)
    caller.http.timeout = httpx.Timeout(0.05)
    with pytest.raises(httpx.ReadTimeout):
        await caller.post(**ADD)
    caller.http.timeout = httpx.Timeout(5)
    assert await caller.orders() == []
    await asyncio.sleep(0.8)
    orders = await caller.orders()
    assert [(order["replied"], order["fault"]) for order in orders] == [(False, "slow")]


async def test_a_redirect_that_is_followed_orders_again(call: Call) -> None:
    caller = await call(Panel(faults=faulty(redirect_after="1")))
    with pytest.raises(httpx.TooManyRedirects):
        await caller.http.post(caller.server.url, data={"key": KEY, **ADD}, follow_redirects=True)
    assert (await caller.truth())["duplicates"] == [LINK]


async def test_a_link_names_the_fault_of_its_first_add(call: Call) -> None:
    caller = await call(Panel())
    link = f"{LINK}?fault=refuse"
    assert await caller.ask(**{**ADD, "link": link}) == {"error": "Incorrect link"}
    assert await caller.add(link) == 50_001
    assert (await caller.truth())["faults"] == {"refuse": 1}


@pytest.mark.parametrize(
    ("fault", "action", "text"),
    [
        ("services_empty", "services", "[]"),
        ("services_html", "services", "<h1>Sign in</h1>"),
        ("status_html", "status", "<h1>Sign in</h1>"),
    ],
)
async def test_faults_of_reads(call: Call, fault: str, action: str, text: str) -> None:
    caller = await call(Panel(faults=faulty(**{fault: "1"})))
    answer = await caller.post(action=action, order="1")
    assert (answer.status_code, text in answer.text) == (200, True)
    assert "order" in await caller.ask(**ADD)
    assert (await caller.truth())["faults"] == {fault: 1}


async def test_a_panel_that_is_down_resets_all_but_the_truth(call: Call) -> None:
    caller = await call(Panel(faults=faulty(down="1")))
    for action in ("services", "balance", "add"):
        with pytest.raises(httpx.ReadError):
            await caller.post(action=action)
    assert (await caller.truth())["requests"] == {}
    assert (await caller.control('{"faults": {"down": "0"}}')).status_code == 200
    assert "balance" in await caller.ask(action="balance")


@pytest.mark.parametrize("path", ["/api/v1", "/api/v2/", "/api/v3", "/api/v2?x=1"])
async def test_paths_of_the_panel_api(call: Call, path: str) -> None:
    caller = await call(Panel())
    answer = await caller.http.post(
        f"{caller.server.origin}{path}", data={"key": KEY, "action": "balance"}
    )
    assert answer.json() == {"balance": "1000000.00", "currency": "USD"}
    assert answer.headers["content-type"] == "application/json; charset=utf-8"


async def test_other_paths_and_methods_are_told_where_to_go(call: Call) -> None:
    caller = await call(Panel())
    answer = await caller.http.get(caller.server.origin)
    assert (answer.status_code, "/truth" in answer.text) == (404, True)
    answer = await caller.http.get(caller.server.url)
    assert answer.json() == {"error": "Incorrect request: use POST"}


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS", "CONNECT"])
@pytest.mark.parametrize("path", ["/api/v2", "/truth", "/"])
async def test_other_methods_are_refused(call: Call, method: str, path: str) -> None:
    caller = await call(Panel())
    sent = f"{method} {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode()
    raw = await exchange(caller.server, sent + post(FORM.decode()))
    assert raw.startswith(b"HTTP/1.1 405 ")
    assert (b"GET or POST" in raw) == (method != "HEAD")
    assert b'"balance"' in raw


@pytest.mark.parametrize("header", ["Expect: 100-continue", "Upgrade: websocket", "X: y"])
async def test_headers_that_ask_for_more_than_an_answer(call: Call, header: str) -> None:
    caller = await call(Panel())
    head, _, form = post(FORM.decode()).partition(b"\r\n\r\n")
    reader, writer = await asyncio.open_connection("127.0.0.1", caller.server.port)
    async with asyncio.timeout(5):
        writer.write(head + f"\r\n{header}\r\n\r\n".encode())
        if header.startswith("Expect"):
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100 ")
        writer.write(form)
        writer.write_eof()
        assert b'"balance"' in await reader.read()
    writer.close()
    await writer.wait_closed()


async def test_a_connection_serves_many_requests(call: Call) -> None:
    caller = await call(Panel())
    reader, writer = await asyncio.open_connection("127.0.0.1", caller.server.port)
    for _ in range(3):
        writer.write(post(FORM.decode()))
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        assert await reader.readexactly(40) == b'{"balance":"1000000.00","currency":"USD"}'[:40]
        await reader.readexactly(1)
    writer.close()
    await writer.wait_closed()


async def test_two_requests_sent_at_once_are_answered_in_turn(call: Call) -> None:
    caller = await call(Panel())
    raw = await exchange(caller.server, post(FORM.decode()) + post("key=x"))
    assert raw.index(b'"balance"') < raw.index(b"Invalid API key")


async def test_a_body_over_the_bound_is_refused_and_the_next_is_served(call: Call) -> None:
    caller = await call(Panel())
    answer = await caller.http.post(caller.server.url, content=b"x" * (1024 * 1024 + 1))
    assert answer.json() == {"error": "Request too large"}
    answer = await caller.control(" " * (1024 * 1024 + 1))
    assert answer.status_code == 413
    assert "balance" in await caller.ask(action="balance")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET /truth HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 70_000, b"431"),
        (b"POST /api/v2 HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", b"400"),
    ],
)
async def test_what_is_not_http_is_told_so(call: Call, sent: bytes, status: bytes) -> None:
    caller = await call(Panel())
    assert (await exchange(caller.server, sent)).startswith(b"HTTP/1.1 " + status)
    assert "balance" in await caller.ask(action="balance")


async def test_a_stalled_request_is_dropped() -> None:
    server = await start(Panel(), limits=Limits(idle_seconds=60, request_seconds=0))
    try:
        head = b"POST /api/v2 HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n"
        assert await exchange(server, head, ends=False) == b""
    finally:
        await server.stop()


async def test_connections_beyond_the_limit_are_turned_away() -> None:
    server = await start(Panel(), limits=Limits(connections_max=1))
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(post(FORM.decode()))
        await reader.readuntil(b"\r\n\r\n")
        other, second = await asyncio.open_connection("127.0.0.1", server.port)
        assert await other.read() == b""
        for each in (writer, second):
            each.close()
            await each.wait_closed()
    finally:
        await server.stop()


async def test_stop_ends_hanging_calls_and_frees_the_port(call: Call) -> None:
    caller = await call(Panel(faults=faulty(hang_after="1")))
    hanging = asyncio.create_task(caller.post(**ADD))
    await asyncio.sleep(0.2)
    async with asyncio.timeout(3):
        await caller.server.stop()
    with pytest.raises(httpx.TransportError):
        await hanging
    again = await start(Panel(), port=caller.server.port)
    await again.stop()


def post(form: str) -> bytes:
    kind = "Content-Type: application/x-www-form-urlencoded"
    head = f"POST /api/v2 HTTP/1.1\r\nHost: a\r\n{kind}\r\nContent-Length: {len(form)}\r\n\r\n"
    return (head + form).encode()


async def exchange(server: Server, sent: bytes, *, ends: bool = True) -> bytes:
    """All that comes back for these bytes until the sandbox closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        async with asyncio.timeout(5):
            writer.write(sent)
            if ends:
                writer.write_eof()
            return await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()
