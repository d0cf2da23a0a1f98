"""Bytes of bodies become fields, decoded once, or a refusal (protocol.md 1.1 and 3.1)."""

import json
from contextlib import suppress
from urllib.parse import quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.dialects.messages import Fields
from gateway.domain.refusals import Code, Refusal
from gateway.panel.forms import FIELDS_MAX, NOT_FLAT, NOT_TEXT, NOT_UTF8, read_fields
from gateway.panel.multipart import NO_FILES, NOT_MULTIPART

FORM = b"application/x-www-form-urlencoded"
JSON = b"application/json"
MULTIPART = b"multipart/form-data; boundary=xYzZY"


def multipart(*parts: tuple[str, bytes], end: bytes = b"--xYzZY--\r\n") -> bytes:
    head = 'Content-Disposition: form-data; name="{}"\r\n\r\n'
    each = (b"--xYzZY\r\n" + head.format(name).encode() + value + b"\r\n" for name, value in parts)
    return b"".join(each) + end


def refusal_of(body: bytes, content_type: bytes) -> Refusal:
    with pytest.raises(Refusal) as caught:
        read_fields(body, content_type)
    return caught.value


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        # R2: words that mean absence stay words here; the phrase book knows them
        (b"runs=undefined&expiry=", {"runs": "undefined", "expiry": ""}),
        # R3
        (b"action=status&order=1,2", {"action": "status", "order": "1,2"}),
        (b"orders=5", {"orders": "5"}),
        # R4
        (b"orders[]=1&orders[]=2", {"orders": ("1", "2")}),
        (b"orders%5B%5D=1&orders%5b%5d=2", {"orders": ("1", "2")}),
        (b"orders[0]=1&orders[1]=2", {"orders": ("1", "2")}),
        (b"orders=1,+2,,", {"orders": "1, 2,,"}),
        # R7, R10
        (b"url=https://a.example/x&package=1", {"url": "https://a.example/x", "package": "1"}),
        # R9
        (
            b"comments=a%2C+b%0Ac%0D%0A%0D%0A+d+%0D",
            {"comments": "a, b\nc\r\n\r\n d \r"},
        ),
        (b"comments=a\\nb", {"comments": "a\\nb"}),
        # R12: other scripts' digits arrive as they are, for the phrase book to refuse
        (b"quantity=%EF%BC%91%EF%BC%90", {"quantity": "\uff11\uff10"}),
        (b"quantity=1e3", {"quantity": "1e3"}),
        # R13: decoded once
        (b"link=https%3A%2F%2Fa.example%2Fx%252By", {"link": "https://a.example/x%2By"}),
        # the last one wins, whichever way round
        (b"a=1&a=2", {"a": "2"}),
        (b"a[]=1&a=2", {"a": "2"}),
        (b"a=1&a[]=2&a[]=3", {"a": ("2", "3")}),
        (b"a[7]=1&a[7]=2&a[]=3", {"a": ("2", "3")}),
        # oddities that PHP takes too
        (b"", {}),
        (b"&&a=1&", {"a": "1"}),
        (b"a", {"a": ""}),
        (b"a=b=c", {"a": "b=c"}),
        (b"a=100%&b=%zz", {"a": "100%", "b": "%zz"}),
        (b"a=%C3%A9+\xc3\xa9", {"a": "é é"}),
        (b"a[x]=1&[]=2&b]=3", {"a[x]": "1", "[]": "2", "b]": "3"}),
    ],
)
def test_forms_are_decoded_once(body: bytes, fields: Fields) -> None:
    assert read_fields(body, FORM) == fields


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        # R5
        (
            b'{"key":"k","action":"add","service":1,"link":"https://a.example/","quantity":100}',
            {
                "key": "k",
                "action": "add",
                "service": "1",
                "link": "https://a.example/",
                "quantity": "100",
            },
        ),
        # R4
        (b'{"orders":[1,"2"]}', {"orders": ("1", "2")}),
        (b'{"orders":[]}', {"orders": ()}),
        (b'{"orders":[1,null,"",2]}', {"orders": ("1", "", "2")}),
        # numbers keep their spelling, so 1e3 and 1000.0 are refused and never sold as 1000
        (b'{"a":1e3,"b":1000.0,"c":-0}', {"a": "1e3", "b": "1000.0", "c": "-0"}),
        (b'{"a":1e999}', {"a": "1e999"}),
        (b'{"a":%s}' % (b"9" * 400), {"a": "9" * 400}),
        (b'{"a":true,"b":false}', {"a": "true", "b": "false"}),
        (b'{"a":null,"b":"null"}', {"b": "null"}),
        (b'{"a":1,"a":2}', {"a": "2"}),
        (b'{"a[]":1}', {"a[]": "1"}),
        (b'{"a":"\\u00e9\\ud83d\\ude00 %2B+\\n"}', {"a": "é😀 %2B+\n"}),
        (b" {} \n", {}),
    ],
)
def test_json_is_one_flat_object(body: bytes, fields: Fields) -> None:
    assert read_fields(body, JSON) == fields


@pytest.mark.parametrize("content_type", [b"", FORM, b"text/plain", b"application/vnd.x+json"])
def test_a_brace_in_front_is_json_whatever_the_type_says(content_type: bytes) -> None:
    assert read_fields(b'{"a":1}', content_type) == {"a": "1"}


@pytest.mark.parametrize("content_type", [b"", b"text/plain", FORM + b"; charset=iso-8859-1"])
def test_all_else_is_a_form(content_type: bytes) -> None:
    assert read_fields(b"a=%C3%A9", content_type) == {"a": "é"}


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"[]", b"null", b'"a"', b"{", b'{"a":1,}', b'{"a":1}x', b'{"a":NaN}', b'{"a":01}'),
        *(b'{"a":{}}', b'{"a":{"b":1}}', b'{"a":[[1]]}', b'{"a":[{}]}', b"\xef\xbb\xbf{}"),
        *(b'{"a":"\\ud800"}', b'{"a":"x\ny"}', b"{'a':1}", b"key=k&action=balance"),
        b'{"a":' + b"[" * 100_000,
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)
def test_json_of_another_shape_is_refused(body: bytes) -> None:
    assert refusal_of(body, JSON) == Refusal(Code.BAD_PARAMS, NOT_FLAT)


def test_multipart_is_read_like_a_form() -> None:
    body = multipart(
        ("key", b"k"), ("comments", b"a, b\r\nc+%2B"), ("orders[]", b"1"), ("orders[]", b"2")
    )

    assert read_fields(body, MULTIPART) == {
        "key": "k",
        "comments": "a, b\r\nc+%2B",
        "orders": ("1", "2"),
    }
    assert read_fields(multipart(("é", "é".encode())), MULTIPART) == {"é": "é"}
    assert read_fields(multipart(("a", b"")), MULTIPART) == {"a": ""}


@pytest.mark.parametrize("name", ['a"; filename="x.txt', 'a"; filename="'])
def test_files_are_refused(name: str) -> None:
    refusal = refusal_of(multipart((name, b"data")), MULTIPART)

    assert refusal == Refusal(Code.BAD_PARAMS, NO_FILES)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (multipart(("a", b"1"), end=b""), MULTIPART),
        (multipart(("a", b"1"))[:-6], MULTIPART),
        (b"", MULTIPART),
        (b"a=1", MULTIPART),
        (multipart(("a", b"1")), b"multipart/form-data"),
        (multipart(("a", b"1")), b"multipart/form-data; boundary="),
        (multipart(("a", b"1")), b"multipart/form-data; boundary=" + b"x" * 5_000),
        (b"--xYzZY\r\nX-Other: 1\r\n\r\n1\r\n--xYzZY--\r\n", MULTIPART),
        (b"--xYzZY\r\n" + b"X: 1\r\n" * 1_000 + b"\r\n1\r\n--xYzZY--\r\n", MULTIPART),
    ],
)
def test_malformed_multipart_is_refused(body: bytes, content_type: bytes) -> None:
    assert refusal_of(body, content_type) == Refusal(Code.BAD_PARAMS, NOT_MULTIPART)


@pytest.mark.parametrize(
    ("body", "content_type", "why"),
    [
        (b"comments=caf%E9", FORM, NOT_UTF8),
        (b"comments=caf\xe9", FORM, NOT_UTF8),
        (b"%FF=1", FORM, NOT_UTF8),
        (b"a=%ED%A0%80", FORM, NOT_UTF8),
        (multipart(("a", b"caf\xe9")), MULTIPART, NOT_UTF8),
        (b'{"a":"caf\xe9"}', JSON, NOT_UTF8),
        (b'{"caf\xe9":1}', JSON, NOT_UTF8),
        (b"a=1%002", FORM, NOT_TEXT),
        (b"a=1\x002", FORM, NOT_TEXT),
        (multipart(("a", b"1\x002")), MULTIPART, NOT_TEXT),
        (b'{"a":"1\\u00002"}', JSON, NOT_TEXT),
        (b'{"a":["1\\u00002"]}', JSON, NOT_TEXT),
        (b'{"1\\u00002":1}', JSON, NOT_TEXT),
    ],
)
def test_what_is_not_text_is_refused(body: bytes, content_type: bytes, why: str) -> None:
    assert refusal_of(body, content_type) == Refusal(Code.BAD_PARAMS, why)


@pytest.mark.parametrize("count", [FIELDS_MAX, FIELDS_MAX + 1])
def test_fields_are_counted(count: int) -> None:
    names = [f"f{number}" for number in range(count)]
    bodies = [
        (FORM, b"&".join(f"{name}=1".encode() for name in names)),
        (MULTIPART, multipart(*((name, b"1") for name in names))),
        (JSON, json.dumps(dict.fromkeys(names, 1)).encode()),
    ]

    for content_type, body in bodies:
        if count <= FIELDS_MAX:
            assert read_fields(body, content_type) == dict.fromkeys(names, "1")
        else:
            assert refusal_of(body, content_type) == Refusal(Code.TOO_LARGE)


NAMES = st.text(st.characters(exclude_characters='\0[]\r\n"\\;', exclude_categories=["Cs"]))
VALUES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
FIELDS = st.dictionaries(NAMES, VALUES, max_size=8)


@settings(deadline=None)
@given(FIELDS)
def test_what_was_written_is_read_in_every_encoding(fields: dict[str, str]) -> None:
    pairs = (f"{quote_plus(name)}={quote_plus(value)}" for name, value in fields.items())

    assert read_fields("&".join(pairs).encode(), FORM) == fields
    assert read_fields(json.dumps(fields).encode(), JSON) == fields
    assert read_fields(json.dumps(fields, ensure_ascii=False).encode(), JSON) == fields


CONTENT_TYPES = st.sampled_from([b"", FORM, JSON, MULTIPART, b"multipart/form-data"])
PIECES = st.sampled_from(
    [
        *(b"--xYzZY", b"--xYzZY--", b"\r\n", b"Content-Disposition: form-data;", b' name="a"'),
        *(b"&", b"=", b"%", b"%00", b"%ff", b"+", b"a[]", b"a[0]", b"{", b"}", b"[", b"]"),
        *(b'"a"', b":", b",", b"1e9", b"null", b"\\ud800", b"\x00", b"\xff", b"\xc3\xa9"),
    ]
)
BODIES = st.binary(max_size=200) | st.lists(PIECES | st.binary(max_size=3)).map(b"".join)


@settings(deadline=None)
@given(BODIES, CONTENT_TYPES | st.binary(max_size=60))
def test_any_bytes_give_text_or_a_refusal(body: bytes, content_type: bytes) -> None:
    fields: Fields = {}
    with suppress(Refusal):
        fields = read_fields(body, content_type)
    for name, value in fields.items():
        for text in (name, *((value,) if isinstance(value, str) else value)):
            assert b"\0" not in text.encode()
