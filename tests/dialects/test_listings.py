from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest

from gateway.dialects import json_text
from gateway.dialects.dialect import Dialect
from gateway.dialects.json_text import Json
from gateway.dialects.keralasmm import KERALASMM
from gateway.dialects.listings import WRAPPED
from gateway.dialects.messages import ServicesRead
from gateway.dialects.standard import STANDARD
from gateway.domain.catalog import Listing
from gateway.domain.observations import Refused, Unclear
from gateway.domain.refusals import Code
from gateway.domain.services import ServiceType, read_type

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
    # S16
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
    # S15
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
    # S16, S17
    assert why_skipped(**changed)


def test_a_package_of_one_can_be_sold() -> None:
    assert read_one(min="1", max="1", type="Package").quantity_max == 1


def test_a_doubled_id_is_not_sold_at_all() -> None:
    # S17
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
    "body", ['{"status":"success","data":"Empty Data"}', "null", "{}", "5", "", "<html>", "[1"]
)
def test_what_is_no_list_says_nothing(body: str) -> None:
    # S12
    assert isinstance(STANDARD.read_services(200, body.encode()), Unclear)


def test_refusals() -> None:
    body = b'{"error":"Invalid API key"}'
    for status in (200, 401):
        assert STANDARD.read_services(status, body) == Refused(Code.BAD_KEY, "Invalid API key")
    assert isinstance(STANDARD.read_services(500, body), Unclear)
    assert isinstance(STANDARD.read_services(404, b"[]"), Unclear)


@pytest.mark.parametrize("wrapper", ["data", "services", "Data"])
def test_the_usual_wrappers_are_taken_off(wrapper: str) -> None:
    # S13
    noted: Counter[str] = Counter()
    body = json_text.write({"status": "success", wrapper: [ROW]})
    assert STANDARD.read_services(200, body, noted) == ServicesRead((LISTING,), ())
    assert noted[WRAPPED] == 1
    empty = json_text.write({wrapper: []})
    assert STANDARD.read_services(200, empty) == ServicesRead((), ())


def test_a_declared_wrapper_and_no_other() -> None:
    spelling = STANDARD.spelling
    nested = Dialect(
        replace(spelling, services=replace(spelling.services, within=("result", "list")))
    )
    body = json_text.write({"result": {"list": [ROW]}})
    assert nested.read_services(200, body) == ServicesRead((LISTING,), ())
    assert json_text.read(json_text.write(nested.answer_services([]))) == {"result": {"list": []}}
    assert isinstance(nested.read_services(200, json_text.write([ROW])), Unclear)


def test_types_in_any_spelling_are_named_as_we_do() -> None:
    for word in ("custom_comments", "Custom-Comments", "CUSTOM COMMENTS"):
        assert read_one(type=word).kind_word == "Custom Comments"
    assert read_one(type="likes_spread").kind_word == "likes_spread"


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("comment_likes", ServiceType.COMMENT_LIKES_BY_ID),
        ("custom_comments_package", ServiceType.CUSTOM_COMMENTS_PACKAGE_BY_LIST),
        ("comment_likes_by_username", ServiceType.COMMENT_LIKES),
        ("custom_comments_package_text", ServiceType.CUSTOM_COMMENTS_PACKAGE),
    ],
)
def test_words_that_mean_another_type_at_keralasmm(word: str, kind: ServiceType) -> None:
    listed = KERALASMM.read_services(200, json_text.write([{**ROW, "type": word}]))
    assert isinstance(listed, ServicesRead)
    assert listed.listings[0].kind_word == kind.value
    assert read_type(listed.listings[0].kind_word) is kind


def test_damage_is_repaired_and_noted() -> None:
    noted: Counter[str] = Counter()
    body = json_text.write([ROW]).replace(b"}", b",}").replace(b'"Default"', b"default")
    assert STANDARD.read_services(200, body, noted) == ServicesRead((LISTING,), ())
    assert noted == {"trailing comma": 1, "bare word": 1}
