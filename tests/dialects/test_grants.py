from collections import Counter
from dataclasses import replace

import pytest

from gateway.dialects import json_text
from gateway.dialects.book import BOOK
from gateway.dialects.dialect import Dialect
from gateway.dialects.rows import NOT_ASKED
from gateway.dialects.spelling import Key, Rows
from gateway.dialects.standard import STANDARD
from gateway.domain.observations import RefillSeen, RefillWord, Refused, Taken, Unclear
from gateway.domain.refusals import Code, Refusal

TAKEN = Taken()
NOT_FOUND = Refused(Code.ORDER_NOT_FOUND, "Incorrect order ID")
NOT_ELIGIBLE = Refused(Code.REFILL_REFUSED, "Order not eligible for refill.")
AGAIN = Refused(Code.REFILL_IN_PROGRESS, "Refill already in progress")
NO_TEXT = Refused(None, "an error without a text")


@pytest.mark.parametrize(
    ("orders", "body", "expected"),
    [
        ("5", '{"refill":"1"}', {"5": Taken("1")}),
        # S19
        ("5", '{"refill":7}', {"5": Taken("7")}),
        ("5", '{"refill":"R-7"}', {"5": Taken("R-7")}),
        ("5", '{"refill":5}', {"5": TAKEN}),
        ("5", '{"refill":true}', {"5": TAKEN}),
        ("1", '{"refill":true}', {"1": TAKEN}),
        ("5", '{"refill":"requested"}', {"5": TAKEN}),
        ("5", '{"refill":{"error":"Refill already in progress"}}', {"5": AGAIN}),
        ("5", '{"refill":{"error":true}}', {"5": NO_TEXT}),
        ("5", '{"refill":"Incorrect order ID"}', {"5": NOT_FOUND}),
        *(
            ("5", body, {"5": TAKEN})
            for body in (
                '{"success":"Your order will be refill asap. Thank you for patience."}',
                '{"success":true}',
                '{"Success":1}',
                '{"status":"Success","message":"Your order successfully added for refill."}',
                '{"status":success}',
                '[{"success":"asap"}]',
                '{"5":{"success":"asap"}}',
                '{"order":5,"success":"asap"}',
            )
        ),
        ("5", '{"success":"asap","refill":12345}', {"5": Taken("12345")}),
        ("5", '{"success":"asap","refill":{"error":"Refill not allowed"}}', None),
        ("5", '[{"refill":1}]', {"5": Taken("1")}),
        ("5", '{"5":7}', {"5": Taken("7")}),
        ("5", '{"5":"Incorrect order ID"}', {"5": NOT_FOUND}),
        ("5", '{"5":"Half a moon"}', {}),
        ("5", '{"order":6,"refill":7}', {}),
        ("5", '{"order":"5","refill":7}', {"5": Taken("7")}),
        ("5", '{"refill":7,}', {"5": Taken("7")}),
        ("1,2,3", '[{"order":2,"refill":20},{"order":"1","refill":10}]', "1 and 2"),
        ("1,2,3", '[{"1":{"refill":10},"2":{"refill":20}}]', "1 and 2"),
        ("1,2,3", '{"1":{"refill":10},"2":{"order":2,"refill":20}}', "1 and 2"),
        ("1,2", '[{"order":1,"refill":{"error":"Incorrect order ID"}}]', {"1": NOT_FOUND}),
        # S20
        ("1,2", '[{"order":1,"error":"Incorrect order ID"}]', {"1": NOT_FOUND}),
        ("1,2", '[{"order":1,"refill":10},{"order":1,"refill":11}]', {}),
        ("1,2", '[{"order":1,"refill":10},{"order":1,"refill":10}]', {"1": Taken("10")}),
        ("1,2", '{"1":{"order":2,"refill":10}}', {}),
        *(("1,2", empty, {}) for empty in ("[]", "{}", "[[]]", "[null,5]")),
        *(
            ("5", f'{{"refill":{value}}}', {})
            for value in ("0", "false", '""', '"0"', "-1", "1.5", "[]", "[1]", '"1 2"', "{}")
        ),
        *(("5", f'{{"success":{value}}}', Unclear) for value in ('"0"', '"false"', '" "')),
        *(
            (orders, body, Unclear)
            for orders, body in (
                ("5", '{"success":false,"message":"no"}'),
                ("5", '{"status":"error","message":"no"}'),
                ("5", '{"refill":null}'),
                ("5", "null"),
                ("5", "7"),
                ("5", ""),
                ("5", "<html>"),
                ("5", '{"error":"Please try again later"}'),
                ("1,2", '{"refill":7}'),
                ("1,2", '{"success":"asap"}'),
            )
        ),
        ("5", '{"error":"Refill already in progress"}', {"5": AGAIN}),
        ("5", '{"error":"Order not eligible for refill."}', {"5": NOT_ELIGIBLE}),
        ("5", '{"error":"The moon is full"}', {"5": Refused(None, "The moon is full")}),
        ("1,2", '{"error":"The moon is full"}', Refused(None, "The moon is full")),
        ("1,2", '{"error":"Incorrect order ID"}', NOT_FOUND),
        ("5", '{"error":"Invalid API key"}', Refused(Code.BAD_KEY, "Invalid API key")),
        ("5", '{"error":"Incorrect request"}', Refused(Code.BAD_ACTION, "Incorrect request")),
    ],
)
def test_refill(orders: str, body: str, expected: object) -> None:
    read = STANDARD.read_refill(orders.split(","), 200, body.encode())
    if expected == "1 and 2":
        expected = {"1": Taken("10"), "2": Taken("20")}
    if expected is None:
        expected = {"5": Refused(Code.REFILL_REFUSED, "Refill not allowed")}
    assert isinstance(read, Unclear) if expected is Unclear else read == expected


@pytest.mark.parametrize(
    ("orders", "body", "expected"),
    [
        ("2", '[{"order":2,"cancel":1}]', {"2": TAKEN}),
        # S22
        ("2", '{"cancel":7}', {"2": TAKEN}),
        ("2", '{"cancel":"1"}', {"2": TAKEN}),
        ("2", '{"success":"We will attempt to cancel this order."}', {"2": TAKEN}),
        ("2", '{"status":"Success","message":"Marked."}', {"2": TAKEN}),
        (
            "4218,4219",
            '{"4218":{"cancel":"requested"},"4219":{"error":"Incorrect order ID"}}',
            {"4218": TAKEN, "4219": NOT_FOUND},
        ),
        (
            "9,2",
            '[{"order":9,"cancel":{"error":"Incorrect order ID"}},{"order":2,"cancel":1}]',
            {"9": NOT_FOUND, "2": TAKEN},
        ),
        (
            "2",
            '{"error":"Cancel request already in progress please wait"}',
            {
                "2": Refused(
                    Code.CANCEL_IN_PROGRESS, "Cancel request already in progress please wait"
                )
            },
        ),
        ("2", '[{"order":2,"cancel":0}]', {}),
        # S20
        ("2", '[{"order":2,"error":"Incorrect order ID"}]', {"2": NOT_FOUND}),
        (
            "9,2",
            '[{"order":9,"error":"Incorrect order ID"},{"order":2,"cancel":1}]',
            {"9": NOT_FOUND, "2": TAKEN},
        ),
    ],
)
def test_cancel(orders: str, body: str, expected: object) -> None:
    assert STANDARD.read_cancel(orders.split(","), 200, body.encode()) == expected


LOST = Refused(Code.REFILL_NOT_FOUND, "Refill not found")
DONE = RefillSeen(RefillWord.COMPLETED)


@pytest.mark.parametrize(
    ("refills", "body", "expected"),
    [
        ("7", '{"status":"Completed"}', {"7": DONE}),
        ("7", '{"status":"half done"}', {"7": RefillSeen(None, "half done")}),
        ("7", '{"status":{"error":"Refill not found"}}', {"7": LOST}),
        ("7", '{"error":"Refill not found"}', {"7": LOST}),
        # S21
        ("7", '{"7":{"status":"Completed"}}', {"7": DONE}),
        ("7", '{"7":"Completed"}', {"7": DONE}),
        ("7", '[{"refill":7,"status":"Completed"}]', {"7": DONE}),
        ("7", '[{"status":"Completed"}]', {"7": DONE}),
        ("7,8", '{"8":"Refill not found","7":{"status":"Completed"}}', {"7": DONE, "8": LOST}),
        (
            "7,8",
            '[{"refill":8,"status":{"error":"Refill not found"}},'
            '{"refill":"7","status":"Completed"}]',
            {"7": DONE, "8": LOST},
        ),
        ("7,8", '[{"refill":8,"error":"Refill not found"}]', {"8": LOST}),
        ("7,8", '[{"refill":8,"error":["x"]}]', {"8": NO_TEXT}),
        ("7,8", '[{"refill":8,"status":null},{"refill":7,"status":[]}]', {}),
        ("7,8", '{"status":"Completed"}', Unclear),
        ("7", '{"error":"The moon is full"}', Refused(None, "The moon is full")),
        ("7", '{"error":"Incorrect request"}', Refused(Code.BAD_ACTION, "Incorrect request")),
        ("7", "", Unclear),
    ],
)
def test_refill_status(refills: str, body: str, expected: object) -> None:
    read = STANDARD.read_refill_status(refills.split(","), 200, body.encode())
    assert isinstance(read, Unclear) if expected is Unclear else read == expected


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        *((word, RefillWord.PENDING) for word in ("Pending", "awaiting")),
        *(
            (word, RefillWord.IN_PROGRESS)
            for word in ("In progress", "IN_PROGRESS", "Inprogress", "Processing", "refilling")
        ),
        *((word, RefillWord.COMPLETED) for word in ("Completed", "complete")),
        *(
            (word, RefillWord.REJECTED)
            for word in ("Rejected", "Canceled", "Cancelled", "Error", "Fail", "failed")
        ),
    ],
)
def test_words_of_refills(word: str, meaning: RefillWord) -> None:
    for name in BOOK:
        body = json_text.write({"status": word})
        assert BOOK[name].read_refill_status(["7"], 200, body) == {"7": RefillSeen(meaning)}


def test_http_statuses_and_notes() -> None:
    noted: Counter[str] = Counter()
    body = b'\xef\xbb\xbf[{"Order":1,"refill":10},{"order":3,"refill":30}]'
    assert STANDARD.read_refill(["1", "2"], 200, body, noted) == {"1": Taken("10")}
    assert noted == {"bom": 1, "key case": 1, NOT_ASKED: 1}
    assert isinstance(STANDARD.read_cancel(["1"], 500, b'{"cancel":1}'), Unclear)
    assert isinstance(STANDARD.read_cancel(["1"], 302, b'{"cancel":1}'), Unclear)
    refused = b'{"error":"Refill already in progress"}'
    assert STANDARD.read_refill(["1"], 409, refused) == {"1": AGAIN}
    slow = STANDARD.read_refill(["1"], 429, refused)
    assert slow == Refused(Code.RATE_LIMIT, "Refill already in progress")


def test_rows_in_a_map_and_within_an_answer() -> None:
    ours = STANDARD.spelling
    other = Dialect(
        replace(
            ours,
            refills=replace(ours.refills, rows=Rows.MAP, within=("data",), one=None),
            refill_statuses=replace(
                ours.refill_statuses, rows=Rows.MAP, within=("data",), status=Key("state")
            ),
        )
    )
    rows: dict[str, Taken | Refusal] = {"1": Taken("10"), "2": Refusal(Code.REFILL_REFUSED)}
    body = json_text.write(other.answer_refill(rows, many=True))
    assert body == (b'{"data":{"1":{"refill":10},"2":{"error":"Order not eligible for refill"}}}')
    refused = Refused(Code.REFILL_REFUSED, "Order not eligible for refill")
    assert other.read_refill(["1", "2"], 200, body) == {"1": Taken("10"), "2": refused}
    one = json_text.write(other.answer_refill({"1": Taken("10")}, many=False))
    assert one == b'{"data":{"1":{"refill":10}}}'
    seen: dict[str, RefillSeen | Refusal] = {"10": DONE, "11": Refusal(Code.REFILL_NOT_FOUND)}
    body = json_text.write(other.answer_refill_status(seen, many=True))
    assert body == b'{"data":{"10":{"state":"Completed"},"11":{"error":"Refill not found"}}}'
    assert other.read_refill_status(["10", "11"], 200, body) == {"10": DONE, "11": LOST}
