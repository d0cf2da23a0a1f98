import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.storage.documents_lines import Lines, Path

TEXT = '''\
# [[services]] in a comment is none
title = "[[services]] # neither"   # nor here = 3

[a."b c".'d']
x.y = 1
"q" = [ # one
  1, [2,
  3], "]", { k = 1, "l" = [4] },

]
long = """
[[services]]
id = 9 \\""" ""
"""
raw = \'\'\'
it's [[services]]\'\'\'

[[services]]
id = 1
when = 1979-05-27 07:32:00Z
[services.match]
group = "x"
[[services.parts]]
n = 1
[[services.parts]]
n = 2

[[services]]
id=2
empty = []
inline = {}
end = -1.5e3'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("a", "b c", "d"), 4),
        (("a", "b c", "d", "x", "y"), 5),
        (("a", "b c", "d", "q"), 6),
        (("a", "b c", "d", "q", 0), 7),
        (("a", "b c", "d", "q", 1), 7),
        (("a", "b c", "d", "q", 1, 0), 7),
        (("a", "b c", "d", "q", 1, 1), 8),
        (("a", "b c", "d", "q", 2), 8),
        (("a", "b c", "d", "q", 3, "k"), 8),
        (("a", "b c", "d", "q", 3, "l", 0), 8),
        (("a", "b c", "d", "long"), 11),
        (("a", "b c", "d", "raw"), 15),
        (("services",), 18),
        (("services", 0), 18),
        (("services", 0, "id"), 19),
        (("services", 0, "when"), 20),
        (("services", 0, "match"), 21),
        (("services", 0, "match", "group"), 22),
        (("services", 0, "parts", 0, "n"), 24),
        (("services", 0, "parts", 1), 25),
        (("services", 0, "parts", 1, "n"), 26),
        (("services", 1), 28),
        (("services", 1, "id"), 29),
        (("services", 1, "end"), 32),
    ],
)
def test_finds_the_line_of_a_value(path: Path, line: int) -> None:
    assert Lines(TEXT).of(path) == line


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("services", 1, "missing"), 28),
        (("services", 1, "id", "within"), 29),
        (("services", 7, "id"), 18),
        (("nowhere",), None),
        ((), None),
    ],
)
def test_what_is_missing_is_looked_for_in_the_table_around_it(path: Path, line: int | None) -> None:
    assert Lines(TEXT).of(path) == line


@pytest.mark.parametrize(
    "text",
    [
        '"a\\u0062" = 1\nc = 2',
        "c = 1\n[[",
        'c = "open',
        "c = ]",
        "c 1",
        "c = {a = 1 b = 2}",
        "c = " + "[" * 100_000,
    ],
)
def test_what_is_not_understood_is_not_guessed(text: str) -> None:
    assert Lines(text).of(("c",)) is None


def test_windows_line_ends_count_once() -> None:
    assert Lines("a = 1\r\n\r\nb = 2\r\n").of(("b",)) == 3


KEYS = st.text("abc", min_size=1, max_size=2)
VALUES = st.sampled_from(
    [
        "1",
        '"x # y"',
        "'['",
        '"""\n[[a]]\n"""',
        "[\n1,\n# ]\n2]",
        "{ p = [1], q = '}' }",
        "[[1], [2]]",
    ]
)
BODY = st.dictionaries(KEYS, VALUES, max_size=4)


@given(st.lists(st.tuples(BODY, st.integers(0, 3)), max_size=6))
def test_each_key_of_any_document_is_found_where_it_stands(
    tables: list[tuple[dict[str, str], int]],
) -> None:
    lines: list[str] = []
    wanted: dict[Path, int] = {}
    for place, (body, gap) in enumerate(tables):
        lines += ["# [[t]] = x"] * gap + ["[[t]]"]
        wanted["t", place] = len(lines)
        for key, value in body.items():
            wanted["t", place, key] = len(lines) + 1
            lines += f"{key} = {value}".split("\n")
    text = "\n".join(lines)
    assert [set(row) for row in tomllib.loads(text).get("t", [])] == [
        set(body) for body, _ in tables
    ]
    found = Lines(text)
    assert {path: found.of(path) for path in wanted} == wanted
