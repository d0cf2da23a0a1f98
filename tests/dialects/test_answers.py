from decimal import Decimal

from gateway.dialects import json_text
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
