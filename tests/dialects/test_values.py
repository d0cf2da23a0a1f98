import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects.json_text import Json
from gateway.dialects.values import amount, flag, line, prose, whole
from gateway.domain.money import read_amount

NOTHING: list[Json] = []
NO_FIELDS: dict[str, Json] = {}


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("0", Decimal(0)),
        ("0.27", Decimal("0.27")),
        (" 0.27 ", Decimal("0.27")),
        (5, Decimal(5)),
        (Decimal("0.08011655652"), Decimal("0.08011655652")),
        ("8e-05", Decimal("0.00008")),
        (Decimal("8E-5"), Decimal("0.00008")),
        ("-3.5", Decimal("-3.5")),
        *((value, None) for value in ("", None, "0,27", "$0.27", "1 234.5", "1,200.50", "NaN")),
        *(
            (value, None)
            for value in ("Infinity", True, NOTHING, NO_FIELDS, "1e999", Decimal("1E+400"), "٣")
        ),
    ],
    ids=repr,
)
def test_amount(value: Json, read: Decimal | None) -> None:
    assert amount(value) == read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("157", 157),
        (157, 157),
        ("-3", -3),
        ("+5", 5),
        ("12.0", 12),
        (Decimal("12.0"), 12),
        (2**31 + 5, 2**31 + 5),
        *(
            (value, None)
            for value in (
                "",
                None,
                "12.5",
                "1,000",
                "1e3",
                "\N{FULLWIDTH DIGIT ONE}0",
                True,
                NOTHING,
                "9" * 19,
            )
        ),
    ],
    ids=repr,
)
def test_whole(value: Json, read: int | None) -> None:
    assert whole(value) == read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        *((value, True) for value in ("1", 1, True, "true")),
        *((value, False) for value in ("0", 0, False, "false")),
        *((value, None) for value in ("", None, "yes", 2, NOTHING, NO_FIELDS)),
    ],
    ids=repr,
)
def test_flag(value: Json, read: bool | None) -> None:  # noqa: FBT001  what the test is about
    assert flag(value) is read


def test_a_line_has_no_control_or_direction_characters_and_a_bound() -> None:
    assert line(" Likes\x00\r\n\u202efast\u2066 ", 100) == "Likes  fast"
    assert line("Cafe\u0301", 100) == "Caf\u00e9"
    assert line("abc def", 4) == "abc"
    assert line(7, 10) == "7"
    assert [line(value, 10) for value in (None, True, NOTHING, NO_FIELDS)] == [""] * 4


def test_prose_keeps_its_lines_and_loses_its_tags() -> None:
    assert (
        prose("<p>Start: 1 < 2 h</p>\r\nSpeed:<br/>fast\u200f", 100)
        == "Start: 1 < 2 h \nSpeed: fast"
    )
    assert prose(None, 10) == ""


@given(st.text(), st.integers(1, 20))
def test_cleaning_twice_is_cleaning_once(text: str, characters_max: int) -> None:
    for clean in (line, prose):
        once = clean(text, characters_max)
        assert clean(once, characters_max) == once
        assert len(once) <= characters_max


@given(st.text(alphabet="0123456789.eE+- \u0663", max_size=40) | st.from_regex(r"\d{1,20}\.?\d*"))
def test_a_plain_text_is_read_as_any_other(text: str) -> None:
    assert repr(amount(text)) == repr(read_amount(text.strip()))
    found = re.fullmatch(r"([+-]?[0-9]{1,18})(?:\.0{1,18})?", text.strip())
    assert whole(text) == (int(found[1]) if found else None)


def test_a_million_open_tags_end_soon() -> None:
    assert prose("<a" * 1_000_000, 4) == "<a<a"  # what took n * n steps would not end today
    assert prose("<b>x</b>" + "<a" * 1_000_000, 4) == "x <a"
