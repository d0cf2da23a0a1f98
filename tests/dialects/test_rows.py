from collections import Counter

import pytest

from gateway.dialects.json_text import Json
from gateway.dialects.rows import NOT_ASKED, by_id, rows_of
from gateway.dialects.spelling import Key
from gateway.domain.observations import Refused

ID = Key("id", also_read=("order",))


def pairs(answer: Json, *ids: str, alone: bool = False) -> list[tuple[str, Json]] | None:
    rows = rows_of(answer, ids, ID, lambda row: "x" in row, alone=alone)
    return None if rows is None else list(rows)


EMPTY: dict[str, Json] = {}


@pytest.mark.parametrize(
    ("answer", "ids", "found"),
    [
        ({"x": 1}, "1", [("1", {"x": 1})]),
        ({"x": 1}, "1,2", None),
        ({"id": 1, "x": 1}, "1,2", [("1", {"id": 1, "x": 1})]),
        ({"order": "2"}, "1", [("2", {"order": "2"})]),
        ({"1": 5, "2": EMPTY}, "3", [("1", 5), ("2", EMPTY)]),
        ({"a": 5, "b": 6}, "a,c", [("a", 5), ("b", 6)]),
        ({"a": 5, "b": 6}, "c", None),
        ({"1": {"id": 2}, "3": {"id": "3"}}, "1", [("3", {"id": "3"})]),
        ([{"id": 1}, 5, {"2": 6}], "1", [("1", {"id": 1}), ("2", 6)]),
        ([{"x": 1}], "1", [("x", 1)]),
        (5, "1", None),
        (None, "1", None),
    ],
)
def test_rows_and_their_ids(answer: Json, ids: str, found: object) -> None:
    assert pairs(answer, *ids.split(",")) == found


def test_far_too_many_rows() -> None:
    rows: list[Json] = [{"id": 1}] * 10_000
    assert pairs(rows, "1") == [("1", {"id": 1})] * 10_000
    assert pairs([*rows, {"id": 1}], "1") is None
    assert pairs({str(number): 1 for number in range(10_001)}, "1") is None


def test_the_only_row_of_a_list() -> None:
    assert pairs([{"x": 1}], "1", alone=True) == [("1", {"x": 1})]
    assert pairs([{"x": 1}], "1", "2", alone=True) == [("x", 1)]
    assert pairs([{"x": 1}, {"x": 2}], "1", alone=True) == [("x", 1), ("x", 2)]
    assert pairs([{"id": 2, "x": 1}], "1", alone=True) == [("2", {"id": 2, "x": 1})]
    assert pairs([], "1", alone=True) == []


def test_one_answer_for_each_id() -> None:
    noted: Counter[str] = Counter()
    rows: list[tuple[str, Json]] = [("1", "a"), ("2", "b"), ("2", "c"), ("3", None), ("4", "d")]
    rows += [("1", "a"), ("4", None)]

    def read(_: str, row: Json) -> str | Refused | None:
        return row if isinstance(row, str) else None

    assert by_id(["1", "2", "3"], rows, read, noted) == {"1": "a"}
    assert noted == {NOT_ASKED: 2}
