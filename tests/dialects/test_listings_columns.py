"""What thousands of rows have alike is read once; values that only compare equal are not alike."""

from decimal import Decimal

import pytest

from gateway.dialects import json_text
from gateway.dialects.json_text import Json
from gateway.dialects.messages import ServicesRead
from gateway.dialects.standard import STANDARD
from gateway.domain.catalog import Listing

ROW: dict[str, Json] = {"name": "Followers", "type": "Default", "rate": "0.90", "min": 5, "max": 10}


def read(name: str, values: list[Json]) -> tuple[Listing, ...]:
    rows: list[Json] = [
        {**ROW, "service": number, name: value} for number, value in enumerate(values, start=1)
    ]
    listed = STANDARD.read_services(200, json_text.write(rows))
    assert isinstance(listed, ServicesRead)
    assert listed.skipped == ()
    return listed.listings


FLAGS: list[tuple[Json, bool | None]] = [
    *((True, True), (1, True), ("1", True), (Decimal("1.0"), None)),
    *((False, False), (0, False), ("0", False), (Decimal("0.0"), None)),
    *((None, None), ("", None), ([], None), ({}, None)),
]


@pytest.mark.parametrize(
    "kinds", [(bool,), (int,), (str,), (bool, int), (bool, Decimal), (int, Decimal), (list, dict)]
)
def test_each_flag_is_read_as_itself(kinds: tuple[type, ...]) -> None:
    flags = [(value, known) for value, known in FLAGS if value is None or isinstance(value, kinds)]
    listings = read("cancel", [value for value, _ in flags] * 5)
    assert [listing.cancel for listing in listings] == [known for _, known in flags] * 5


def test_all_kinds_in_one_column() -> None:
    listings = read("refill", [value for value, _ in FLAGS] * 5)
    assert [listing.refill for listing in listings] == [known for _, known in FLAGS] * 5


def test_every_digit_of_a_rate_is_kept() -> None:
    rates: list[Json] = [Decimal("1.0"), Decimal("1.00"), 1, "1.000"]
    assert [str(listing.rate) for listing in read("rate", rates * 5)] == [
        *("1.0", "1.00", "1", "1.000")
    ] * 5


def test_another_name_is_read_only_where_the_first_is_missing() -> None:
    rows: list[Json] = [
        {**ROW, "service": 1, "description": "one", "desc": "two"},
        {**ROW, "service": 2, "description": None, "desc": "two"},
        {**ROW, "service": 3, "desc": "three"},
        {**ROW, "service": 4, "description": ""},
        {**ROW, "service": 5},
    ]
    listed = STANDARD.read_services(200, json_text.write(rows))
    assert isinstance(listed, ServicesRead)
    assert [each.description for each in listed.listings] == ["one", "two", "three", "", ""]
