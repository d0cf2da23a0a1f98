from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects import json_text
from gateway.dialects.json_text import Json
from gateway.dialects.messages import ServicesRead
from gateway.dialects.standard import STANDARD
from gateway.dialects.values import line, prose
from gateway.domain.catalog import Listing
from gateway.domain.observations import Refused, Unclear
from gateway.domain.refusals import Code

ROW: dict[str, Json] = {
    "service": 1,
    "name": "Followers",
    "type": "Default",
    "category": "First",
    "rate": "0.90",
    "min": "50",
    "max": "10000",
}
LISTING = Listing("1", "Followers", "First", "Default", Decimal("0.90"), 50, 10_000)


def read(*rows: Json) -> ServicesRead:
    listed = STANDARD.read_services(200, json_text.write(list(rows)))
    assert isinstance(listed, ServicesRead)
    return listed


def read_one(**changed: Json) -> Listing:
    listed = read({**ROW, **changed})
    assert listed.skipped == ()
    return listed.listings[0]


def why_skipped(**changed: Json) -> str:
    listed = read({**ROW, **changed})
    assert listed.listings == ()
    return listed.skipped[0][1]


def test_a_plain_row() -> None:
    assert read(ROW) == ServicesRead((LISTING,), ())


def test_values_are_read_leniently() -> None:
    assert read_one(service="30").offer == "30"
    assert read_one(service="UC-881").offer == "UC-881"
    assert read_one(rate=Decimal("0.9")).rate == Decimal("0.9")
    assert read_one(min=50, max=Decimal("1000.0")).quantity_max == 1000
    assert read_one(category=None).category == ""
    assert read_one(desc="<b>Fast</b>").description == "Fast"
    assert read_one(platform="x", type="subscriptions_x").kind_word == "subscriptions_x"
    assert read_one(name="A\u202eB\tC" + "x" * 600).name == "AB C" + "x" * 508
    assert len(read_one(description="x" * 20_000).description) == 10_000


@pytest.mark.parametrize(
    ("value", "known"),
    [
        *((value, False) for value in ("0", 0, False)),
        *((value, True) for value in ("1", 1, True, "true")),
        *((value, None) for value in ("", None)),
    ],
    ids=repr,
)
def test_flags(value: Json, known: bool | None) -> None:  # noqa: FBT001  what the test is about
    listing = read_one(dripfeed=value, refill=value, cancel=value)
    assert (listing.drip_feed, listing.refill, listing.cancel) == (known, known, known)


@pytest.mark.parametrize(
    "changed",
    [
        *({"rate": rate} for rate in ("1,200.50", "", None, "free", "$1", True)),
        *({"rate": rate} for rate in ("0", 0, "0.000", "-1")),
        *({"min": least} for least in (None, "", "1,000", "1.5", "-1", "10001")),
        *({"max": most} for most in (None, "", "unlimited", "49")),
        *({"min": bound, "max": bound} for bound in ("0", "1")),
        *({"name": name} for name in ("", None, "----", "★ ★", "\u200f")),
    ],
)
def test_rows_that_cannot_be_sold(changed: dict[str, Json]) -> None:
    assert why_skipped(**changed)


def test_a_package_of_one_can_be_sold() -> None:
    assert read_one(min="1", max="1", type="Package").quantity_max == 1


def test_a_doubled_id_is_not_sold_at_all() -> None:
    other: dict[str, Json] = {**ROW, "service": 2}
    listed = read(ROW, other, {**ROW, "service": "1", "rate": "5"})
    assert [listing.offer for listing in listed.listings] == ["2"]
    assert [offer for offer, _ in listed.skipped] == ["1", "1"]


@pytest.mark.parametrize("row", [None, 5, "x", [], {}, {"service": None}, {"service": True}])
def test_rows_without_an_id(row: Json) -> None:
    assert read(ROW, row) == ServicesRead((LISTING,), (("row 2", "no id"),))


@pytest.mark.parametrize("offer", [0, -1, Decimal("1.5"), "", "a b", "x:1", "x" * 65])
def test_ids_of_no_form(offer: Json) -> None:
    assert why_skipped(service=offer) == "no id"


def test_an_empty_list_is_empty() -> None:
    assert read() == ServicesRead((), ())


@pytest.mark.parametrize(
    "body", ['{"status":"success","data":"Empty Data"}', "null", "{}", "5", "", "<html>", "[1,]"]
)
def test_what_is_no_list_says_nothing(body: str) -> None:
    assert isinstance(STANDARD.read_services(200, body.encode()), Unclear)


def test_refusals() -> None:
    body = b'{"error":"Invalid API key"}'
    for status in (200, 401):
        assert STANDARD.read_services(status, body) == Refused(Code.BAD_KEY, "Invalid API key")
    assert isinstance(STANDARD.read_services(500, body), Unclear)
    assert isinstance(STANDARD.read_services(404, b"[]"), Unclear)


FLAGS = st.sampled_from([None, True, False])
NAMES = st.text(min_size=1, max_size=40).map(lambda text: line(text + "x", 512))
BOUNDS = st.tuples(st.integers(0, 100), st.integers(2, 10**9)).map(lambda two: (min(two), max(two)))
KINDS = st.sampled_from(["Default", "Package", "Custom Comments", "Subscriptions", "Likes spread"])


@st.composite
def listings(draw: st.DrawFn) -> Listing:
    lowest, highest = draw(BOUNDS)
    return Listing(
        offer=draw(st.from_regex(r"[1-9][0-9]{0,14}|[A-Z]{2}-[0-9]{3}|0[1-9]{3}", fullmatch=True)),
        name=draw(NAMES),
        category=line(draw(st.text(max_size=40)), 512),
        kind_word=draw(KINDS),
        rate=draw(st.decimals("0.000000000001", 10**9, places=12)),
        quantity_min=lowest,
        quantity_max=highest,
        drip_feed=draw(FLAGS),
        refill=draw(FLAGS),
        cancel=draw(FLAGS),
        description=prose(draw(st.text(max_size=60)), 10_000),
    )


@given(st.lists(listings(), max_size=5, unique_by=lambda listing: listing.offer))
def test_what_is_written_is_read_again(many: list[Listing]) -> None:
    body = json_text.write(STANDARD.answer_services(many))
    assert STANDARD.read_services(200, body) == ServicesRead(tuple(many), ())


@given(st.integers(0, 999), st.binary(max_size=100))
def test_reading_is_total(status: int, body: bytes) -> None:
    STANDARD.read_services(status, body)
