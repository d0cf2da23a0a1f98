import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects import json_text
from gateway.dialects.standard import STANDARD
from gateway.domain.observations import Accepted, Refused, Unclear
from gateway.domain.refusals import Code, Refusal


def accepts(body: str | bytes, status: int = 200) -> str | None:
    read = STANDARD.read_add(status, body if isinstance(body, bytes) else body.encode())
    return read.order if isinstance(read, Accepted) else None


@pytest.mark.parametrize(
    ("body", "order"),
    [
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
        *('{"order":"ord_01HG9X7KJP4N"}', '{"order":"UC-881"}', '{"order_id":5}', '{"id":5}'),
        '[[{"id":5,"status":"ok"}]]',
        *('{"order":0}', '{"order":-1}', '{"order":true}', '{"order":1.5}', '{"order":null}'),
        *('{"order":""}', '{"order":" 5"}', '{"order":1234567890123456789}', '{"order":"05"}'),
        *(
            '{"order":5.0}',
            '{"order":1e3}',
            '{"order":[5]}',
            '{"order":"\N{FULLWIDTH DIGIT FIVE}"}',
            '{"Order":5}',
        ),
        *('{"order":5,"error":"x"}', '{"order":5,"error":null}', '{"order":5,"Error":"x"}'),
        *('{"order":5,"errors":["x"]}', '{"order":5,"order":6}', '{"status":"error","order":5}'),
        *('{"order":5,"success":false}', '{"error":"Bad link","id":5}'),
        *('{"error":""}', '{"error":" "}', '{"error":null}', "{}", "[]", "null", "5", '"5"'),
        *('{"status":"success"}', '{"success":"ok"}', '{"errors":["Bad link"]}'),
        *('{"status":"error","msg":"x"}', '{"error":{"text":"Bad link"}}', '{"error":["x"]}'),
        '{"status":"error","message":"Invalid Interval in minutes"}',
        '{"status":"success","error":"Bad link"}',
        *("", "<html></html>", '{"order":5,}', '{"order":5}x', '{"order":5', "order=5"),
        'Notice: Undefined index ... on line 5<br>{"order":5}',
        '\ufeff{"order":5}',
        '{"error":"Bad link","error":"Bad link"}',
        '{"error":"Bad link",}',
    ],
)
@pytest.mark.parametrize("status", [200, 400, 429, 500])
def test_uncertain(body: str, status: int) -> None:
    assert isinstance(STANDARD.read_add(status, body.encode()), Unclear)


@pytest.mark.parametrize("status", [200, 400, 402])
def test_a_doubtful_sentence_is_uncertain(status: int) -> None:
    for text in ("Unknown error, please try again later", "Bad link (timeout)"):
        assert isinstance(STANDARD.read_add(status, json_text.write({"error": text})), Unclear)


@pytest.mark.parametrize("status", [200, 400, 401, 402, 403, 404, 422])
def test_refused(status: int) -> None:
    body = b'{"error":"Quantity less than minimal 200","code":7}'
    assert STANDARD.read_add(status, body) == Refused(Code.MIN, "Quantity less than minimal 200")
    unseen = b'{"error":"The moon is full"}'
    assert STANDARD.read_add(status, unseen) == Refused(None, "The moon is full")


def test_too_many_requests() -> None:
    for text in ("Too many requests", "Slow down", "Too many requests, try again later"):
        body = json_text.write({"error": text})
        assert STANDARD.read_add(429, body) == Refused(Code.RATE_LIMIT, text)
    assert isinstance(STANDARD.read_add(429, b"Too many requests"), Unclear)


@pytest.mark.parametrize("status", [100, 201, 202, 204, 301, 302, 307, 500, 502, 503, 504, 520])
@pytest.mark.parametrize("body", [b'{"order":5}', b'{"error":"Bad link"}', b""])
def test_other_http_statuses_prove_nothing(status: int, body: bytes) -> None:
    assert isinstance(STANDARD.read_add(status, body), Unclear)


def test_an_order_beside_a_refusing_status_proves_nothing() -> None:
    assert isinstance(STANDARD.read_add(404, b'{"order":5}'), Unclear)


ORDERS = st.integers(1, 10**18 - 1)
NOISE = st.binary(min_size=1, max_size=12).filter(lambda noise: bool(noise.strip(b" \t\r\n")))


@given(ORDERS)
def test_what_is_written_is_read_again(order: int) -> None:
    body = json_text.write(STANDARD.answer_add(str(order)))
    assert STANDARD.read_add(200, body) == Accepted(str(order))


@given(ORDERS, st.data())
def test_a_damaged_answer_is_uncertain(order: int, data: st.DataObject) -> None:
    body = json_text.write(STANDARD.answer_add(str(order)))
    cut = data.draw(st.integers(0, len(body) - 1))
    noise = data.draw(NOISE)
    for damaged in (
        body[:cut],
        noise + body,
        body + noise,
        body + body,
        body.replace(b"{", b'{"order":7,'),
        body.replace(b"}", b',"order":' + str(order).encode() + b"}"),
        body.replace(b"}", b',"error":"Incorrect link"}'),
        body.replace(b"}", b',"error":null}'),
        body.replace(b"}", b",}"),
        body.replace(b"{", b"{,"),
    ):
        assert accepts(damaged) is None
        assert isinstance(STANDARD.read_add(200, damaged), Unclear)


@given(st.integers(0, 999), st.binary(max_size=100))
def test_reading_is_total(status: int, body: bytes) -> None:
    assert isinstance(STANDARD.read_add(status, body), Accepted | Refused | Unclear)


@pytest.mark.parametrize("code", Code)
def test_our_refusals_are_read_as_refusals(code: Code) -> None:
    detail = {Code.MIN: "50", Code.MAX: "10", Code.BAD_PARAMS: "runs", Code.MISSING: "link"}
    body = json_text.write(STANDARD.answer_refusal(Refusal(code, detail.get(code, ""))))
    read = STANDARD.read_add(200, body)
    assert isinstance(read, Refused)
    assert read.code is code
