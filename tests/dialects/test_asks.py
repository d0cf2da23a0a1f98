from dataclasses import replace

import pytest

from gateway.dialects.dialect import Dialect
from gateway.dialects.keralasmm import KERALASMM
from gateway.dialects.messages import AskAdd, AskStatus, CannotCarry
from gateway.dialects.smmia import SMMIA
from gateway.dialects.spelling import Action, Ids
from gateway.dialects.standard import STANDARD
from gateway.domain.placements import Placement
from gateway.domain.services import ServiceType

LINK = "https://a.example/x"


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


def test_the_field_that_is_at_fault_is_named() -> None:
    plain = Placement(1, ServiceType.DEFAULT, LINK, 5)
    comments = Placement(1, ServiceType.CUSTOM_COMMENTS, LINK, 1, ("a, b",))
    drip = replace(plain, runs=2, interval_minutes=45)
    assert KERALASMM.field_not_carried(plain) == ""
    assert KERALASMM.field_not_carried(comments) == "comments"
    assert KERALASMM.field_not_carried(replace(plain, link="<x>")) == "link"
    assert KERALASMM.field_not_carried(drip) == "interval"
    assert STANDARD.field_not_carried(replace(comments, comments=(" a",))) == "comments"
    assert SMMIA.field_not_carried(SUBSCRIPTION) == "posts"
    assert NARROW.field_not_carried(drip) == "runs"
    assert NARROW.field_not_carried(Placement(1, ServiceType.PACKAGE, LINK, 1)) == ""


def test_smartpanel_takes_few_intervals() -> None:
    drip = Placement(1, ServiceType.DEFAULT, LINK, 5, runs=2, interval_minutes=30)
    for panel in (KERALASMM, SMMIA):
        assert panel.write_add("5", drip)["interval"] == "30"
        other = replace(drip, interval_minutes=45)
        assert panel.why_not_carry(other) == "takes no interval of 45 minutes"
        assert panel.why_not_carry(other.one_run()) == ""
    assert STANDARD.why_not_carry(replace(drip, interval_minutes=45)) == ""


def test_values_for_a_panel_that_decodes_twice() -> None:
    requests = replace(KERALASMM.spelling.requests, encoded_twice=True)
    twice = Dialect(replace(KERALASMM.spelling, requests=requests))
    placement = Placement(1, ServiceType.CUSTOM_COMMENTS, f"{LINK}?a=%2B&b", 2, ("100%", "a+b"))
    form = twice.write_add("5", placement)
    assert form["link"] == f"{LINK}?a=%252B&b"
    assert form["comments"] == "100%25\na%2Bb"
    assert twice.why_not_carry(replace(placement, comments=("<", "a"))) != ""


SUBSCRIPTION = Placement(
    *(1, ServiceType.SUBSCRIPTIONS, "a.b", 60),
    details=(("min", "10"), ("max", "20"), ("posts", "3"), ("delay", "30")),
)
UNBOUNDED = replace(
    SUBSCRIPTION, details=(("min", "10"), ("max", "20"), ("posts_max", "3"), ("delay", "30"))
)


def test_a_bound_of_ours_is_sent_as_posts_where_there_are_such() -> None:
    form = STANDARD.write_add("5", SUBSCRIPTION)
    assert form == {
        "action": "add",
        "service": "5",
        "username": "a.b",
        "min": "10",
        "max": "20",
        "posts": "3",
        "delay": "30",
    }
    assert STANDARD.write_add("5", UNBOUNDED) == form
    del form["posts"]
    assert SMMIA.write_add("5", UNBOUNDED) == form
    more = (*UNBOUNDED.details, ("old_posts", "2"))
    for lost in (SUBSCRIPTION, replace(UNBOUNDED, quantity=100, details=more)):
        assert SMMIA.why_not_carry(lost)
    long = tuple((name, "600" if name == "delay" else text) for name, text in UNBOUNDED.details)
    assert SMMIA.why_not_carry(replace(UNBOUNDED, details=long))
    assert STANDARD.why_not_carry(replace(UNBOUNDED, details=long)) == ""
    wrong = tuple((name, "x" if name == "posts_max" else text) for name, text in UNBOUNDED.details)
    assert STANDARD.why_not_carry(replace(UNBOUNDED, details=wrong))


def test_lists_and_their_owners() -> None:
    listed = Placement(
        *(1, ServiceType.CUSTOM_COMMENTS_PACKAGE_BY_LIST, LINK, 1),
        details=(("comments_package", "12"),),
    )
    liked = Placement(
        *(1, ServiceType.COMMENT_LIKES_BY_ID, LINK, 5), details=(("comment_id", "7"),)
    )
    assert KERALASMM.write_add("5", listed)["comments_package"] == "12"
    assert KERALASMM.write_add("5", liked)["comment_id"] == "7"
    assert STANDARD.why_not_carry(listed) == "has no type Custom Comments Package by List"
    owned = replace(liked, kind=ServiceType.COMMENT_LIKES, details=(("username", "a"),))
    assert SMMIA.write_add("5", owned)["username"] == "a"
    assert KERALASMM.why_not_carry(owned) == "has no type Comment Likes"


def test_what_there_is_no_action_for() -> None:
    for write in (SMMIA.write_refill, SMMIA.write_refill_status, SMMIA.write_cancel):
        with pytest.raises(CannotCarry, match="has no action"):
            write(["5"])
    assert not SMMIA.refills
    assert not SMMIA.cancels
    assert SMMIA.batch_max(Action.REFILL) == 0


def test_one_or_many_ids() -> None:
    assert STANDARD.write_refill(["5"]) == {"action": "refill", "order": "5"}
    assert STANDARD.write_refill(["5", "6"]) == {"action": "refill", "orders": "5,6"}
    assert STANDARD.write_cancel(["5"]) == {"action": "cancel", "orders": "5"}
    assert STANDARD.write_refill_status(["5"]) == {"action": "refill_status", "refill": "5"}
    assert STANDARD.write_refill_status(["5", "6"])["refills"] == "5,6"
    assert KERALASMM.write_cancel(["5"]) == {"action": "cancel", "order": "5"}
    assert KERALASMM.batch_max(Action.CANCEL) == 1
    with pytest.raises(ValueError, match="2 ids are not 1 to 1"):
        KERALASMM.write_cancel(["5", "6"])
    with pytest.raises(ValueError, match="comma"):
        STANDARD.write_refill(["5,6"])


def test_words_and_fields_of_its_own() -> None:
    ours = STANDARD.spelling.requests
    requests = replace(
        ours,
        actions={**ours.actions, Action.STATUS: "check", Action.ADD: "plac"},
        ids={**ours.ids, Action.STATUS: Ids("id", "ids", batch_max=2)},
        names={"service": "package_id"},
    )
    other = Dialect(replace(STANDARD.spelling, requests=requests))
    assert other.write_status(["5"]) == {"action": "check", "id": "5"}
    assert other.write_status(["5", "6"]) == {"action": "check", "ids": "5,6"}
    assert other.read_request(other.write_status(["5", "6"])) == AskStatus(("5", "6"), many=True)
    with pytest.raises(ValueError, match="1 to 2"):
        other.write_status(["5", "6", "7"])
    form = other.write_add("5", Placement(1, ServiceType.PACKAGE, LINK, 1))
    assert form == {"action": "plac", "package_id": "5", "link": LINK}
    ask = other.read_request(form)
    assert isinstance(ask, AskAdd)
    assert ask.service == "5"


def test_a_list_in_pages() -> None:
    assert STANDARD.write_services(500) == {"action": "services"}
    services = replace(STANDARD.spelling.services, page_size=500)
    paged = Dialect(replace(STANDARD.spelling, services=services))
    assert paged.write_services() == {"action": "services", "limit": "500", "offset": "0"}
    assert paged.write_services(1000)["offset"] == "1000"
