from dataclasses import replace

import pytest

from gateway.dialects import json_text
from gateway.dialects.book import BOOK
from gateway.dialects.dialect import Dialect
from gateway.dialects.quirks import id_pattern, with_quirks
from gateway.dialects.standard import STANDARD
from gateway.domain.catalog import Quirks
from gateway.domain.observations import Accepted, Refused, Unclear
from gateway.domain.placements import Placement
from gateway.domain.refusals import Code
from gateway.domain.services import ServiceType


def read(panel: Dialect, body: str, status: int = 200) -> Accepted | Refused | Unclear:
    return panel.read_add(status, body.encode())


def test_without_quirks_the_dialect_is_the_same() -> None:
    assert with_quirks(STANDARD, Quirks()) is STANDARD
    assert with_quirks(STANDARD, Quirks(drip_max_total=True)) is STANDARD


def test_the_id_under_another_key() -> None:
    panel = with_quirks(STANDARD, Quirks(order_field="order_id"))
    assert read(panel, '{"order_id":5}') == Accepted("5")
    assert isinstance(read(panel, '{"order":5}'), Unclear)
    assert isinstance(read(panel, '{"order_id":5,"error":"Bad link"}'), Unclear)
    assert isinstance(read(panel, '{"Order_ID":5,"error":"Bad link"}'), Unclear)
    assert panel.answer_add("5") == {"order_id": 5}


def test_ids_that_are_no_numbers() -> None:
    panel = with_quirks(STANDARD, Quirks(id_pattern=r"(?:ord_|UC-)[0-9A-Z]{1,20}"))
    for order in ("ord_01HG9X7KJP4N", "UC-881"):
        assert read(panel, f'{{"order":"{order}"}}') == Accepted(order)
        assert isinstance(read(STANDARD, f'{{"order":"{order}"}}'), Unclear)
    for order in ('"ord_"', "5", '"UC-881 "', '"UC-' + "1" * 80 + '"'):
        assert isinstance(read(panel, f'{{"order":{order}}}'), Unclear)
    anything = with_quirks(STANDARD, Quirks(id_pattern=".+"))
    for order in ('"1,2"', '"1 2"', '"\\u0661"', '"' + "1" * 65 + '"'):
        assert isinstance(read(anything, f'{{"order":{order}}}'), Unclear)


@pytest.mark.parametrize("text", [r"[A-Z]{2}-\d+", "ord_[0-9a-f]{8,32}", "(?:a|b)[0-9]*", r"\.x?"])
def test_patterns_that_are_taken(text: str) -> None:
    assert id_pattern(text).pattern == text


@pytest.mark.parametrize(
    "text",
    [
        *("(a+)+", "(?:a|b)*", "(?:a*){9}", "(?=a)b", "(?P<n>a)", r"(a)\1", "(?#x)a"),
        *("a*b*c*d*", "a{1,9}b{1,9}c{1,9}d{1,9}", "[", "a{2,1}", "(", "a" * 201),
    ],
)
def test_patterns_that_might_never_answer(text: str) -> None:
    with pytest.raises(ValueError, match=r"longer than|only literals|no regular expression"):
        id_pattern(text)


def test_refusals_under_other_keys() -> None:
    panel = with_quirks(STANDARD, Quirks(refusal_fields=("errors", "msg")))
    assert read(panel, '{"errors":["Bad link","Bad day"]}') == Refused(
        Code.BAD_LINK, "Bad link; Bad day"
    )
    assert read(panel, '{"status":"error","msg":"Not enough funds"}') == Refused(
        Code.FUNDS, "Not enough funds"
    )
    for body in ('{"errors":[]}', '{"errors":[5]}', '{"errors":{"a":"b"}}', '{"msg":"Try again"}'):
        assert isinstance(read(panel, body), Unclear)
    for body in ('{"order":5,"errors":["Bad link"]}', '{"status":"success","msg":"Bad link"}'):
        assert isinstance(read(panel, body), Unclear)
    assert read(panel, '{"order":5,"msg":"Thank you"}') == Accepted("5")
    assert isinstance(read(STANDARD, '{"errors":["Bad link"]}'), Unclear)


def test_a_bare_429() -> None:
    panel = with_quirks(STANDARD, Quirks(trusts_429=True))
    for body in ("", "<html>", "Too many requests", "{}", '{"code":429}', "[]"):
        assert read(panel, body, 429) == Refused(Code.RATE_LIMIT, "HTTP 429")
        assert isinstance(read(STANDARD, body, 429), Unclear)
        assert isinstance(read(panel, body, 503), Unclear)
    assert isinstance(read(panel, '{"order":5}', 429), Unclear)
    assert isinstance(read(panel, '{"id":5}', 429), Unclear)


def test_pages_and_double_decoding() -> None:
    panel = with_quirks(BOOK["keralasmm"], Quirks(page_size=500, decodes_twice=True))
    assert panel.write_services(500) == {"action": "services", "limit": "500", "offset": "500"}
    placement = Placement(1, ServiceType.PACKAGE, "https://a.example/%2B+", 1)
    assert panel.write_add("5", placement)["link"] == "https://a.example/%252B%2B"


def test_sentences_of_its_own() -> None:
    texts = (("Closed for today", Code.MAINTENANCE), ("Please try again later", Code.RATE_LIMIT))
    panel = with_quirks(STANDARD, Quirks(texts=texts))
    for sentence, code in texts:
        body = json_text.write({"error": sentence.upper() + "."}).decode()
        assert read(panel, body) == Refused(code, sentence.upper() + ".")
        balance = panel.read_balance(200, body.encode())
        assert isinstance(balance, Refused)
        assert balance.code is code
    assert isinstance(read(STANDARD, '{"error":"Please try again later"}'), Unclear)
    unseen = read(STANDARD, '{"error":"Closed for today"}')
    assert unseen == Refused(None, "Closed for today")
    long = read(panel, '{"error":"Shop 5: closed for today, sorry"}')
    assert long == Refused(Code.MAINTENANCE, "Shop 5: closed for today, sorry")


def test_a_dialect_of_another_name_keeps_what_it_has() -> None:
    adds = replace(STANDARD.spelling.adds, trusts_429=True)
    held = Dialect(replace(STANDARD.spelling, adds=adds))
    assert with_quirks(held, Quirks(order_field="id")).spelling.adds.trusts_429
