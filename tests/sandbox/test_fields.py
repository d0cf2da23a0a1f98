import pytest

from gateway.dialects.messages import Fields
from gateway.sandbox.fields import read_fields

FORM = "application/x-www-form-urlencoded; charset=utf-8"


@pytest.mark.parametrize(
    ("body", "kind", "fields"),
    [
        (b"a=1&b=&a=2", FORM, {"a": "2", "b": ""}),
        (b"a=x+y%26z%C3%A9", "", {"a": "x y&z\u00e9"}),
        (b"orders[]=1&orders[]=2&x[0]=3", FORM, {"orders": ("1", "2"), "x": ("3",)}),
        (
            b' {"a": 1, "b": "x", "c": null, "d": [1, "2"]}',
            "",
            {"a": "1", "b": "x", "d": ("1", "2")},
        ),
        (b'{"a": 1.50}', "application/json", {"a": "1.50"}),
        (b"", FORM, {}),
    ],
)
def test_bodies_become_fields(body: bytes, kind: str, fields: Fields) -> None:
    assert read_fields(body, kind) == fields


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"a=%FF", FORM),
        (b"\xff=1", FORM),
        (b"&".join(b"a=1" for _ in range(257)), FORM),
        (b"[1]", "application/json"),
        (b"{", "application/json"),
        (b'{"a": {"b": 1}}', "application/json"),
        (b'{"a": [[1]]}', "application/json"),
        (b'{"a": true}', "application/json"),
        (b"{" + b",".join(b'"%d":1' % at for at in range(257)) + b"}", "application/json"),
    ],
)
def test_what_has_no_fields(body: bytes, kind: str) -> None:
    assert read_fields(body, kind) is None
