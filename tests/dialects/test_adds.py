from dataclasses import replace

import pytest

from gateway.dialects import json_text
from gateway.dialects.book import BOOK
from gateway.dialects.dialect import Dialect
from gateway.dialects.spelling import RefusalShape
from gateway.dialects.standard import STANDARD
from gateway.domain.observations import Accepted, Refused, Unclear
from gateway.domain.refusals import Code


@pytest.mark.parametrize(
    ("body", "order"),
    [
        # A1
        ('{"order":23501}', "23501"),
        ('{"order":"23501"}', "23501"),
        ('{"status":"success","order":32}', "32"),
        ('{"status":"Success","order":32}', "32"),
        ('{"success":true,"order":32}', "32"),
        ('{"order":5,"charge":"0.27","currency":"USD"}', "5"),
        (' {"order": 999999999999999999}\n', "9" * 18),
    ],
)
def test_accepted(body: str, order: str) -> None:
    assert STANDARD.read_add(200, body.encode()) == Accepted(order)


@pytest.mark.parametrize(
    "body",
    [
        # A2
        *('{"order":"ord_01HG9X7KJP4N"}', '{"order":"UC-881"}', '{"order_id":5}', '{"id":5}'),
        '[[{"id":5,"status":"ok"}]]',
        # A3
        *('{"order":0}', '{"order":-1}', '{"order":true}', '{"order":1.5}', '{"order":null}'),
        *('{"order":""}', '{"order":" 5"}', '{"order":1234567890123456789}', '{"order":"05"}'),
        *(
            '{"order":5.0}',
            '{"order":1e3}',
            '{"order":[5]}',
            '{"order":"\N{FULLWIDTH DIGIT FIVE}"}',
            '{"Order":5}',
        ),
        # A4
        *('{"order":5,"error":"x"}', '{"order":5,"error":null}', '{"order":5,"Error":"x"}'),
        *('{"order":5,"errors":["x"]}', '{"order":5,"order":6}', '{"status":"error","order":5}'),
        *('{"order":5,"success":false}', '{"error":"Bad link","id":5}'),
        # A6
        *('{"error":""}', '{"error":" "}', '{"error":null}', "{}", "[]", "null", "5", '"5"'),
        *('{"status":"success"}', '{"success":"ok"}', '{"error":{"text":"Bad link"}}'),
        # A7
        *('{"errors":["Bad link"]}', '{"status":"error","msg":"x"}', '{"error":["x"]}'),
        # A8
        '{"status":"error","message":"Invalid Interval in minutes"}',
        '{"status":"success","error":"Bad link"}',
        # A9, A10
        *("", "<html></html>", '{"order":5,}', '{"order":5}x', '{"order":5', "order=5"),
        'Notice: Undefined index ... on line 5<br>{"order":5}',
        '\ufeff{"order":5}',
        '{"error":"Bad link","error":"Bad link"}',
        '{"error":"Bad link",}',
        *('{"order":5,"charge":NaN}', '{"order":NaN}', '{"order":5,"row":{"a":1,"a":1}}'),
        '{"order":5,"row":' + "[" * 10_000 + "]" * 10_000 + "}",
    ],
    ids=lambda body: f"{body[:40]!r} of {len(body)}",
)
@pytest.mark.parametrize("status", [200, 400, 429, 500])
def test_uncertain(body: str, status: int) -> None:
    assert isinstance(STANDARD.read_add(status, body.encode()), Unclear)


@pytest.mark.parametrize("status", [200, 400, 402])
def test_a_doubtful_sentence_is_uncertain(status: int) -> None:
    # A11
    for text in ("Unknown error, please try again later", "Bad link (timeout)"):
        assert isinstance(STANDARD.read_add(status, json_text.write({"error": text})), Unclear)


@pytest.mark.parametrize("status", [200, 400, 401, 402, 403, 404, 422])
def test_refused(status: int) -> None:
    # A5
    body = b'{"error":"Quantity less than minimal 200","code":7}'
    assert STANDARD.read_add(status, body) == Refused(Code.MIN, "Quantity less than minimal 200")
    unseen = b'{"error":"The moon is full"}'
    assert STANDARD.read_add(status, unseen) == Refused(None, "The moon is full")


def test_too_many_requests() -> None:
    # A12
    for text in ("Too many requests", "Slow down", "Too many requests, try again later"):
        body = json_text.write({"error": text})
        assert STANDARD.read_add(429, body) == Refused(Code.RATE_LIMIT, text)
    assert isinstance(STANDARD.read_add(429, b"Too many requests"), Unclear)


def test_an_order_that_was_created() -> None:
    # several web frameworks answer every POST with 201
    assert STANDARD.read_add(201, b'{"order":5}') == Accepted("5")
    for body in (b'{"error":"Bad link"}', b"{}", b"", b'{"order":5,"error":"Bad link"}'):
        assert isinstance(STANDARD.read_add(201, body), Unclear)
    balance = b'{"balance":"7","currency":"USD"}'
    assert STANDARD.read_balance(201, balance) == STANDARD.read_balance(200, balance)


@pytest.mark.parametrize("status", [100, 202, 204, 301, 302, 307, 500, 502, 503, 504, 520])
@pytest.mark.parametrize("body", [b'{"order":5}', b'{"error":"Bad link"}', b""])
def test_other_http_statuses_prove_nothing(status: int, body: bytes) -> None:
    # A11
    assert isinstance(STANDARD.read_add(status, body), Unclear)


def test_an_order_beside_a_refusing_status_proves_nothing() -> None:
    assert isinstance(STANDARD.read_add(404, b'{"order":5}'), Unclear)


def test_the_family_of_smartpanel_refuses_with_a_message() -> None:
    # A8
    body = b'{"status":"error","message":"Invalid Interval in minutes"}'
    refused = Refused(Code.BAD_PARAMS, "Invalid Interval in minutes")
    for name in BOOK:
        read = BOOK[name].read_add(200, body)
        assert read == refused if name in {"keralasmm", "smmia"} else isinstance(read, Unclear)
    for beside in (b'"order":5', b'"id":5', b'"Order_ID":null'):
        damaged = body.replace(b"}", b"," + beside + b"}")
        assert isinstance(BOOK["keralasmm"].read_add(200, damaged), Unclear)
    doubtful = b'{"status":"error","message":"Try again"}'
    assert isinstance(BOOK["smmia"].read_add(200, doubtful), Unclear)


NESTED = Dialect(
    replace(
        STANDARD.spelling,
        adds=replace(STANDARD.spelling.adds, within=("data", "row")),
        refusals=(RefusalShape("error.text"),),
    )
)


@pytest.mark.parametrize(
    ("body", "reading"),
    [
        ('{"data":{"row":{"order":5}}}', Accepted("5")),
        ('{"status":"success","data":{"row":{"order":5,"success":true}}}', Accepted("5")),
        ('{"error":{"text":"Bad link"}}', Refused(Code.BAD_LINK, "Bad link")),
        *(
            (body, None)
            for body in (
                '{"order":5}',
                '{"data":{"order":5}}',
                '{"data":{"row":[{"order":5}]}}',
                '{"status":"error","data":{"row":{"order":5}}}',
                '{"data":{"row":{"order":5,"status":"error"}}}',
                '{"data":{"row":{"order":5,"error":null}}}',
                '{"error":null,"data":{"row":{"order":5}}}',
                '{"error":{"text":"Bad link"},"data":{"row":{"order":5}}}',
                '{"error":"Bad link"}',
            )
        ),
    ],
)
def test_an_order_within_an_answer(body: str, reading: object) -> None:
    read = NESTED.read_add(200, body.encode())
    assert read == reading if reading else isinstance(read, Unclear)
    if isinstance(reading, Accepted):
        assert NESTED.read_add(200, json_text.write(NESTED.answer_add("5"))) == reading
