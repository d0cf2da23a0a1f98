from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects import json_text
from gateway.dialects.json_text import Json
from gateway.dialects.standard import STANDARD
from gateway.dialects.values import folded, line
from gateway.domain.observations import Balance, Observation, Refused, Unclear, Word
from gateway.domain.refusals import Code, Refusal

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
        ("1", ROW, {"1": DONE}),
        ("1,2", ROW, None),
        ("1,2", '{"order":2,' + ROW[1:], {"2": DONE}),
        ("1", '{"order":2,' + ROW[1:], {}),
        ("1,2", f'{{"1":{ROW},"2":{ROW}}}', {"1": DONE, "2": DONE}),
        ("1,2", f'[{{"order":2,{ROW[1:]},{{"order":"1",{ROW[1:]}]', {"2": DONE, "1": DONE}),
        ("1,2", f'[{{"1":{ROW}}},{{"2":{ROW}}}]', {"1": DONE, "2": DONE}),
        ("1,2", "[]", {}),
        ("1,2", "{}", {}),
        ("1", f"[{ROW}]", {}),
        ("1,2", f'{{"1":{ROW}}}', {"1": DONE}),
        ("1,2", f'{{"2":"Incorrect order ID","1":{ROW}}}', {"2": NOT_FOUND, "1": DONE}),
        ("1,2", '[{"order":1,"error":"Incorrect order ID"}]', {"1": NOT_FOUND}),
        ("1,2", f'{{"1":{ROW},"3":{ROW}}}', {"1": DONE}),
        ("1,2", f'{{"3":{ROW}}}', {}),
        ("1,2", '{"1":null,"2":[]}', {}),
        ("1,2", f'[{{"1":{ROW}}},{{"1":{{"status":"Canceled"}}}}]', {}),
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
        ("1,2", '{"data":[]}', None),
    ],
)
def test_shapes(orders: str, body: str, expected: object) -> None:
    seen = read(orders, body)
    if expected is None:
        assert isinstance(seen, Unclear)
    else:
        assert seen == expected


@pytest.mark.parametrize("status", [201, 301, 404, 500, 503])
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
        *((word, Word.IN_PROGRESS) for word in ("Active", "Paused", "Refill", "Refilling")),
        ("Refunding", Word.IN_PROGRESS),
        *((word, Word.COMPLETED) for word in ("Completed", "complete", "Expired")),
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
    assert read_row(status=word, charge="1") == Observation(None, Decimal(1), raw_word=raw)


def test_a_missing_word_moves_nothing() -> None:
    assert read("1", '{"charge":"1"}') == {"1": Observation(None, Decimal(1))}


@pytest.mark.parametrize(
    ("charge", "known"),
    [
        ("0", Decimal(0)),
        (Decimal("0.08011655652"), Decimal("0.08011655652")),
        ("8e-05", Decimal("0.00008")),
        *((charge, None) for charge in ("", None, "0,27", "$0.27", "1 234.5", "NaN")),
    ],
)
def test_charges(charge: Json, known: Decimal | None) -> None:
    assert read_row(charge=charge).charge == known


def test_counts_are_kept_as_they_came() -> None:
    row = read_row(remains="-3", start_count=2**31)
    assert (row.remains, row.start_count) == (-3, 2**31)
    row = read_row(remains="12.0", start_count=None)
    assert (row.remains, row.start_count) == (12, None)
    assert read_row(remains="many", start_count="").remains is None


def test_a_currency_is_told_only_where_one_is_named() -> None:
    assert read_row(currency="usd").currency == "USD"
    assert [read_row(currency=blank).currency for blank in ("", " ", None)] == [None] * 3
    assert read_row().currency is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
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


IDS = st.integers(1, 10**18 - 1).map(str)
AMOUNTS = st.decimals(0, 10**9, places=12)
CURRENCIES = st.from_regex(r"[A-Z]{3}", fullmatch=True)
WHOLES = st.integers(-(10**12), 10**12)
WORDS = st.sampled_from(Word)
UNKNOWN = (
    st.text(max_size=20)
    .map(lambda text: line(text, 64))
    .filter(lambda text: folded(text) not in STANDARD.spelling.statuses.words_read)
)
OBSERVATIONS = st.builds(
    Observation, WORDS, st.none() | AMOUNTS, WHOLES, st.none() | WHOLES, st.none() | CURRENCIES
) | st.builds(Observation, st.none(), AMOUNTS, WHOLES, WHOLES, CURRENCIES, UNKNOWN)
CODES = st.sampled_from([Code.ORDER_NOT_FOUND, Code.BAD_ACTION])
ROWS = st.dictionaries(IDS, OBSERVATIONS | CODES.map(Refusal), min_size=1, max_size=6)


def as_read(row: Observation | Refusal) -> Observation | Refused:
    if isinstance(row, Observation):
        return row
    return Refused(
        row.code, "Incorrect order ID" if row.code is Code.ORDER_NOT_FOUND else "Incorrect request"
    )


@given(ROWS)
def test_what_is_written_of_many_is_read_again(rows: dict[str, Observation | Refusal]) -> None:
    answer = STANDARD.answer_status(rows, many=True)
    assert isinstance(answer, dict)
    assert list(answer) == list(rows)
    assert STANDARD.read_status(list(rows), 200, json_text.write(answer)) == {
        order: as_read(row) for order, row in rows.items()
    }


@given(IDS, OBSERVATIONS)
def test_what_is_written_of_one_is_read_again(order: str, row: Observation) -> None:
    body = json_text.write(STANDARD.answer_status({order: row}, many=False))
    assert STANDARD.read_status([order], 200, body) == {order: row}


@given(st.decimals(-(10**9), 10**9, places=6), st.none() | CURRENCIES)
def test_a_balance_that_is_written_is_read_again(amount: Decimal, currency: str | None) -> None:
    body = json_text.write(STANDARD.answer_balance(Balance(amount, currency)))
    assert STANDARD.read_balance(200, body) == Balance(amount, currency)


@given(st.integers(0, 999), st.binary(max_size=100))
def test_reading_is_total(status: int, body: bytes) -> None:
    STANDARD.read_status(["1", "2"], status, body)
    STANDARD.read_balance(status, body)


SCALARS: st.SearchStrategy[Json] = (
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "1", "x", "Pending"])
)
KEYS = st.sampled_from(
    ["1", "2", "order", "status", "error", "charge", "balance", "data", "service"]
)
JUNK: st.SearchStrategy[Json] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4)
)


@given(JUNK)
def test_reading_is_total_for_any_json(value: Json) -> None:
    body = json_text.write(value)
    STANDARD.read_status(["1", "2"], 200, body)
    STANDARD.read_status(["1"], 200, body)
    STANDARD.read_balance(200, body)
    STANDARD.read_services(200, body)
    STANDARD.read_add(200, body)
