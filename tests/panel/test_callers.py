"""The key wherever it stands, and the caller's own name for an add (protocol.md 1.1, R10, R11)."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.dialects.messages import Fields
from gateway.domain.refusals import Code, Refusal
from gateway.panel.callers import find_key, find_request_id, read_headers, refuse_key_in_query

RawHeaders = list[tuple[bytes, bytes]]

BAD_KEY = Refusal(Code.BAD_KEY)
BAD_REQUEST_ID = Refusal(Code.BAD_PARAMS, "request_id")


@pytest.mark.parametrize(
    ("fields", "headers"),
    [
        ({"key": "k1"}, []),
        ({"key": " k1 "}, []),
        ({"api_token": "k1"}, []),
        ({"key": "k1", "api_token": "k1"}, []),
        ({"key": "undefined", "api_token": "k1"}, []),
        ({}, [(b"x-api-key", b"k1")]),
        ({}, [(b"authorization", b"Bearer k1")]),
        ({}, [(b"authorization", b"bearer  k1 ")]),
        ({"key": ""}, [(b"x-api-key", b"k1")]),
        ({"key": "k1"}, [(b"x-api-key", b"k1"), (b"authorization", b"Bearer k1")]),
        ({"key": "k1"}, [(b"authorization", b"Basic dTpw")]),
        ({"key": "k1"}, [(b"x-api-key", b"")]),
    ],
)
def test_the_key_is_found_where_it_stands(fields: Fields, headers: RawHeaders) -> None:
    assert find_key(read_headers(headers), fields) == "k1"


@pytest.mark.parametrize(
    ("fields", "headers"),
    [
        ({}, []),
        ({"key": ""}, []),
        ({"key": "null"}, []),
        ({"Key": "k1"}, []),
        ({"key": ("k1",)}, []),
        ({"key": "k" * 257}, []),
        ({"key": "k\u00e9"}, []),
        ({}, [(b"x-api-key", b"k\xff")]),
        ({"key": "k1", "api_token": "k2"}, []),
        ({"key": "k1"}, [(b"x-api-key", b"k2")]),
        ({"key": "k1"}, [(b"x-api-key", b"k" * 257)]),
        ({"key": "k1"}, [(b"authorization", b"Bearer k2")]),
        ({}, [(b"x-api-key", b"k1"), (b"x-api-key", b"k2")]),
        ({}, [(b"x-api-key", b"k1"), (b"authorization", b"Bearer k2")]),
        ({}, [(b"authorization", b"Bearer")]),
        ({}, [(b"authorization", b"Basic dTpw")]),
        ({}, [(b"authorization", b"k1")]),
    ],
)
def test_no_key_or_two_that_differ_are_refused(fields: Fields, headers: RawHeaders) -> None:
    with pytest.raises(Refusal) as caught:
        find_key(read_headers(headers), fields)

    assert caught.value == BAD_KEY


@pytest.mark.parametrize(
    "query",
    [b"key=k", b"key", b"a=1&key=k", b"api_token=k", b"%6bey=k", b"KEY=k", b"+key=k", b"key=&a"],
)
def test_a_key_in_the_address_is_refused(query: bytes) -> None:
    with pytest.raises(Refusal) as caught:
        refuse_key_in_query(query)

    assert caught.value == Refusal(Code.NOT_POST)


@pytest.mark.parametrize("query", [b"", b"&", b"action=balance", b"monkey=1", b"a=key", b"%ff=1"])
def test_other_queries_are_no_matter(query: bytes) -> None:
    refuse_key_in_query(query)


@pytest.mark.parametrize(
    ("fields", "headers", "found"),
    [
        ({}, [], None),
        ({"request_id": ""}, [(b"idempotency-key", b"")], None),
        ({"request_id": "undefined"}, [], None),
        ({"request_id": " a 1 "}, [], "a 1"),
        ({"request_id": "\u00e9" * 64}, [], "\u00e9" * 64),
        ({}, [(b"idempotency-key", b"a1")], "a1"),
        ({"request_id": "a1"}, [(b"idempotency-key", b"a1")], "a1"),
        ({"request_id": "\u00e9"}, [(b"idempotency-key", "\u00e9".encode())], "\u00e9"),
        ({}, [(b"idempotency-key", b"a1"), (b"idempotency-key", b"a1")], "a1"),
    ],
)
def test_an_add_may_have_a_name(fields: Fields, headers: RawHeaders, found: str | None) -> None:
    assert find_request_id(read_headers(headers), fields) == found


@pytest.mark.parametrize(
    ("fields", "headers"),
    [
        ({"request_id": "a" * 65}, []),
        ({"request_id": ("a",)}, []),
        ({"request_id": "a\nb"}, []),
        ({"request_id": "a\u202eb"}, []),
        ({"request_id": "a1"}, [(b"idempotency-key", b"a2")]),
        ({}, [(b"idempotency-key", b"a" * 65)]),
        ({}, [(b"idempotency-key", b"a1"), (b"idempotency-key", b"a2")]),
        ({}, [(b"idempotency-key", b"\xff")]),
    ],
)
def test_a_name_that_cannot_be_kept_is_refused(fields: Fields, headers: RawHeaders) -> None:
    with pytest.raises(Refusal) as caught:
        find_request_id(read_headers(headers), fields)

    assert caught.value == BAD_REQUEST_ID


NAMES = st.sampled_from([b"x-api-key", b"authorization", b"idempotency-key", b"content-type"])
VALUES = st.text() | st.lists(st.text()).map(tuple)


@settings(deadline=None)
@given(
    st.lists(st.tuples(NAMES, st.binary(max_size=80))),
    st.dictionaries(st.sampled_from(["key", "api_token", "request_id"]), VALUES),
    st.binary(),
)
def test_any_headers_and_fields_give_a_text_or_a_refusal(
    headers: RawHeaders, fields: Fields, query: bytes
) -> None:
    read = read_headers(headers)
    found: list[str | None] = []
    with suppress(Refusal):
        found.append(find_key(read, fields))
    with suppress(Refusal):
        found.append(find_request_id(read, fields))
    with suppress(Refusal):
        refuse_key_in_query(query)
    assert all(text is None or 1 <= len(text.encode()) <= 256 for text in found)
