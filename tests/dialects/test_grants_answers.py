"""The answers to refill, refill_status and cancel, letter for letter (protocol.md 1.3 and 2.2)."""

import pytest

from gateway.dialects import json_text
from gateway.dialects.book import BOOK
from gateway.dialects.json_text import Json
from gateway.domain.observations import RefillSeen, RefillWord, Taken
from gateway.domain.refusals import Code, Refusal

Rows = dict[str, Taken | Refusal]


def text(answer: Json) -> str:
    return json_text.write(answer).decode()


@pytest.mark.parametrize(
    ("name", "refill", "cancel"),
    [
        ("standard", '{"refill":"1"}', '[{"order":9,"cancel":1}]'),
        (
            "keralasmm",
            '{"success":"Your order will be refill asap. Thank you for patience."}',
            '{"success":"Your order will be cancel asap. Thank you for patience."}',
        ),
        (
            "smmserver",
            '{"success":"Your order will be refill asap. Thank you for patience","refill":1}',
            '{"success":"We will attempt to cancel this order. Cancellation is not guaranteed.'
            ' Please check again in 5 minutes."}',
        ),
        (
            "smmbros",
            '{"status":"Success","message":"Your order successfully added for refill.'
            ' Thank you for patience."}',
            '{"status":"Success","message":"Your order was successfully marked for cancellation.'
            ' Thank you for patience."}',
        ),
        ("smmia", '{"refill":"1"}', '[{"order":9,"cancel":1}]'),
    ],
)
def test_one_that_was_taken(name: str, refill: str, cancel: str) -> None:
    assert text(BOOK[name].answer_refill({"9": Taken("1")}, many=False)) == refill
    assert text(BOOK[name].answer_cancel({"9": Taken()}, many=False)) == cancel


@pytest.mark.parametrize("name", BOOK)
def test_many_are_rows_in_the_order_asked(name: str) -> None:
    rows: Rows = {"3": Taken("5"), "1": Taken("7")}
    assert text(BOOK[name].answer_refill(rows, many=True)) == (
        '[{"order":3,"refill":5},{"order":1,"refill":7}]'
    )
    assert text(BOOK[name].answer_cancel({"3": Taken(), "1": Taken()}, many=True)) == (
        '[{"order":3,"cancel":1},{"order":1,"cancel":1}]'
    )
    assert text(BOOK[name].answer_refill({"3": Taken("5")}, many=True)) == (
        '[{"order":3,"refill":5}]'
    )
    assert BOOK[name].answer_refill({}, many=True) == []


@pytest.mark.parametrize(
    ("name", "code", "one", "row"),
    [
        ("standard", Code.ORDER_NOT_FOUND, "Incorrect order ID", "Incorrect order ID"),
        ("standard", Code.REFILL_REFUSED, *["Order not eligible for refill"] * 2),
        ("standard", Code.REFILL_IN_PROGRESS, *["Refill already in progress"] * 2),
        ("keralasmm", Code.ORDER_NOT_FOUND, "Order ID not Found", "Order ID not Found"),
        ("keralasmm", Code.REFILL_IN_PROGRESS, *["Refill already in progress"] * 2),
        ("smmserver", Code.REFILL_REFUSED, "Order not eligible for refill.", "Invalid Request"),
        ("smmserver", Code.ORDER_NOT_FOUND, "Incorrect order ID", "Incorrect order ID"),
        ("smmbros", Code.REFILL_REFUSED, *["Order not eligible for refill"] * 2),
        ("smmia", Code.ORDER_NOT_FOUND, "Incorrect order ID", "Incorrect order ID"),
    ],
)
def test_a_refused_refill(name: str, code: Code, one: str, row: str) -> None:
    rows: Rows = {"9": Refusal(code)}
    assert BOOK[name].answer_refill(rows, many=False) == {"error": one}
    assert BOOK[name].answer_refill(rows, many=True) == [{"order": 9, "refill": {"error": row}}]


@pytest.mark.parametrize(
    ("name", "code", "sentence"),
    [
        ("standard", Code.CANCEL_REFUSED, "Order not eligible for cancellation"),
        ("keralasmm", Code.CANCEL_IN_PROGRESS, "Cancel request already in progress please wait"),
        ("keralasmm", Code.ORDER_NOT_FOUND, "Order ID not Found"),
        ("smmserver", Code.CANCEL_REFUSED, "Order not eligible for cancellation."),
        ("smmbros", Code.CANCEL_IN_PROGRESS, "Cancel request already in progress"),
        ("smmia", Code.CANCEL_REFUSED, "Order not eligible for cancellation"),
    ],
)
def test_a_refused_cancel(name: str, code: Code, sentence: str) -> None:
    row: list[Json] = [{"order": 9, "cancel": {"error": sentence}}]
    by_rows = name in {"standard", "smmia"}
    rows: Rows = {"9": Refusal(code)}
    assert BOOK[name].answer_cancel(rows, many=False) == (row if by_rows else {"error": sentence})
    assert BOOK[name].answer_cancel(rows, many=True) == row


def test_refill_status() -> None:
    rejected = RefillSeen(RefillWord.REJECTED)
    rows: dict[str, RefillSeen | Refusal] = {"2": rejected, "3": Refusal(Code.REFILL_NOT_FOUND)}
    for name in BOOK:
        word = "Cancelled" if name == "smmserver" else "Rejected"
        lost = "Refill Request Not found" if name == "smmserver" else "Refill not found"
        assert BOOK[name].answer_refill_status({"2": rejected}, many=False) == {"status": word}
        assert BOOK[name].answer_refill_status({"3": rows["3"]}, many=False) == {"error": lost}
        assert BOOK[name].answer_refill_status(rows, many=True) == [
            {"refill": 2, "status": word},
            {"refill": 3, "status": {"error": lost}},
        ]
    unknown = RefillSeen(None, "half done")
    assert BOOK["standard"].answer_refill_status({"2": unknown}, many=False) == {
        "status": "half done"
    }


def test_without_an_id_of_its_own_the_order_s_is_told() -> None:
    standard = BOOK["standard"]
    assert standard.answer_refill({"9": Taken()}, many=False) == {"refill": "9"}
    assert standard.answer_refill({"9": Taken()}, many=True) == [{"order": 9, "refill": 9}]
    assert standard.answer_cancel({"9": Taken("5")}, many=True) == [{"order": 9, "cancel": 5}]
