import re
import sys
from collections import Counter
from decimal import Decimal
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects import json_text, tolerant
from gateway.dialects.json_text import NESTING_MAX, Json
from gateway.dialects.tolerant import (
    BARE_CHARACTERS_MAX,
    NOISE_CHARACTERS_MAX,
    REPAIRS,
    ROWS_LOOKED_INTO_MAX,
    fold_keys,
    read_tolerantly,
)

NAMES = frozenset({"order", "status", "charge", "error", "start_count"})
NOTICE = "Notice: Undefined index: {x}[0] in panel.php on line 5"
WARNING = (
    '<br />\n<b>Warning</b>:  Undefined array key "rate" in <b>api.php</b> on line <b>7</b><br />\n'
)


def read(text: str) -> tuple[Json, dict[str, int]]:
    noted: Counter[str] = Counter()
    return read_tolerantly(text.encode(), noted), dict(noted)


ALONE: list[tuple[str, str, Json]] = [
    ("bom", '\ufeff{"a":1}', {"a": 1}),
    ("bom", "\ufeff\r\n\ufeff [1]", [1]),
    ("text before", 'Connected\n{"a":1}', {"a": 1}),
    ("text before", NOTICE + '<br>{"a":1}', {"a": 1}),
    ("text before", NOTICE + "\n" + NOTICE + '\n\n{"a":1}', {"a": 1}),
    ("text before", f"PHP {NOTICE}[]", []),
    ("text before", WARNING + '{"a":1}', {"a": 1}),
    ("text before", "Loaded<br/>" + WARNING + "\ufeff[1]", [1]),
    ("trailing comma", '{"a":1,}', {"a": 1}),
    ("trailing comma", '{"a":1 , \n }', {"a": 1}),
    ("trailing comma", "[1,2,\t]", [1, 2]),
    ("trailing comma", '[{"a":[],"b":1},]', [{"a": [], "b": 1}]),
    ("missing comma", '{"a":1\n"b":2}', {"a": 1, "b": 2}),
    ("missing comma", '{"a":"x"\r"b":2}', {"a": "x", "b": 2}),
    ("missing comma", '[{"a":1}\r\n  {"a":2}]', [{"a": 1}, {"a": 2}]),
    ("missing comma", '{"a":{}\n"b":2}', {"a": {}, "b": 2}),
    ("missing comma", "[1\n2]", [1, 2]),
    ("bare word", '{"a":Success}', {"a": "Success"}),
    ("bare word", '{"a": Service Description , "b":1}', {"a": "Service Description", "b": 1}),
    ("bare word", '{"a":default\n,"b":1}', {"a": "default", "b": 1}),
    ("bare word", "[one]", ["one"]),
    ("bare word", '{"a":\u2605 caf\u00e9\t5}', {"a": "\u2605 caf\u00e9\t5"}),
    ("bare word", '{"a":True}', {"a": True}),
    ("bare word", '{"a":FALSE}', {"a": False}),
    ("bare word", '{"a":None}', {"a": None}),
    ("bare word", '{"a":NULL}', {"a": None}),
    ("bare word", '{"a":$0.27}', {"a": "$0.27"}),
    ("bare word", '{"a":1 234.5}', {"a": "1 234.5"}),
    ("bare word", '{"a":' + "x" * BARE_CHARACTERS_MAX + "}", {"a": "x" * BARE_CHARACTERS_MAX}),
    ("single quotes", "['a']", ["a"]),
    ("single quotes", "{'a':1}", {"a": 1}),
    ("single quotes", "['']", [""]),
    (
        "single quotes",
        r"""['it\'s "so" \"so\" \\ \\\' \u2605\n']""",
        ['it\'s "so" "so" \\ \\\' ★\n'],
    ),
    ("text after", '{"a":1}' + WARNING, {"a": 1}),
    ("text after", '{"a":1}\n' + NOTICE, {"a": 1}),
    ("text after", "[]" + NOTICE + "<br>" + NOTICE + "\n", []),
]


@pytest.mark.parametrize(("repair", "text", "value"), ALONE)
def test_each_repair_alone(repair: str, text: str, value: Json) -> None:
    assert json_text.read(text.encode()) is None
    assert read(text) == (value, {repair: 1})


def test_every_repair_is_among_them() -> None:
    assert {repair for repair, _, _ in ALONE} | {"key case"} == set(REPAIRS)


TOGETHER: list[tuple[str, Json, dict[str, int]]] = [
    (
        "\ufeff" + WARNING + '{\'a\': None,\n"b": Success\n"c": [1,],}\n' + NOTICE,
        {"a": None, "b": "Success", "c": [1]},
        {
            "bom": 1,
            "text before": 1,
            "single quotes": 1,
            "bare word": 2,
            "missing comma": 1,
            "trailing comma": 2,
            "text after": 1,
        },
    ),
    (
        "[{'a': 'b', 'c': False}\n{'a': [], 'c': {},},]",
        [{"a": "b", "c": False}, {"a": [], "c": {}}],
        {"single quotes": 5, "bare word": 1, "missing comma": 1, "trailing comma": 2},
    ),
    ('{"a":{"b":{"c":x,},},}', {"a": {"b": {"c": "x"}}}, {"bare word": 1, "trailing comma": 3}),
]


@pytest.mark.parametrize(("text", "value", "noted"), TOGETHER)
def test_repairs_together(text: str, value: Json, noted: dict[str, int]) -> None:
    assert read(text) == (value, noted)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "x", "Success", "\ufeff", WARNING, "5x", "'a'", ","),
        # not numbers
        *('{"a":NaN,}', '{"a":NAN}', '{"a":Infinity,}', "[-Infinity,]", "[INF,]", "[-inf]"),
        *('{"a":undefined}', '{"a":,}', '{"a":}', '{"a":\u00a0}', '{"a":\n}'),
        # doubled keys
        *('{"a":1,"a":1,}', "{'a':1,\"a\":2}", '{"a":{"b":1,"b":1},}', '{"a":1\n"a":1}'),
        # cut short
        *('{"a":1', '{"a":1,', '{"a":[1,2,', '{"a', '{"a"', '{"a":', '{"a":wor', "[", "{", "['a"),
        *('{"a":1,}]', '{"a":1]', "[1,}", "[[1,]", NOTICE + '{"a":[1}'),
        # two documents
        *('{"a":1}{"a":1}', "[1,]\n[2,]", '{"a":1,}\n{"b":1}', '1{"a":1}', '"x"\n{"a":1}'),
        *('null\n{"a":1}', "true[1]", '{"a":1}' + WARNING + '{"b":2}', "{}5", "{},"),
        # pages of HTML, and other programs
        *("<html>", '<!DOCTYPE html><script>x = {"a":1}</script>', '<html>{"a":1}</html>'),
        *('<div>Log in</div>{"a":1}', "<style>p{color:red}</style>", 'x({"a":1});', "<h1>1</h1>[]"),
        *('{"a":1}</body></html>', '{"a":1}<br>', '{"a":1}done', '{"a":1};', ')]}\'\n{"a":1}'),
        *('{"a":1}Fatal error: out of memory in a.php on line 5', '"a":1}\n[1]', "<p\n{}"),
        # damage with more than one meaning
        *('{"a":1 "b":2}', '["a" "b"]', '{"a" 1}', "{a:1}", "{1:1}", "{,}", "[,]", "[1,,]", "[,1]"),
        *('{"a":1,,}', '{"a":5"}', '{"a":x [y]}', '{"a":10:30}', '{"a":0,27}', '{"a":"x\ny",}'),
        *("{'a':'it's'}", '{"a":"\\x",}', '["\\ud83d",]', '["a" // one\n,]', '{"a":1,/**/}'),
        '{"a":' + "x" * (BARE_CHARACTERS_MAX + 1) + "}",
        "x" * (NOISE_CHARACTERS_MAX + 1) + "{}",
        "{}" + (NOTICE + "\n") * (NOISE_CHARACTERS_MAX // len(NOTICE)),
        # numbers beyond the bounds
        *(f"[{number},]" for number in ("1" * 31, "0." + "1" * 63, "1e999999999999999999999")),
        # nesting
        "[" * 10_000,
        "[" * 10_000 + "]" * 10_000,
        '{"a":' * 10_000 + "1," + "}" * 10_000,
        "[" * (NESTING_MAX + 1) + "1," + "]" * (NESTING_MAX + 1),
    ],
    ids=lambda text: f"{text[:40]!r} of {len(text)}",
)
def test_what_is_not_repaired(text: str) -> None:
    assert read(text) == (None, {})


@pytest.mark.parametrize("body", [b"\xff\xfe{}", b'{"a":"\xff",}', "{}".encode("utf-16"), b"\x00"])
def test_other_encodings_are_not_read(body: bytes) -> None:
    assert read_tolerantly(body) is None


def test_what_is_just_within_the_bounds_is_repaired() -> None:
    deepest = "[" * NESTING_MAX + "1," + "]" * NESTING_MAX
    assert read(deepest)[1] == {"trailing comma": 1}
    assert read(f"[{'1' * 30},]") == ([int("1" * 30)], {"trailing comma": 1})
    assert read("x" * NOISE_CHARACTERS_MAX + "[1]") == ([1], {"text before": 1})


def test_the_size_has_a_bound() -> None:
    blanks = b" " * (json_text.BYTES_MAX - len("[1,]"))
    assert read_tolerantly(blanks + b"[1,]") == [1]
    assert read_tolerantly(blanks + b" [1,]") is None


def test_the_steps_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tolerant, "STEPS_MAX", 100)
    assert read("[" + "[]," * 90 + "]") == ([[]] * 90, {"trailing comma": 1})
    assert read("[" + "[]," * 110 + "]") == (None, {})


def test_numbers_stay_exact() -> None:
    value, _ = read('{"charge":0.08011655652000,"start_count":18446744073709551617,}')
    assert repr(value) == (
        "{'charge': Decimal('0.08011655652000'), 'start_count': 18446744073709551617}"
    )


# as printed on five panels' pages
PRINTED: list[tuple[str, Json, dict[str, int]]] = [
    (
        '{\n    "status": "Completed",\n}\n            ',
        {"status": "Completed"},
        {"trailing comma": 1},
    ),
    (
        '{ "success": "We will attempt to cancel this order. Cancellation is not guaranteed.", }',
        {"success": "We will attempt to cancel this order. Cancellation is not guaranteed."},
        {"trailing comma": 1},
    ),
    (
        '[ { "service": 101, "name": "Real & Active Followers", "rate": "250.00", "type":'
        ' "default", "description": Service Description, "dripfeed": true, "cancel": true, }, {'
        ' "service": 30067, "description": Service Description, "dripfeed": true, } ]',
        [
            {
                "service": 101,
                "name": "Real & Active Followers",
                "rate": "250.00",
                "type": "default",
                "description": "Service Description",
                "dripfeed": True,
                "cancel": True,
            },
            {"service": 30067, "description": "Service Description", "dripfeed": True},
        ],
        {"bare word": 2, "trailing comma": 2},
    ),
    (
        '[\n{\n"service": 101,\n"description": Service Description,\n"refill": true,\n},\n'
        '{\n"service": 2,\n"description": Service Description,\n"cancel": true,\n}\n]',
        [
            {"service": 101, "description": "Service Description", "refill": True},
            {"service": 2, "description": "Service Description", "cancel": True},
        ],
        {"bare word": 2, "trailing comma": 2},
    ),
    (
        '{\n\t"balance": 10000,\n\t"currency": "USD",\n}',
        {"balance": 10_000, "currency": "USD"},
        {"trailing comma": 1},
    ),
    (
        '{\n\t"status": Success,\n\t"message": "Your order successfully added for refill. Thank you'
        ' for patience."\n}',
        {
            "status": "Success",
            "message": "Your order successfully added for refill. Thank you for patience.",
        },
        {"bare word": 1},
    ),
    (
        '[\n  {\n      "service": "5",\n      "name": "Instagram Followers [15K] ",\n'
        '      "category": "Instagram - [Guaranteed\\/Refill] \\u2b50",\n      "max": "10000"\n'
        '      "type": default\n      "desc": usernames\n      "dripfeed": 1\n  },\n'
        '  {\n      "service": "9",\n      "max": "300000"\n      "type": default\n'
        '      "desc": usernames\n      "dripfeed": 1\n  }\n]\n            ',
        [
            {
                "service": "5",
                "name": "Instagram Followers [15K] ",
                "category": "Instagram - [Guaranteed/Refill] \u2b50",
                "max": "10000",
                "type": "default",
                "desc": "usernames",
                "dripfeed": 1,
            },
            {
                "service": "9",
                "max": "300000",
                "type": "default",
                "desc": "usernames",
                "dripfeed": 1,
            },
        ],
        {"missing comma": 6, "bare word": 4},
    ),
]


@pytest.mark.parametrize(("text", "value", "noted"), PRINTED)
def test_what_panels_print_is_read(text: str, value: Json, noted: dict[str, int]) -> None:
    assert read(text) == (value, noted)


NUMBERS = st.decimals(
    allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9
)
SCALARS: st.SearchStrategy[Json] = (
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | NUMBERS
    | st.text(max_size=20)
    | st.sampled_from(["Success", "Service Description", "default", "NaN", "true", "it's", 'a"b'])
)
KEYS = st.text(max_size=8)


def holding(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    return st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4)


VALUES = st.recursive(SCALARS, holding, max_leaves=20)
DOCUMENTS = holding(VALUES)
BARE = re.compile(
    r"(?!(?i:true|false|null|none|nan|inf|infinity|undefined)$)[A-Za-z]+( [A-Za-z]+)*"
)


@st.composite
def damaged(draw: st.DrawFn, value: Json) -> str:
    """A document as a panel without a JSON library might print it."""
    if isinstance(value, str):
        return draw(texts(value))
    if not isinstance(value, list | dict):
        return json_text.write(value).decode()
    if isinstance(value, dict):
        colon = draw(st.sampled_from([":", " : ", ":\n"]))
        items = [draw(quoted(key)) + colon + draw(damaged(each)) for key, each in value.items()]
    else:
        items = [draw(damaged(each)) for each in value]
    between = st.sampled_from([",", ", ", ",\n", "\n", " \r\n\t"])
    text = "".join(item + draw(between) for item in items[:-1]) + "".join(items[-1:])
    end = draw(st.sampled_from(["", "\n", ",", " , \n"] if items else ["", " "]))
    return f"{{{text}{end}}}" if isinstance(value, dict) else f"[{text}{end}]"


def texts(value: str) -> st.SearchStrategy[str]:
    return st.just(value) | quoted(value) if BARE.fullmatch(value) else quoted(value)


def quoted(value: str) -> st.SearchStrategy[str]:
    text = json_text.write(value).decode()
    return st.sampled_from([text, "'" + text[1:-1].replace("'", r"\'") + "'"])


def has_binary_fraction(value: Json) -> bool:
    if isinstance(value, list):
        return any(map(has_binary_fraction, value))
    if isinstance(value, dict):
        return any(map(has_binary_fraction, value.values()))
    return isinstance(value, float)


@given(st.data(), DOCUMENTS)
def test_what_was_damaged_reads_back_equal(data: st.DataObject, value: Json) -> None:
    text = data.draw(damaged(value))
    before = data.draw(st.sampled_from(["", "\ufeff", "Connected\n", WARNING, NOTICE + "\n"]))
    after = data.draw(st.sampled_from(["", "\n", WARNING, NOTICE]))
    assert read(before + text + after)[0] == value


@given(st.data(), DOCUMENTS)
def test_a_part_or_two_documents_say_nothing(data: st.DataObject, value: Json) -> None:
    text = data.draw(damaged(value))
    assert read(text[: data.draw(st.integers(0, len(text) - 1))]) == (None, {})
    assert read(text + data.draw(st.sampled_from(["", "\n", ",", WARNING])) + text) == (None, {})


@given(VALUES)
def test_what_is_strictly_valid_needs_no_repair(value: Json) -> None:
    assert read(json_text.write(value).decode()) == (value, {})


PIECES = st.sampled_from(
    [
        *('{"a":1}', '"a"', "'a'", '"a":', "'b':", "1", "0.5", "-1e-7", "true", "None", "NaN"),
        *("{", "}", "[", "]", ",", ":", "\n", " ", "x", "\ufeff", "\\", '"', "'", "<b>", WARNING),
    ]
)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_reading_never_raises(body: bytes) -> None:
    assert not has_binary_fraction(read_tolerantly(body, Counter()))


@given(st.lists(PIECES, max_size=20).map("".join))
def test_what_is_nearly_json_is_repaired_or_nothing(text: str) -> None:
    strict = json_text.read(text.encode())
    value, noted = read(text)
    assert not has_binary_fraction(value)
    if strict is not None:
        assert (value, noted) == (strict, {})
    else:
        assert (value is None) == (not noted)


ROW = """{'service': "1", "name": "A [1] \\n", "type": default\n"desc": No word,},"""


@pytest.mark.parametrize(
    ("head", "repeated", "end"),
    [
        ("[", ROW, "]"),
        ("[", "1\n", "]"),
        ("{", '"a":x,', "}"),
        ("[", "['a']\n", "]"),
        ("[", '{"a":1},', ""),
        (WARNING, NOTICE + "\n", "[1,]"),
    ],
)
def test_steps_grow_with_the_size_and_no_faster(head: str, repeated: str, end: str) -> None:
    few, many = (calls((head + repeated * count + end).encode()) for count in (250, 1_000))
    assert many < 4.5 * few


def calls(body: bytes) -> int:
    """How many functions reading calls, counted by the interpreter."""
    count = 0
    before = sys.getprofile()

    def called(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(called)
    try:
        read_tolerantly(body)
    finally:
        sys.setprofile(before)
    return count


MANY = 1_000_000


@pytest.mark.parametrize(
    "text",
    [
        *(
            "[" * MANY,
            "{" * MANY,
            '{"a":' * MANY,
            "[1," * MANY,
            "\ufeff" * MANY,
            "Warning: " * MANY,
        ),
        *("<br>" * MANY, "[1," + " " * MANY, "[1" + "\n" * MANY + "x", '["' + "a" * MANY),
        *('["' + r"\n" * MANY, "['" + r"\n" * MANY, "[" + "-" * MANY, "[1,0." + "1" * MANY),
        *("[" + "a " * MANY, "[" + "'" * MANY, '["a"' + ' "a"' * MANY, "{}" + "<br>" * MANY),
        *("{}" + " \n" * MANY + "x", '{"a"' + " " * MANY, '{"a":' + " " * MANY, "<html>" * MANY),
    ],
    ids=lambda text: repr(text[:12]),
)
def test_a_million_of_anything_ends_soon(text: str) -> None:
    assert read(text) == (None, {})  # what took n * n steps would not end today


def folded(value: Json) -> tuple[Json, dict[str, int]]:
    noted: Counter[str] = Counter()
    return fold_keys(value, NAMES, noted), dict(noted)


def test_keys_are_found_in_any_case() -> None:
    answer: Json = {"7": {"Status": "Partial", "CHARGE": "0.5", "remains": 1}, "Error": None}
    assert folded(answer) == (
        {"7": {"status": "Partial", "charge": "0.5", "remains": 1}, "error": None},
        {"key case": 3},
    )
    assert folded([{"Order": 1}, {"data": [{"ORDER": 2}]}]) == (
        [{"order": 1}, {"data": [{"order": 2}]}],
        {"key case": 2},
    )


def test_keys_that_are_no_names_stay_as_they_are() -> None:
    answer: Json = {"UC-881": {"status": "Pending"}, "Platform": 1, "order": ["Status"]}
    assert fold_keys(answer, NAMES) is answer
    assert folded({"UC-881": {"Status": 1}}) == ({"UC-881": {"status": 1}}, {"key case": 1})


@pytest.mark.parametrize("value", [None, 5, "Status", True, Decimal(1), [], {}, ["Order", None]])
def test_what_has_no_keys_stays_as_it_is(value: Json) -> None:
    assert fold_keys(value, NAMES) is value


def test_two_keys_for_one_name_stay_as_they_are() -> None:
    assert folded({"order": 1, "Order": 2, "STATUS": 3}) == (
        {"order": 1, "Order": 2, "status": 3},
        {"key case": 1},
    )
    assert folded({"ORDER": 1, "Order": 2}) == ({"ORDER": 1, "Order": 2}, {})


def test_a_name_with_capitals_is_spelled_with_them() -> None:
    assert fold_keys({"startcount": 1}, {"startCount"}) == {"startCount": 1}


def test_every_row_of_a_long_list_is_looked_at() -> None:
    rows: list[Json] = [{"order": number} for number in range(ROWS_LOOKED_INTO_MAX)]
    assert fold_keys([*rows, {"Order": 5}], NAMES) == [*rows, {"order": 5}]
    nested: Json = [*rows, {"order": {"Error": "x"}}]
    assert fold_keys(nested, NAMES) is nested


@given(DOCUMENTS)
def test_folding_changes_keys_alone(value: Json) -> None:
    noted: Counter[str] = Counter()
    again = fold_keys(fold_keys(value, NAMES, noted), NAMES, noted)
    assert (again is value) == (not noted)
    assert json_text.write(again).lower() == json_text.write(value).lower()
