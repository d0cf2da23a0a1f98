"""Laws of every dialect: what is answered is read again, but for its losses (protocol.md 7)."""

from collections.abc import Mapping
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects import json_text
from gateway.dialects.book import BOOK
from gateway.dialects.corpus import DOUBTFUL_WORDS
from gateway.dialects.json_text import Json
from gateway.dialects.messages import ServicesRead
from gateway.dialects.values import folded
from gateway.domain.catalog import Listing
from gateway.domain.observations import (
    Accepted,
    Balance,
    Observation,
    RefillSeen,
    RefillWord,
    Refused,
    Taken,
    Unclear,
    Word,
)
from gateway.domain.refusals import Code, Refusal
from gateway.domain.services import ServiceType, plain_type
from tests.dialects.losses import keep_balance, keep_listing, keep_observation, keep_refill
from tests.dialects.made import (
    AMOUNTS,
    CANCEL_ROWS,
    CURRENCIES,
    IDS,
    MANY_LISTINGS,
    OBSERVATIONS,
    REFILL_ROWS,
    REFILL_STATUS_ROWS,
    STATUS_ROWS,
)

Row = Observation | Taken | RefillSeen | Refused | Refusal


def written(answer: Json) -> bytes:
    """The bytes of a success, which must not even mention an error at the top."""
    assert not (isinstance(answer, dict) and "error" in answer)
    body = json_text.write(answer)
    assert json_text.read(body) == answer
    return body


def codes(rows: Mapping[str, Row]) -> dict[str, object]:
    """What the rows say, their refusals by the code alone."""
    return {
        name: row.code if isinstance(row, Refused | Refusal) else row for name, row in rows.items()
    }


def code_of(answer: Mapping[str, Row] | Refused | Unclear) -> Code | None:
    """The code of an answer that refuses as a whole or for its only id."""
    assert not isinstance(answer, Unclear)
    if not isinstance(answer, Refused):
        (row,) = answer.values()
        assert isinstance(row, Refused)
        answer = row
    assert not any(word in answer.text.casefold() for word in DOUBTFUL_WORDS)
    return answer.code


@pytest.mark.parametrize("name", BOOK)
@given(order=IDS)
def test_add(name: str, order: str) -> None:
    dialect = BOOK[name]
    assert dialect.read_add(200, written(dialect.answer_add(order))) == Accepted(order)


@pytest.mark.parametrize("name", BOOK)
@given(amount=AMOUNTS | st.decimals(-(10**9), 0, places=6), currency=st.none() | CURRENCIES)
def test_balance(name: str, amount: Decimal, currency: str | None) -> None:
    dialect = BOOK[name]
    balance = Balance(amount, currency)
    body = written(dialect.answer_balance(balance))
    assert dialect.read_balance(200, body) == keep_balance(name, balance)


@pytest.mark.parametrize("name", BOOK)
@given(order=IDS, row=OBSERVATIONS)
def test_status_of_one(name: str, order: str, row: Observation) -> None:
    dialect = BOOK[name]
    body = written(dialect.answer_status({order: row}, many=False))
    assert dialect.read_status([order], 200, body) == {order: keep_observation(name, row)}


@pytest.mark.parametrize("name", BOOK)
@given(rows=STATUS_ROWS)
def test_status_of_many(name: str, rows: dict[str, Observation | Refusal]) -> None:
    dialect = BOOK[name]
    read = dialect.read_status(list(rows), 200, written(dialect.answer_status(rows, many=True)))
    assert isinstance(read, Mapping)
    kept = {
        order: keep_observation(name, row) if isinstance(row, Observation) else row
        for order, row in rows.items()
    }
    assert codes(read) == codes(kept)


@pytest.mark.parametrize("name", BOOK)
@given(many=MANY_LISTINGS)
def test_services(name: str, many: list[Listing]) -> None:
    dialect = BOOK[name]
    read = dialect.read_services(200, written(dialect.answer_services(many)))
    assert read == ServicesRead(tuple(keep_listing(name, each) for each in many), ())


@pytest.mark.parametrize("name", BOOK)
@given(rows=REFILL_ROWS)
def test_refill(name: str, rows: dict[str, Taken | Refusal]) -> None:
    dialect = BOOK[name]
    read = dialect.read_refill(list(rows), 200, written(dialect.answer_refill(rows, many=True)))
    assert isinstance(read, Mapping)
    assert codes(read) == codes(kept_refills(name, rows, many=True))
    for order, row in rows.items():
        answer = dialect.answer_refill({order: row}, many=False)
        read = dialect.read_refill([order], 200, json_text.write(answer))
        assert isinstance(read, Mapping)
        assert codes(read) == codes(kept_refills(name, {order: row}, many=False))


def kept_refills(
    name: str, rows: dict[str, Taken | Refusal], *, many: bool
) -> dict[str, Taken | Refusal]:
    return {
        order: keep_refill(name, order, row, many=many) if isinstance(row, Taken) else row
        for order, row in rows.items()
    }


@pytest.mark.parametrize("name", BOOK)
@given(rows=CANCEL_ROWS)
def test_cancel(name: str, rows: dict[str, Taken | Refusal]) -> None:
    dialect = BOOK[name]
    read = dialect.read_cancel(list(rows), 200, written(dialect.answer_cancel(rows, many=True)))
    assert isinstance(read, Mapping)
    assert codes(read) == codes(rows)
    for order, row in rows.items():
        answer = dialect.answer_cancel({order: row}, many=False)
        read = dialect.read_cancel([order], 200, json_text.write(answer))
        assert isinstance(read, Mapping)
        assert codes(read) == codes({order: row})


@pytest.mark.parametrize("name", BOOK)
@given(rows=REFILL_STATUS_ROWS)
def test_refill_status(name: str, rows: dict[str, RefillSeen | Refusal]) -> None:
    dialect = BOOK[name]
    body = written(dialect.answer_refill_status(rows, many=True))
    read = dialect.read_refill_status(list(rows), 200, body)
    assert isinstance(read, Mapping)
    assert codes(read) == codes(rows)
    for refill, row in rows.items():
        answer = dialect.answer_refill_status({refill: row}, many=False)
        read = dialect.read_refill_status([refill], 200, json_text.write(answer))
        assert isinstance(read, Mapping)
        assert codes(read) == codes({refill: row})


REFUSALS = [
    *(Refusal(code) for code in Code),
    *(Refusal(code, "17") for code in (Code.MIN, Code.MAX)),
    *(
        Refusal(code, field)
        for code in (Code.BAD_PARAMS, Code.MISSING)
        for field in ("runs", "posts")
    ),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
@pytest.mark.parametrize("name", BOOK)
def test_refusals_are_read_back_under_their_code(name: str, refusal: Refusal) -> None:
    dialect = BOOK[name]
    body = json_text.write(dialect.answer_refusal(refusal))
    added = dialect.read_add(200, body)
    assert isinstance(added, Refused)
    balance = dialect.read_balance(200, body)
    assert isinstance(balance, Refused)
    services = dialect.read_services(200, body)
    assert isinstance(services, Refused)
    assert {added.code, balance.code, services.code} == {refusal.code}
    for read in (
        dialect.read_status(["1"], 200, body),
        dialect.read_status(["1", "2"], 200, body),
        dialect.read_refill(["1"], 200, body),
        dialect.read_refill(["1", "2"], 200, body),
        dialect.read_refill_status(["1"], 200, body),
        dialect.read_cancel(["1"], 200, body),
    ):
        assert code_of(read) is refusal.code


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
@pytest.mark.parametrize("name", BOOK)
@pytest.mark.parametrize("many", [False, True])
def test_refusals_of_one_are_read_back_under_their_code(
    name: str,
    refusal: Refusal,
    many: bool,  # noqa: FBT001  what the test is about
) -> None:
    dialect = BOOK[name]
    refill = json_text.write(dialect.answer_refill({"5": refusal}, many=many))
    assert code_of(dialect.read_refill(["5"], 200, refill)) is refusal.code
    status = json_text.write(dialect.answer_refill_status({"5": refusal}, many=many))
    assert code_of(dialect.read_refill_status(["5"], 200, status)) is refusal.code
    cancel = json_text.write(dialect.answer_cancel({"5": refusal}, many=many))
    assert code_of(dialect.read_cancel(["5"], 200, cancel)) is refusal.code
    asked = json_text.write(dialect.answer_status({"5": refusal}, many=many))
    assert code_of(dialect.read_status(["5"], 200, asked)) is refusal.code


@pytest.mark.parametrize("name", BOOK)
def test_nothing_found_is_refused(name: str) -> None:
    dialect = BOOK[name]
    for answer in (
        dialect.answer_refill({}, many=False),
        dialect.answer_cancel({}, many=False),
        dialect.answer_status({}, many=False),
    ):
        read = dialect.read_status(["5"], 200, json_text.write(answer))
        assert code_of(read) is Code.ORDER_NOT_FOUND
    answer = json_text.write(dialect.answer_refill_status({}, many=False))
    assert code_of(dialect.read_refill_status(["5"], 200, answer)) is Code.REFILL_NOT_FOUND


@pytest.mark.parametrize("name", BOOK)
def test_one_word_for_each_meaning(name: str) -> None:
    spelling = BOOK[name].spelling
    words = spelling.statuses.words
    assert {spelling.statuses.words_read[folded(words[word])] for word in Word} == set(Word)
    refills = spelling.refill_statuses
    assert {refills.words_read[folded(refills.words[word])] for word in RefillWord} == set(
        RefillWord
    )
    types = {plain_type(word) for word in spelling.services.types.values()}
    assert len(types) == len(spelling.services.types) == len(ServiceType)


SCALARS: st.SearchStrategy[Json] = (
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.decimals(-5, 5, places=2)
    | st.sampled_from(["", "1", "x", "Pending", "success", "Incorrect order ID", "error"])
)
KEYS = st.sampled_from(
    [
        *("1", "2", "order", "Order", "status", "error", "charge", "balance", "data", "service"),
        *(
            "services",
            "refill",
            "cancel",
            "success",
            "message",
            "orders",
            "posts",
            "runs",
            "errors",
        ),
    ]
)
JUNK: st.SearchStrategy[Json] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4)
)


def read_everything(name: str, status: int, body: bytes) -> None:
    dialect = BOOK[name]
    assert isinstance(dialect.read_add(status, body), Accepted | Refused | Unclear)
    assert isinstance(dialect.read_services(status, body), ServicesRead | Refused | Unclear)
    assert isinstance(dialect.read_balance(status, body), Balance | Refused | Unclear)
    for ids in (["1"], ["1", "2"]):
        for read in (
            dialect.read_status(ids, status, body),
            dialect.read_refill(ids, status, body),
            dialect.read_refill_status(ids, status, body),
            dialect.read_cancel(ids, status, body),
        ):
            assert isinstance(read, Refused | Unclear) or set(read) <= set(ids)


@pytest.mark.parametrize("name", BOOK)
@given(status=st.integers(0, 999) | st.just(200), body=st.binary(max_size=100))
def test_reading_is_total(name: str, status: int, body: bytes) -> None:
    read_everything(name, status, body)


@pytest.mark.parametrize("name", BOOK)
@given(value=JUNK)
def test_reading_is_total_for_any_json(name: str, value: Json) -> None:
    read_everything(name, 200, json_text.write(value))


NOISE = st.binary(min_size=1, max_size=12).filter(lambda noise: bool(noise.strip(b" \t\r\n")))


@pytest.mark.parametrize("name", BOOK)
@given(order=IDS, cut=st.integers(0, 1_000), noise=NOISE)
def test_a_damaged_answer_to_add_is_uncertain(
    name: str, order: str, cut: int, noise: bytes
) -> None:
    dialect = BOOK[name]
    body = json_text.write(dialect.answer_add(order))
    for damaged in (
        body[: cut % len(body)],
        noise + body,
        body + noise,
        body + body,
        body.replace(b"{", b'{"order":7,'),
        body.replace(b"{", b'{"status":"error",', 1).replace(b',"status":"success"', b""),
        body.replace(b"}", b',"order":' + order.encode() + b"}"),
        body.replace(b"}", b',"error":"Incorrect link"}'),
        body.replace(b"}", b',"error":null}'),
        body.replace(b"}", b',"Errors":[]}'),
        body.replace(b"}", b",}"),
        body.replace(b"{", b"{,"),
        body.replace(b":", b",:", 1),
    ):
        assert isinstance(dialect.read_add(200, damaged), Unclear)
