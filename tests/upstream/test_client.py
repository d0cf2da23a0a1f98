"""What a provider receives from us, and what its reads become."""

import asyncio
import gzip
import logging
from dataclasses import replace
from decimal import Decimal
from urllib.parse import parse_qs, quote_plus

import pytest

from gateway.dialects.book import dialect
from gateway.dialects.dialect import Dialect
from gateway.dialects.messages import ServicesRead
from gateway.dialects.standard import STANDARD
from gateway.domain.observations import (
    Balance,
    Observation,
    RefillSeen,
    RefillWord,
    Refused,
    Taken,
    Unclear,
    Word,
)
from gateway.domain.outcomes import Outcome
from gateway.domain.placements import Placement
from gateway.domain.refusals import Code
from gateway.domain.services import ServiceType
from gateway.upstream.client import ProviderClient
from gateway.upstream.wire import Reply
from tests.upstream.calling import KEY, PATIENT, PLACEMENT, caller_of
from tests.upstream.misbehaving import Panel, Visit, answers, misbehaving, reply

BALANCE = reply(b'{"balance": "100.84292", "currency": "USD"}')
ACCEPTED = reply(b'{"order": 23501}')


async def test_an_add_on_the_wire() -> None:
    async with misbehaving(answers(ACCEPTED)) as panel:
        caller = caller_of(panel)
        await caller.add("101", PLACEMENT)
        await caller.close()
    head, _, body = panel.requests[0].partition(b"\r\n\r\n")
    first, *lines = head.decode().lower().split("\r\n")
    assert first == "post /api/v2 http/1.1"
    assert "content-type: application/x-www-form-urlencoded" in lines
    assert "accept-encoding: identity" in lines
    assert "user-agent: panel-gateway" in lines
    assert parse_qs(body.decode(), strict_parsing=True) == {
        "key": [KEY],
        "action": ["add"],
        "service": ["101"],
        "link": [PLACEMENT.link],
        "quantity": ["100"],
    }


async def test_what_the_dialect_cannot_carry_is_not_sent() -> None:
    async with misbehaving(answers(ACCEPTED)) as panel:
        caller = caller_of(panel)
        no_lines = Placement(1, ServiceType.CUSTOM_COMMENTS, "https://a.example/x", 0)
        attempted = await caller.add("101", no_lines)
        await caller.close()
        assert attempted.outcome is Outcome.NOT_SENT
        assert "cannot carry" in attempted.reason
        assert panel.connections == 0


async def test_each_add_has_a_fresh_connection_and_never_a_stale_answer() -> None:
    twice = reply(b'{"order": 1}') + reply(b'{"order": 99}')
    async with misbehaving(answers(twice, reply(b'{"order": 2}'))) as panel:
        caller = caller_of(panel)
        orders = [(await caller.add("101", PLACEMENT)).order for _ in range(2)]
        await caller.close()
        assert orders == ["1", "2"]
        assert panel.connections == 2


async def test_reads_share_a_connection_until_it_is_idle_too_long() -> None:
    async with misbehaving(answers(BALANCE)) as panel:
        caller = caller_of(panel, replace(PATIENT, idle_milliseconds=300))
        await caller.balance()
        await caller.balance()
        assert panel.connections == 1
        await asyncio.sleep(0.4)
        await caller.balance()
        assert panel.connections == 2
        await caller.close()


async def test_an_idle_connection_closed_meanwhile_is_replaced() -> None:
    closed = asyncio.Event()

    async def answer_once(visit: Visit) -> None:
        await visit.read()
        await visit.write(BALANCE)
        visit.writer.close()
        closed.set()

    async with misbehaving(answer_once) as panel:
        caller = caller_of(panel)
        for _ in range(3):
            assert await caller.balance() == Balance(Decimal("100.84292"), "USD")
            await closed.wait()
            closed.clear()
            await asyncio.sleep(0.02)
        await caller.close()
        assert (len(panel.requests), panel.connections) == (3, 3)


async def test_the_environment_and_cookies_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    answer = reply(b'{"balance": "1", "currency": "USD"}', headers=["Set-Cookie: PHPSESSID=a"])
    async with misbehaving(answers(answer)) as panel:
        caller = caller_of(panel)
        for _ in range(2):
            assert await caller.balance() == Balance(Decimal(1), "USD")
        await caller.close()
        assert b"cookie" not in b"".join(panel.requests).lower()


async def test_status_by_what_was_asked() -> None:
    body = (
        b'{"5": {"charge": "0.27819", "start_count": "3572", "status": "Partial",'
        b' "remains": "157", "currency": "USD"}, "6": {"error": "Incorrect order ID"}}'
    )
    async with misbehaving(answers(reply(body))) as panel:
        caller = caller_of(panel)
        rows = await caller.status(["5", "6", "7"])
        await caller.close()
    assert not isinstance(rows, Refused | Unclear)
    assert rows["5"] == Observation(Word.PARTIAL, Decimal("0.27819"), 3572, 157, "USD")
    assert isinstance(rows["6"], Refused)
    assert "7" not in rows


@pytest.mark.parametrize("count", [0, 101])
async def test_a_batch_has_its_bounds(count: int) -> None:
    caller = caller_of(Panel(9))
    with pytest.raises(ValueError, match=f"{count} ids"):
        await caller.status([str(each) for each in range(count)])
    await caller.close()


async def test_a_services_list_larger_than_other_replies_comes_compressed() -> None:
    row = (
        b'{"service": %d, "name": "Followers", "type": "Default", "category": "C",'
        b' "rate": "0.90", "min": "50", "max": "10000"}'
    )
    body = b"[" + b",".join(row % each for each in range(1, 3_001)) + b"]"
    packed = reply(gzip.compress(body), headers=["Content-Encoding: gzip"])
    async with misbehaving(answers(packed)) as panel:
        caller = caller_of(panel)
        read = await caller.services()
        assert isinstance(read, ServicesRead)
        assert len(read.listings) == 3_000
        assert b"accept-encoding: gzip" in panel.requests[0].lower()
        assert isinstance(await caller.balance(), Unclear)
        await caller.close()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (reply(b"<html>", 502), "HTTP 502: "),
        (reply(b"", 307, ["Location: /again"]), "HTTP 307: "),
        (reply(b""), "HTTP 200: "),
        (reply(b" " * 300_000), "HTTP 200: reply over 262144 bytes"),
        (b"\x00\r\n\r\n", "RemoteProtocolError"),
    ],
)
async def test_reads_that_fail_say_why(answer: bytes, why: str) -> None:
    async with misbehaving(answers(answer)) as panel:
        caller = caller_of(panel)
        for read in (await caller.balance(), await caller.status(["5"])):
            assert isinstance(read, Unclear)
            assert read.why.startswith(why)
        await caller.close()
        assert len(panel.requests) == 2


async def test_a_bomb_is_refused() -> None:
    bomb = reply(gzip.compress(bytes(10_000_000)), headers=["Content-Encoding: gzip"])
    async with misbehaving(answers(bomb)) as panel:
        caller = caller_of(panel, replace(PATIENT, services_bytes_max=1_000_000))
        read = await caller.services()
        await caller.close()
    assert read == Unclear("HTTP 200: reply over 1000000 bytes")


async def test_a_read_that_is_refused() -> None:
    async with misbehaving(answers(reply(b'{"error": "Invalid API key"}'))) as panel:
        caller = caller_of(panel)
        for read in (await caller.balance(), await caller.services()):
            assert isinstance(read, Refused)
        await caller.close()


@pytest.mark.parametrize("key", [KEY, "0123456789abcdef0123456789abcdef"])
async def test_a_key_that_is_echoed_stays_here(key: str, caplog: pytest.LogCaptureFixture) -> None:
    echoes = [key, quote_plus(key), key.replace("/", "\\/")]
    refusals = [reply(b'{"error": "Invalid API key %s"}' % each.encode()) for each in echoes]
    oddities = [
        reply(b"x" * 8_190 + key.encode() + b"y" * 100),
        b"HTTP/1.1 " + key.encode() + b"\r\n\r\n",
        b"HTTP/1.1 200 " + b"x" * 125 + key.encode() + b"\xff\x00\r\n\r\n",
    ]
    caplog.set_level(logging.DEBUG)
    async with misbehaving(answers(*refusals, *oddities)) as panel:
        caller = caller_of(panel, key=key)
        seen = [repr(caller)]
        for _ in (*refusals, *oddities):
            attempted = await caller.add("101", PLACEMENT)
            assert len(attempted.raw) <= 8_192
            seen.append(repr(attempted))
        assert quote_plus(key).encode() in panel.requests[0]
        await caller.close()
    assert "***" in "".join(seen)
    for each in echoes:
        assert each[:8] not in "".join(seen)
    assert f"key={quote_plus(key)}" not in caplog.text


async def test_a_short_key_is_not_cut_out_of_honest_words() -> None:
    async with misbehaving(answers(ACCEPTED)) as panel:
        caller = caller_of(panel, key="35")
        attempted = await caller.add("101", PLACEMENT)
        await caller.close()
    assert attempted.order == "23501"


def fields(request: bytes) -> dict[str, list[str]]:
    return parse_qs(request.partition(b"\r\n\r\n")[2].decode(), strict_parsing=True)


async def test_refills_and_cancels_by_what_was_asked() -> None:
    replies = (
        b'[{"order":5,"refill":77},{"order":6,"refill":{"error":"Incorrect order ID"}}]',
        b'[{"refill":77,"status":"In progress"},{"refill":78,"status":"Odd"}]',
        b'[{"order":5,"cancel":1},{"order":6,"cancel":{"error":"Order cannot be cancelled"}}]',
    )
    async with misbehaving(answers(*map(reply, replies))) as panel:
        caller = caller_of(panel)
        refilled = await caller.refill(["5", "6", "7"])
        seen = await caller.refill_status(["77", "78"])
        canceled = await caller.cancel(["5", "6"])
        await caller.close()
    unknown = Refused(Code.ORDER_NOT_FOUND, "Incorrect order ID")
    refused = Refused(Code.CANCEL_REFUSED, "Order cannot be cancelled")
    assert refilled == {"5": Taken("77"), "6": unknown}
    assert seen == {"77": RefillSeen(RefillWord.IN_PROGRESS), "78": RefillSeen(None, "Odd")}
    assert canceled == {"5": Taken(), "6": refused}
    sent = [fields(each) for each in panel.requests]
    assert [each["action"] for each in sent] == [["refill"], ["refill_status"], ["cancel"]]
    assert sent[0]["orders"] == ["5,6,7"]
    assert sent[1]["refills"] == ["77,78"]


async def test_what_there_is_no_action_for_is_not_sent() -> None:
    async with misbehaving(answers(BALANCE)) as panel:
        caller = ProviderClient(panel.provider(), dialect("smmia"), KEY, PATIENT)
        for answer in (
            await caller.refill(["5"]),
            await caller.refill_status(["5"]),
            await caller.cancel(["5"]),
        ):
            assert isinstance(answer, Refused)
            assert answer.code is Code.BAD_ACTION
        await caller.close()
        assert panel.requests == []


async def test_batches_of_refills_and_cancels_have_their_bounds() -> None:
    caller = caller_of(Panel(9))
    alone = ProviderClient(Panel(9).provider(), dialect("keralasmm"), KEY, PATIENT)
    for ids in ([], [str(each) for each in range(101)]):
        for ask in (caller.refill, caller.refill_status, caller.cancel):
            with pytest.raises(ValueError, match=f"{len(ids)}"):
                await ask(ids)
    for ask in (alone.refill, alone.cancel):
        with pytest.raises(ValueError, match="2"):
            await ask(["1", "2"])
    await caller.close()
    await alone.close()


@pytest.mark.parametrize("answer", [reply(b"<html>", 502), reply(b""), reply(b"nonsense")])
async def test_refills_and_cancels_that_fail_say_why(answer: bytes) -> None:
    async with misbehaving(answers(answer)) as panel:
        caller = caller_of(panel)
        for read in (
            await caller.refill(["5"]),
            await caller.refill_status(["5"]),
            await caller.cancel(["5"]),
        ):
            assert isinstance(read, Unclear)
            assert read.why.startswith("HTTP ")
        await caller.close()


async def test_the_key_stands_where_the_dialect_has_it() -> None:
    requests = replace(STANDARD.spelling.requests, key="api_token")
    other = Dialect(replace(STANDARD.spelling, requests=requests))
    async with misbehaving(answers(BALANCE)) as panel:
        caller = ProviderClient(panel.provider(), other, KEY, PATIENT)
        await caller.balance()
        await caller.close()
    sent = fields(panel.requests[0])
    assert sent["api_token"] == [KEY]
    assert "key" not in sent


async def test_what_had_to_be_repaired_is_counted_until_it_is_taken() -> None:
    row = b'{"service": 1, "name": "F", "type": "Default", "category": "C", "rate": "1"'
    wrapped = b'{"data": [' + row + b', "min": "1", "max": "9"}]}'
    async with misbehaving(answers(reply(wrapped))) as panel:
        caller = caller_of(panel)
        assert caller.take_repairs() == {}
        for _ in range(2):
            assert isinstance(await caller.services(), ServicesRead)
        assert caller.take_repairs() == {"wrapped": 2}
        assert caller.take_repairs() == {}
        await caller.close()


async def test_a_probe_may_ask_for_anything_that_changes_nothing() -> None:
    echo = reply(b'{"error": "Incorrect request: ' + KEY.encode() + b'"}')
    async with misbehaving(answers(echo)) as panel:
        caller = caller_of(panel)
        read = await caller.ask({"action": "whatever", "order": "1"})
        assert isinstance(read, Reply)
        assert read.status == 200
        assert KEY.encode() not in read.body
        assert fields(panel.requests[0])["action"] == ["whatever"]
        for word in ("add", "refill", "cancel", " ADD ", "Cancel"):
            with pytest.raises(ValueError, match="does not"):
                await caller.ask({"action": word})
        assert len(panel.requests) == 1
        await caller.close()
        assert isinstance(await caller.ask({"action": "status"}), Unclear)


TOO_MANY = b'{"error": "Too many requests. Limit 50/minute."}'


@pytest.mark.parametrize("status", [200, 429])
async def test_one_call_too_many_teaches_and_the_next_is_not_sent(status: int) -> None:
    refusal = reply(TOO_MANY, status, ["Retry-After: 120"])
    async with misbehaving(answers(refusal)) as panel:
        caller = caller_of(panel)
        assert caller.budget_text == ""
        assert caller.places() == 8
        attempted = await caller.add("101", PLACEMENT)
        assert attempted.outcome is Outcome.REFUSED
        assert attempted.refused
        assert attempted.refused.code is Code.RATE_LIMIT
        assert attempted.retry_after_seconds == 120
        assert "at most 50 calls a minute" in caller.budget_text
        assert caller.places() == 0

        again = await caller.add("101", PLACEMENT)
        read = await caller.balance()
        await caller.close()
    assert again.outcome is Outcome.NOT_SENT
    assert not again.trace.sent
    assert isinstance(read, Unclear)
    assert len(panel.requests) == 1


@pytest.mark.parametrize("status", [200, 429])
async def test_reads_teach_as_well(status: int) -> None:
    async with misbehaving(answers(reply(TOO_MANY, status))) as panel:
        caller = caller_of(panel)
        read = await caller.status(["5"])
        assert isinstance(read, Refused)
        assert read.code is Code.RATE_LIMIT
        assert "learned from" in caller.budget_text
        await caller.close()
        assert len(panel.requests) == 1


async def test_a_bare_429_teaches_although_it_proves_nothing() -> None:
    async with misbehaving(answers(reply(b"<html>slow down</html>", 429))) as panel:
        caller = caller_of(panel)
        attempted = await caller.add("101", PLACEMENT)
        assert attempted.outcome is Outcome.UNCERTAIN
        assert caller.budget_text
        await caller.close()


async def test_the_documents_pace_is_kept_from_the_first_call_on() -> None:
    async with misbehaving(answers(BALANCE)) as panel:
        provider = replace(panel.provider(), calls_per_minute=1)
        limits = replace(PATIENT, place_milliseconds=50)
        caller = ProviderClient(provider, STANDARD, KEY, limits)
        assert isinstance(await caller.balance(), Balance)
        assert isinstance(await caller.balance(), Unclear)
        assert (await caller.add("101", PLACEMENT)).outcome is Outcome.NOT_SENT
        await caller.close()
        assert len(panel.requests) == 1
