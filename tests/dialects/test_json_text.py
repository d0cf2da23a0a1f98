from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects import json_text
from gateway.dialects.json_text import Json

NUMBERS = st.decimals(
    allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9
)
VALUES: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | NUMBERS | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_written_is_read_again(value: Json) -> None:
    assert json_text.read(json_text.write(value)) == value


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xef\xbb\xbf{}",
        b"{",
        b"{}x",
        b"{} {}",
        b'{"a":1,}',
        b'{"a":1,"a":1}',
        b'[{"a":{"b":1,"b":2}}]',
        rb'{"a":"\u003a","b":1,"b":2}',
        rb'{"\u0061":1,"a":2}',
        rb'{"a":":::","a":"\u003A\\u003a"}',
        b'[{"":1,"":1}]',
        b"{'a':1}",
        b"{a:1}",
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":01}',
        b'{"a":+1}',
        b'{"a":"\n"}',
        b'"\\ud83d"',
        b'["\\uDC00"]',
        b'"\xff"',
        b"[" * 33 + b"]" * 33,
        b"[" * 100_000,
        b"1" * 31,
        b"-" + b"1" * 30,
        b'{"a":[' + b"1" * 31 + b"]}",
        b"1" * 100_000,
        b"0." + b"1" * 63,
        b"1e999999999999999999999",
    ],
)
def test_what_is_not_strictly_valid_is_nothing(body: bytes) -> None:
    assert json_text.read(body) is None


def test_what_is_just_within_the_bounds_is_read() -> None:
    assert json_text.read(b"[" * 32 + b"]" * 32) is not None
    assert json_text.read(b'{"a":' * 32 + b"1" + b"}" * 32) is not None
    assert json_text.read(b"1" * 30) == int("1" * 30)
    assert json_text.read(b"-" + b"1" * 29) == -int("1" * 29)
    assert json_text.read(b'"\\ud83d\\ude00"') == "\N{GRINNING FACE}"


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (rb'{"a":"\u003a","b":"\u003A:"}', {"a": ":", "b": "::"}),
        (rb'{"a":"\\u003a"}', {"a": r"\u003a"}),
        (rb'{"\u003a":1,"b":[{"b":1},{"b":1}]}', {":": 1, "b": [{"b": 1}, {"b": 1}]}),
        (b'{"a : b":"{\\"c\\":1}"}', {"a : b": '{"c":1}'}),
        (b'["' + b"1" * 100 + b'",1]', ["1" * 100, 1]),
        (b"0." + b"1" * 62, Decimal("0." + "1" * 62)),
        (b"[-0,0e5,-0.0,1E+3]", [0, 0, 0, 1_000]),
    ],
)
def test_what_looks_like_a_doubled_key_or_a_long_number_is_read(body: bytes, value: Json) -> None:
    assert json_text.read(body) == value


def test_over_32_mib_is_not_read() -> None:
    assert json_text.read(b" " * (32 * 1024 * 1024 - 1) + b"1") == 1
    assert json_text.read(b" " * (32 * 1024 * 1024) + b"1") is None


@given(st.binary(max_size=200))
def test_reading_never_raises(body: bytes) -> None:
    json_text.read(body)


def test_all_digits_are_kept() -> None:
    assert str(json_text.read(b"0.08011655652000")) == "0.08011655652000"
    assert (
        json_text.write({"rate": Decimal("0.10"), "text": "0.10"}) == b'{"rate":0.10,"text":"0.10"}'
    )
