from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects.dialect import Dialect
from gateway.dialects.fields import CANONICAL
from gateway.dialects.messages import CannotCarry, Fields
from gateway.dialects.standard import STANDARD
from gateway.domain.placements import Placement
from gateway.domain.refusals import Code, Refusal
from gateway.domain.services import ServiceType

LINK = "https://a.example/x"
ORDER: dict[str, str | tuple[str, ...]] = {"link": LINK, "quantity": "100"}


def read(fields: Fields, kind: ServiceType = ServiceType.DEFAULT) -> Placement:
    return STANDARD.read_placement(1, kind, fields)


def refusal_of(fields: Fields, kind: ServiceType = ServiceType.DEFAULT) -> Refusal:
    with pytest.raises(Refusal) as caught:
        read(fields, kind)
    return caught.value


def test_default() -> None:
    assert read(ORDER) == Placement(1, ServiceType.DEFAULT, LINK, 100)
    fields = {**ORDER, "runs": "5", "interval": "30"}
    assert read(fields) == Placement(1, ServiceType.DEFAULT, LINK, 100, runs=5, interval_minutes=30)


@pytest.mark.parametrize(
    "absent",
    [
        {"runs": "undefined", "interval": "undefined"},
        {"runs": "0", "interval": "0"},
        {"runs": "null", "interval": ""},
        {"runs": "None"},
        {"old_posts": "null", "expiry": "", "posts": "undefined", "comments": " "},
        {"posts": "0", "delay": "0"},
        {"unknown": "1"},
    ],
)
def test_absent_fields(absent: Fields) -> None:
    assert read({**ORDER, **absent}) == read(ORDER)


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"link": ""}, Refusal(Code.MISSING, "link")),
        ({"link": "a\nb"}, Refusal(Code.BAD_LINK)),
        ({"link": "a\u202eb"}, Refusal(Code.BAD_LINK)),
        ({"link": "a" * 2049}, Refusal(Code.BAD_LINK)),
        ({"url": "https://b.example/"}, Refusal(Code.BAD_LINK)),
        ({"quantity": "null"}, Refusal(Code.MISSING, "quantity")),
        *(
            ({"quantity": wrong}, Refusal(Code.BAD_QUANTITY))
            for wrong in (
                "1e3",
                "1000.0",
                "1,000",
                "+5",
                "-5",
                "\N{FULLWIDTH DIGIT ONE}0",
                "0",
                "1e999",
                "9" * 19,
                "NaN",
            )
        ),
        ({"quantity": "1000000001"}, Refusal(Code.BAD_QUANTITY)),
        ({"quantity": ("1", "2")}, Refusal(Code.BAD_QUANTITY)),
        ({"runs": "5"}, Refusal(Code.MISSING, "interval")),
        ({"interval": "5"}, Refusal(Code.MISSING, "runs")),
        ({"runs": "5", "interval": "0"}, Refusal(Code.BAD_PARAMS, "interval")),
        ({"runs": "0", "interval": "5"}, Refusal(Code.BAD_PARAMS, "runs")),
        ({"runs": "1.5", "interval": "5"}, Refusal(Code.BAD_PARAMS, "runs")),
        ({"runs": "10001", "interval": "5"}, Refusal(Code.BAD_PARAMS, "runs")),
        ({"runs": "5", "interval": "999999"}, Refusal(Code.BAD_PARAMS, "interval")),
        ({"comments": "nice"}, Refusal(Code.BAD_PARAMS, "comments")),
        ({"custom_data": "nice"}, Refusal(Code.BAD_PARAMS, "comments")),
        ({"posts": "5"}, Refusal(Code.BAD_PARAMS, "posts")),
    ],
)
def test_refused(changed: Fields, refusal: Refusal) -> None:
    assert refusal_of({**ORDER, **changed}) == refusal


def test_names_of_the_link() -> None:
    assert read({"url": LINK, "quantity": "100"}) == read(ORDER)
    assert read({**ORDER, "url": f" {LINK} "}) == read(ORDER)
    assert read({**ORDER, "link": "null"}).link == "null"


def test_package() -> None:
    read_one = read({"link": LINK, "quantity": "abc"}, ServiceType.PACKAGE)
    assert read_one == Placement(1, ServiceType.PACKAGE, LINK, 1)
    fields = {"link": LINK, "runs": "2", "interval": "5"}
    assert refusal_of(fields, ServiceType.PACKAGE) == Refusal(Code.BAD_PARAMS, "runs")


@pytest.mark.parametrize("name", ["comments", "custom_data", "customComments"])
@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one\ntwo\nthree", ("one", "two", "three")),
        ("a, b\nc\r\n\r\n d \r", ("a, b", "c", "d")),
        ("a\\nb", ("a", "b")),
        ("a\\nb\nc", ("a\\nb", "c")),
        ("None", ("None",)),
        ("twice\ntwice", ("twice", "twice")),
        (("a", "b"), ("a", "b")),
    ],
)
def test_comments_are_counted_by_lines(
    name: str, text: str | tuple[str, ...], lines: tuple[str, ...]
) -> None:
    for quantity in ({}, {"quantity": "1"}, {"quantity": "x"}):
        fields = {"link": LINK, name: text, **quantity}
        assert read(fields, ServiceType.CUSTOM_COMMENTS) == Placement(
            1, ServiceType.CUSTOM_COMMENTS, LINK, len(lines), lines
        )


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        (" \n ", Refusal(Code.MISSING, "comments")),
        ("\\n", Refusal(Code.MISSING, "comments")),
        ("a\x00b", Refusal(Code.BAD_PARAMS, "comments")),
        ("a" * 2201, Refusal(Code.BAD_PARAMS, "comments")),
        ("a\n" * 10_001, Refusal(Code.BAD_PARAMS, "comments")),
    ],
)
def test_comments_refused(text: str, refusal: Refusal) -> None:
    assert refusal_of({"link": LINK, "comments": text}, ServiceType.CUSTOM_COMMENTS) == refusal


def test_the_bounds_themselves_are_taken() -> None:
    assert read({"link": "a" * 2048, "quantity": "1000000000"}).quantity == 1_000_000_000
    lines = "\n".join(["a"] * 9_999 + ["b" * 2200])
    fields = {"link": LINK, "comments": lines}
    assert read(fields, ServiceType.CUSTOM_COMMENTS).quantity == 10_000


def test_requests_of_the_standard() -> None:
    drip = Placement(1, ServiceType.DEFAULT, LINK, 100, runs=2, interval_minutes=60)
    assert STANDARD.write_add("55", drip) == {
        "action": "add",
        "service": "55",
        "link": LINK,
        "quantity": "100",
        "runs": "2",
        "interval": "60",
    }
    package = Placement(1, ServiceType.PACKAGE, LINK, 1)
    assert STANDARD.write_add("55", package) == {"action": "add", "service": "55", "link": LINK}
    comments = Placement(1, ServiceType.CUSTOM_COMMENTS, LINK, 2, ("a, b", "c"))
    assert STANDARD.write_add("55", comments)["comments"] == "a, b\nc"
    assert STANDARD.write_services() == {"action": "services"}
    assert STANDARD.write_balance() == {"action": "balance"}
    assert STANDARD.write_status(["7"]) == {"action": "status", "order": "7"}
    assert STANDARD.write_status(["7", "8"]) == {"action": "status", "orders": "7,8"}


@pytest.mark.parametrize("count", [0, 101])
def test_a_batch_has_bounds(count: int) -> None:
    with pytest.raises(ValueError, match="1 to 100"):
        STANDARD.write_status(["7"] * count)


@pytest.mark.parametrize(
    "placement",
    [
        Placement(1, ServiceType.CUSTOM_COMMENTS, LINK, 1, ("a\\nb",)),
        Placement(1, ServiceType.CUSTOM_COMMENTS, LINK, 2, ("one",)),
        Placement(1, ServiceType.DEFAULT, LINK, 10, ("lost",)),
        Placement(1, ServiceType.DEFAULT, LINK, 10, runs=2),
        Placement(1, ServiceType.PACKAGE, LINK, 10),
        Placement(1, ServiceType.PACKAGE, LINK, 1, runs=2, interval_minutes=5),
    ],
)
def test_nothing_is_dropped_on_the_way(placement: Placement) -> None:
    with pytest.raises(CannotCarry, match="something else"):
        STANDARD.write_add("5", placement)


LETTERS = st.characters(exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp"])
TEXTS = st.text(LETTERS, min_size=1, max_size=30).map(str.strip).filter(bool)
DRIP = st.none() | st.tuples(st.integers(1, 10_000), st.integers(1, 527_040))


@st.composite
def placements(draw: st.DrawFn) -> Placement:
    kind, link = draw(st.sampled_from(ServiceType)), draw(TEXTS)
    if kind is ServiceType.PACKAGE:
        return Placement(1, kind, link, 1)
    if kind is ServiceType.CUSTOM_COMMENTS:
        lines = tuple(draw(st.lists(TEXTS, min_size=1, max_size=8)))
        return Placement(1, kind, link, len(lines), lines)
    runs, interval_minutes = draw(DRIP) or (None, None)
    quantity = draw(st.integers(1, 1_000_000_000))
    return Placement(1, kind, link, quantity, runs=runs, interval_minutes=interval_minutes)


@given(placements(), st.from_regex(r"[1-9][0-9]{0,17}", fullmatch=True))
def test_what_is_written_is_read_again(placement: Placement, offer: str) -> None:
    try:
        form = STANDARD.write_add(offer, placement)
    except CannotCarry:
        assert len(placement.comments) == 1
        assert "\\n" in placement.comments[0]
        return
    ask = STANDARD.read_request(form)
    assert STANDARD.read_placement(1, placement.kind, form) == placement
    assert getattr(ask, "service", None) == offer


ANYTHING = st.text(st.characters(), max_size=20) | st.sampled_from(
    ["1", "0", "null", "a\nb", "\ud800", "\x00"]
)
FIELDS = st.dictionaries(
    st.sampled_from(list(CANONICAL)), ANYTHING | st.lists(ANYTHING, max_size=3).map(tuple)
)


@given(st.sampled_from(ServiceType), FIELDS)
def test_any_fields_are_placed_or_refused(kind: ServiceType, fields: Fields) -> None:
    try:
        placement = STANDARD.read_placement(1, kind, fields)
    except Refusal:
        return
    assert placement.quantity >= 1
    "\n".join((placement.link, *placement.comments)).encode()


NARROW = Dialect(
    replace(
        STANDARD.spelling,
        requests=replace(
            STANDARD.spelling.requests,
            types={
                ServiceType.DEFAULT: ("link", "quantity"),
                ServiceType.CUSTOM_COMMENTS: ("link", "comments"),
            },
            names={"link": "url"},
            never_in_comments=",",
            never_anywhere="<",
        ),
    )
)


def test_a_narrower_dialect_says_what_it_cannot_carry() -> None:
    plain = Placement(1, ServiceType.DEFAULT, LINK, 5)
    assert NARROW.write_add("5", plain) == {
        "action": "add",
        "service": "5",
        "url": LINK,
        "quantity": "5",
    }
    comments = Placement(1, ServiceType.CUSTOM_COMMENTS, f"{LINK},y", 1, ("fine",))
    assert NARROW.write_add("5", comments)["comments"] == "fine"
    for placement in (
        Placement(1, ServiceType.PACKAGE, LINK, 1),
        replace(plain, runs=2, interval_minutes=5),
        replace(plain, link="<x>"),
        replace(comments, comments=("a, b",)),
    ):
        with pytest.raises(CannotCarry):
            NARROW.write_add("5", placement)
