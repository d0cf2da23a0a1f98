from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest

from gateway.dialects import json_text
from gateway.dialects.book import BOOK
from gateway.dialects.dialect import Dialect
from gateway.dialects.json_text import Json
from gateway.dialects.rows import NOT_ASKED
from gateway.dialects.standard import STANDARD
from gateway.domain.observations import Balance, Observation, Refused, Unclear, Word
from gateway.domain.refusals import Code

DONE = Observation(Word.COMPLETED, Decimal("0.5"), 10, 0, "USD")
ROW = '{"charge":"0.5","start_count":"10","status":"Completed","remains":"0","currency":"USD"}'
NOT_FOUND = Refused(Code.ORDER_NOT_FOUND, "Incorrect order ID")


def read(orders: str, body: str, status: int = 200) -> object:
    return STANDARD.read_status(orders.split(","), status, body.encode())


def read_row(**fields: Json) -> Observation:
    read_one = STANDARD.read_status(["1"], 200, json_text.write({"status": "Pending", **fields}))
    assert isinstance(read_one, dict)
    row = read_one["1"]
    assert isinstance(row, Observation)
    return row


@pytest.mark.parametrize(
    ("orders", "body", "expected"),
    [
        # S2
        ("1", ROW, {"1": DONE}),
        ("1,2", ROW, None),
        ("1,2", '{"order":2,' + ROW[1:], {"2": DONE}),
        ("1", '{"order":2,' + ROW[1:], {}),
        # S3
        ("1,2", f'{{"1":{ROW},"2":{ROW}}}', {"1": DONE, "2": DONE}),
        ("1,2", f'[{{"order":2,{ROW[1:]},{{"order":"1",{ROW[1:]}]', {"2": DONE, "1": DONE}),
        ("1,2", f'[{{"1":{ROW}}},{{"2":{ROW}}}]', {"1": DONE, "2": DONE}),
        ("1,2", "[]", {}),
        ("1,2", "{}", {}),
        ("1", f"[{ROW}]", {}),
        ("1,2", f'{{"1":{ROW}}}', {"1": DONE}),
        # S4
        ("1,2", f'{{"2":"Incorrect order ID","1":{ROW}}}', {"2": NOT_FOUND, "1": DONE}),
        ("1,2", '[{"order":1,"error":"Incorrect order ID"}]', {"1": NOT_FOUND}),
        ("1,2", f'{{"1":{ROW},"3":{ROW}}}', {"1": DONE}),
        ("1,2", f'{{"3":{ROW}}}', {}),
        ("1,2", '{"1":null,"2":[]}', {}),
        ("1,2", f'[{{"1":{ROW}}},{{"1":{{"status":"Canceled"}}}}]', {}),
        # S5
        ("1,2", '{"error":"Incorrect order ID"}', NOT_FOUND),
        ("1", '{"error":"Incorrect order ID"}', {"1": NOT_FOUND}),
        ("1", '{"error":"Invalid API key"}', Refused(Code.BAD_KEY, "Invalid API key")),
        (
            "1",
            '{"status":"Completed","error":true}',
            {"1": Refused(None, "an error without a text")},
        ),
        ("1", '{"error":"Internal server error"}', Refused(None, "Internal server error")),
        *(
            ("1,2", body, None)
            for body in ("", "null", "5", '"x"', "<html>", '{"a":{}}', ROW + ",")
        ),
        *(
            ("1", body, None)
            for body in (
                ROW[:-1] + ',"rate":NaN}',
                ROW[:-1] + ',"charge":"0.5"}',
                ROW[:-1] + ',"row":' + "[" * 10_000 + "]" * 10_000 + "}",
            )
        ),
        ("1,2", '{"data":[]}', None),
        ("1", '{"Order":1,"Status":"Completed"}', {"1": Observation(Word.COMPLETED)}),
        ("1,2", f'{{"1":{{"order":2,{ROW[1:]}}}', {}),
        ("1,2", f'{{"1":{{"order":"1",{ROW[1:]}}}', {"1": DONE}),
    ],
)
def test_shapes(orders: str, body: str, expected: object) -> None:
    seen = read(orders, body)
    if expected is None:
        assert isinstance(seen, Unclear)
    else:
        assert seen == expected


@pytest.mark.parametrize("status", [202, 301, 404, 500, 503])
def test_other_http_statuses_are_unreadable(status: int) -> None:
    assert isinstance(read("1", ROW, status), Unclear)


def test_refusals_with_a_status_of_their_own() -> None:
    assert read("1,2", '{"error":"Invalid API key"}', 401) == Refused(
        Code.BAD_KEY, "Invalid API key"
    )
    assert read("1,2", "<html>", 429) == Refused(Code.RATE_LIMIT, "HTTP 429")
    assert read("1", '{"error":"Slow"}', 429) == Refused(Code.RATE_LIMIT, "Slow")


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        *((word, Word.PENDING) for word in ("Pending", "Creating", "Awaiting", "Holding")),
        ("processing", Word.PROCESSING),
        *((word, Word.IN_PROGRESS) for word in ("In progress", "in_progress", "IN-PROGRESS")),
        *((word, Word.IN_PROGRESS) for word in ("Refill", "Refilling", "Refunding")),
        ("Active", Word.ACTIVE),
        ("paused", Word.PAUSED),
        ("EXPIRED", Word.EXPIRED),
        *((word, Word.COMPLETED) for word in ("Completed", "complete")),
        ("PARTIAL", Word.PARTIAL),
        *((word, Word.CANCELED) for word in ("Canceled", "Cancelled", "Refunded", "Fail")),
        *((word, Word.CANCELED) for word in ("Failed", "error")),
    ],
)
def test_words(word: str, meaning: Word) -> None:
    assert read_row(status=word) == Observation(meaning)


@pytest.mark.parametrize(
    ("word", "raw"),
    [("Sleeping", "Sleeping"), (5, "5"), (None, ""), (True, ""), ("", ""), ([], "")],
)
def test_unknown_words_move_nothing(word: Json, raw: str) -> None:
    # S10
    assert read_row(status=word, charge="1") == Observation(None, Decimal(1), raw_word=raw)


def test_a_missing_word_moves_nothing() -> None:
    assert read("1", '{"charge":"1"}') == {"1": Observation(None, Decimal(1))}


@pytest.mark.parametrize(
    ("charge", "known"),
    [
        ("0", Decimal(0)),
        (1, Decimal(1)),
        (Decimal("0.08011655652"), Decimal("0.08011655652")),
        ("8e-05", Decimal("0.00008")),
        *((charge, None) for charge in ("", None, "0,27", "$0.27", "1 234.5", "NaN")),
    ],
)
def test_charges(charge: Json, known: Decimal | None) -> None:
    # S7
    assert read_row(charge=charge).charge == known


def test_counts_are_kept_as_they_came() -> None:
    # S8: what money is made of is clamped where it is booked
    row = read_row(remains="-3", start_count=2**31)
    assert (row.remains, row.start_count) == (-3, 2**31)
    row = read_row(remains="12.0", start_count=None)
    assert (row.remains, row.start_count) == (12, None)
    row = read_row(remains="+5", start_count="2147483648")
    assert (row.remains, row.start_count) == (5, 2**31)
    for blank in ("many", "", None):
        row = read_row(remains=blank, start_count=blank)
        assert (row.remains, row.start_count) == (None, None)


def test_a_currency_is_told_only_where_one_is_named() -> None:
    assert read_row(currency="usd").currency == "USD"
    assert [read_row(currency=blank).currency for blank in ("", " ", None)] == [None] * 3
    assert read_row().currency is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # S18
        ('{"balance":"100.84292","currency":"USD"}', Balance(Decimal("100.84292"), "USD")),
        ('{"balance":10000}', Balance(Decimal(10000))),
        ('{"status":"success","balance":"0.03","currency":"USD"}', Balance(Decimal("0.03"), "USD")),
        ('{"balance":-1.5}', Balance(Decimal("-1.5"))),
        ('{"error":"Invalid API key"}', Refused(Code.BAD_KEY, "Invalid API key")),
        *(
            (body, None)
            for body in ('{"balance":"1,234.50"}', '{"balance":null}', "{}", "[]", "<html>", "7")
        ),
    ],
)
def test_balance(body: str, expected: object) -> None:
    read_one = STANDARD.read_balance(200, body.encode())
    if expected is None:
        assert isinstance(read_one, Unclear)
    else:
        assert read_one == expected


@pytest.mark.parametrize(
    ("body", "repairs"),
    [
        ("\ufeff" + ROW, ["bom"]),
        ("<br /><b>Warning</b>: x in y.php on line 5<br />" + ROW, ["text before"]),
        (ROW[:-1] + ",}", ["trailing comma"]),
        (ROW.title().replace("Usd", "USD"), ["key case"]),
        (ROW, []),
    ],
)
def test_damage_is_repaired_and_noted(body: str, repairs: list[str]) -> None:
    # S1
    noted: Counter[str] = Counter()
    assert STANDARD.read_status(["1"], 200, body.encode(), noted) == {"1": DONE}
    assert [*noted] == repairs


def test_a_row_that_was_not_asked_for_is_noted() -> None:
    noted: Counter[str] = Counter()
    body = f'{{"1":{ROW},"3":{ROW}}}'.encode()
    assert STANDARD.read_status(["1", "2"], 200, body, noted) == {"1": DONE}
    assert noted == {NOT_ASKED: 1}


def test_subscriptions_and_drip_feeds() -> None:
    # S9
    row = read_row(status="Active", expiry=True, posts="5", orders=["11", 12, "11"])
    assert row == Observation(Word.ACTIVE, children=("11", "12"), posts=5)
    row = read_row(status="In progress", runs=3, orders=["11"])
    assert row == Observation(Word.IN_PROGRESS, children=("11",), runs=3)
    assert read_row(orders=[]).children == ()


UNREADABLE: list[Json] = [
    *("11,12", 11, None, True),
    *([None], [True], [False], [""], ["1 2"], ["1,2"], [Decimal("1.5")], [["1"]], ["x" * 65]),
]


@pytest.mark.parametrize("orders", [*UNREADABLE, ["1", None], list(range(10_001))], ids=repr)
def test_children_are_known_all_or_not_at_all(orders: Json) -> None:
    assert read_row(orders=orders).children is None


@pytest.mark.parametrize("name", ["keralasmm", "smmia"])
@pytest.mark.parametrize("word", [*Word, None])
def test_no_remains_before_the_end_are_not_known(name: str, word: Word | None) -> None:
    body = json_text.write({"status": word.value if word else "Sleeping", "remains": "0"})
    rows = BOOK[name].read_status(["1"], 200, body)
    assert isinstance(rows, dict)
    row = rows["1"]
    assert isinstance(row, Observation)
    ended = word in {Word.COMPLETED, Word.PARTIAL, Word.CANCELED, Word.EXPIRED}
    assert row.remains == (0 if ended else None)
    assert read_row(status="Pending", remains="0").remains == 0


def test_a_constant_currency_is_no_evidence() -> None:
    row = b'{"status":"pending","currency":"USD","balance":"1"}'
    for name in ("keralasmm", "smmia"):
        assert BOOK[name].read_status(["1"], 200, row) == {"1": Observation(Word.PENDING)}
        assert BOOK[name].read_balance(200, row) == Balance(Decimal(1))


def test_an_answer_within_an_answer() -> None:
    spelling = STANDARD.spelling
    nested = Dialect(
        replace(
            spelling,
            statuses=replace(spelling.statuses, within=("data", "rows")),
            balances=replace(spelling.balances, within=("data",)),
        )
    )
    body = json_text.write(nested.answer_status({"1": DONE}, many=True))
    assert body.startswith(b'{"data":{"rows":{"1":')
    assert nested.read_status(["1", "2"], 200, body) == {"1": DONE}
    assert isinstance(nested.read_status(["1"], 200, ROW.encode()), Unclear)
    assert nested.read_status(["1"], 200, b'{"error":"Incorrect order ID"}') == {"1": NOT_FOUND}
    balance = json_text.write(nested.answer_balance(Balance(Decimal(1), "USD")))
    assert nested.read_balance(200, balance) == Balance(Decimal(1), "USD")
