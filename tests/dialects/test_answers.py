from decimal import Decimal

import pytest

from gateway.dialects import json_text
from gateway.dialects.book import BOOK
from gateway.dialects.standard import STANDARD
from gateway.domain.catalog import Listing
from gateway.domain.observations import Balance, Observation, Word
from gateway.domain.refusals import Code, Refusal

PARTIAL = Observation(Word.PARTIAL, Decimal("0.278190"), 3572, 157, "USD")
PARTIAL_WRITTEN = (
    b'{"charge":"0.27819","start_count":"3572","status":"Partial","remains":"157","currency":"USD"}'
)


def test_add() -> None:
    assert json_text.write(STANDARD.answer_add("23501")) == b'{"order":23501}'


def test_balance() -> None:
    body = json_text.write(STANDARD.answer_balance(Balance(Decimal("1E+2"), "USD")))
    assert body == b'{"balance":"100.00","currency":"USD"}'


def test_status_of_one() -> None:
    body = json_text.write(STANDARD.answer_status({"1": PARTIAL}, many=False))
    assert body == PARTIAL_WRITTEN
    lost = json_text.write(STANDARD.answer_status({"1": Refusal(Code.ORDER_NOT_FOUND)}, many=False))
    assert lost == b'{"error":"Incorrect order ID"}'
    assert json_text.write(STANDARD.answer_status({}, many=False)) == lost


def test_status_of_many_is_a_map_even_for_one() -> None:
    rows = {"10": Refusal(Code.ORDER_NOT_FOUND), "1": PARTIAL}
    body = json_text.write(STANDARD.answer_status(rows, many=True))
    assert body == b'{"10":{"error":"Incorrect order ID"},"1":' + PARTIAL_WRITTEN + b"}"
    body = json_text.write(STANDARD.answer_status({"1": PARTIAL}, many=True))
    assert body == b'{"1":' + PARTIAL_WRITTEN + b"}"


def test_an_unknown_start_is_written_as_nought() -> None:
    answer = STANDARD.answer_status({"1": Observation(Word.PENDING)}, many=False)
    assert answer == {"charge": None, "start_count": "0", "status": "Pending", "remains": None}


def test_services() -> None:
    listing = Listing(
        *("1", "Followers", "First Category", "Default", Decimal("0.9"), 50, 10_000),
        drip_feed=True,
        refill=False,
        cancel=True,
        description="Fast",
    )
    assert json_text.write(STANDARD.answer_services([listing])) == (
        b'[{"service":1,"name":"Followers","type":"Default","category":"First Category",'
        b'"rate":"0.90","min":"50","max":"10000","dripfeed":true,"refill":false,"cancel":true,'
        b'"description":"Fast"}]'
    )
    assert json_text.write(STANDARD.answer_services([])) == b"[]"


def test_refusals() -> None:
    for refusal, text in (
        (Refusal(Code.NOT_POST), "Incorrect request: use POST"),
        (Refusal(Code.MIN, "50"), "Quantity less than minimal 50"),
        (Refusal(Code.MAX, "10000"), "Quantity more than maximum 10000"),
        (Refusal(Code.MISSING, "link"), "Missing parameter: link"),
        (Refusal(Code.BAD_PARAMS, "runs"), "Incorrect runs"),
        (Refusal(Code.BAD_PARAMS), "Incorrect parameters"),
    ):
        assert STANDARD.answer_refusal(refusal) == {"error": text}


ROW = Observation(Word.PENDING, Decimal("0.0360"), None, 100, "USD")
DONE = Observation(Word.CANCELED, Decimal("0.08011655652"), 181, 100, "USD")
STANDARD_ROW = (
    '{"charge":"0.036","start_count":"0","status":"Pending","remains":"100","currency":"USD"}'
)
KERALASMM_ROW = '"status":"pending","charge":"0.036","start_count":"0","remains":"100"'


@pytest.mark.parametrize(
    ("name", "add", "one"),
    [
        (
            "keralasmm",
            '{"status":"success","order":32}',
            f'{{"order":"32",{KERALASMM_ROW},"currency":"USD"}}',
        ),
        (
            "smmserver",
            '{"order":"32"}',
            STANDARD_ROW,
        ),
        (
            "smmbros",
            '{"order":32}',
            STANDARD_ROW,
        ),
        ("smmia", '{"status":"success","order":32}', f'{{"order":"32",{KERALASMM_ROW}}}'),
    ],
)
def test_add_and_status_of_one_in_each_dialect(name: str, add: str, one: str) -> None:
    dialect = BOOK[name]
    assert json_text.write(dialect.answer_add("32")).decode() == add
    assert json_text.write(dialect.answer_status({"32": ROW}, many=False)).decode() == one
    lost = dialect.answer_status({"32": Refusal(Code.ORDER_NOT_FOUND)}, many=False)
    assert lost == {"error": "Incorrect order ID"}


@pytest.mark.parametrize(
    ("name", "many"),
    [
        (
            "keralasmm",
            '[{"order":"33","error":"Incorrect order ID"},{"order":"32","status":"canceled",'
            '"charge":"0.08011655652","start_count":"181","remains":"100"}]',
        ),
        (
            "smmserver",
            '{"33":{"error":"Incorrect order ID"},"32":{"charge":0.08011655652,'
            '"start_count":"181","status":"Cancelled","remains":"100","currency":"USD"}}',
        ),
        (
            "smmbros",
            '{"33":{"error":"Incorrect order ID"},"32":{"charge":"0.08011655652",'
            '"start_count":"181","status":"Canceled","remains":"100","currency":"USD"}}',
        ),
        (
            "smmia",
            '{"33":"Incorrect order ID","32":{"order":"32","status":"canceled",'
            '"charge":"0.08011655652","start_count":"181","remains":"100"}}',
        ),
    ],
)
def test_status_of_many_in_each_dialect(name: str, many: str) -> None:
    rows = {"33": Refusal(Code.ORDER_NOT_FOUND), "32": DONE}
    assert json_text.write(BOOK[name].answer_status(rows, many=True)).decode() == many


def test_small_and_large_charges_have_no_exponent() -> None:
    for charge, spelled in (
        *(("1E-7", "0.0000001"), ("0E-12", "0"), ("1E+3", "1000"), ("0.10", "0.10")),
        ("123456789.000000000001", "123456789.000000000001"),
    ):
        row = Observation(Word.PENDING, Decimal(charge), 0, 0)
        body = json_text.write(BOOK["smmserver"].answer_status({"1": row}, many=True))
        assert body.startswith(b'{"1":{"charge":' + spelled.encode() + b",")
        read = BOOK["smmserver"].read_status(["1"], 200, body)
        assert read == {"1": row}


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("keralasmm", '{"status":"success","balance":"0.03","currency":"USD"}'),
        ("smmserver", '{"balance":"0.03","currency":"USD"}'),
        ("smmbros", '{"balance":0.030,"currency":"USD"}'),
        ("smmia", '{"status":"success","balance":"0.03","currency":"USD"}'),
    ],
)
def test_balance_in_each_dialect(name: str, body: str) -> None:
    answer = BOOK[name].answer_balance(Balance(Decimal("0.030"), "USD"))
    assert json_text.write(answer).decode() == body


LISTED = Listing(
    *("5", "Likes", "All", "Custom Comments", Decimal("1.50"), 1, 10),
    drip_feed=True,
    refill=False,
    cancel=True,
    description="Fast",
)


@pytest.mark.parametrize(
    ("name", "row"),
    [
        (
            "keralasmm",
            '{"service":"5","category":"All","name":"Likes","description":"Fast","rate":"1.50",'
            '"min":"1","max":"10","type":"custom_comments","dripfeed":"1","refill":"0",'
            '"cancel":"1","average_time":"0"}',
        ),
        (
            "smmserver",
            '{"service":5,"name":"Likes","rate":"1.50","min":"1","max":"10","category":"All",'
            '"type":"custom_comments","description":"Fast","dripfeed":true,"refill":false,'
            '"cancel":true}',
        ),
        (
            "smmbros",
            '{"service":5,"name":"Likes","type":"Custom Comments","category":"All",'
            '"rate":"1.50","min":"1","max":"10"}',
        ),
        (
            "smmia",
            '{"service":"5","name":"Likes","category":"All","rate":"1.50","min":"1","max":"10",'
            '"type":"custom_comments","desc":"Fast","dripfeed":1}',
        ),
    ],
)
def test_services_in_each_dialect(name: str, row: str) -> None:
    body = json_text.write(BOOK[name].answer_services([LISTED]))
    assert body.decode() == f"[{row}]"
    assert BOOK[name].answer_services([]) == []


@pytest.mark.parametrize(
    ("name", "code", "sentence"),
    [
        ("keralasmm", Code.BAD_SERVICE, "Service ID does not exists"),
        ("keralasmm", Code.BAD_ACTION, "This action is Invalid"),
        ("keralasmm", Code.ORDER_NOT_FOUND, "Incorrect order ID"),
        ("smmserver", Code.REFILL_NOT_FOUND, "Refill Request Not found"),
        ("smmserver", Code.BAD_SERVICE, "Incorrect service ID"),
        ("smmbros", Code.BAD_SERVICE, "incorrect service type"),
        ("smmia", Code.BAD_SERVICE, "Service ID does not exists"),
        ("smmia", Code.BAD_ACTION, "This action is Invalid"),
    ],
)
def test_refusals_in_each_dialect(name: str, code: Code, sentence: str) -> None:
    assert BOOK[name].answer_refusal(Refusal(code)) == {"error": sentence}


def test_subscriptions_and_drip_feeds() -> None:
    row = Observation(Word.ACTIVE, children=("11", "12"), posts=5)
    drip = Observation(Word.IN_PROGRESS, Decimal(1), 0, 7, children=("11",), runs=3)
    for name in BOOK:
        one = BOOK[name].answer_status({"1": row}, many=False)
        assert isinstance(one, dict)
        assert one["posts"] == "5"
        assert one["orders"] == ["11", "12"]
        assert "runs" not in one
        many = json_text.write(BOOK[name].answer_status({"1": drip}, many=True))
        assert b'"runs":3,"orders":["11"]' in many
        assert b"posts" not in many
