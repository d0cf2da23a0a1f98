from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.brakes import Brakes
from gateway.domain.catalog import Listing, OfferState
from gateway.domain.syncing import Change, Known, Synced, compare, turned


def listing(number: int = 1) -> Listing:
    return Listing(str(number), f"Offer {number}", "Likes", "Default", Decimal("0.9"), 10, 1000)


def known(numbers: int, state: OfferState = OfferState.LISTED) -> dict[str, Known]:
    return {str(number): Known(listing(number), state) for number in range(1, numbers + 1)}


def test_what_is_new_is_listed_and_what_is_the_same_is_left_alone() -> None:
    found = compare(known(1), [listing(1), listing(2)])
    assert found == Synced((Change(listing(2), OfferState.LISTED),))


def test_a_changed_rate_or_bound_is_taken_over() -> None:
    now = replace(listing(), rate=Decimal(1), quantity_min=20, description="new")
    assert compare(known(1), [now]).changes == (Change(now, OfferState.LISTED),)
    quarantined = known(1, OfferState.QUARANTINED)
    assert compare(quarantined, [now]).changes == (Change(now, OfferState.QUARANTINED),)


@pytest.mark.parametrize(
    ("now", "note"),
    [
        (replace(listing(), name="Comments"), "name was 'Offer 1', is 'Comments'"),
        (replace(listing(), kind_word="Package"), "type was 'Default', is 'Package'"),
        (
            replace(listing(), name="X", category="Y"),
            "name was 'Offer 1', is 'X'; category was 'Likes', is 'Y'",
        ),
    ],
)
def test_an_id_that_became_another_thing_is_quarantined(now: Listing, note: str) -> None:
    for state in OfferState:
        found = compare(known(1, state), [now])
        assert found.changes == (Change(now, OfferState.QUARANTINED, note),)


def test_another_spelling_is_the_same_thing() -> None:
    now = replace(listing(), name=" OFFER  1", kind_word="default")
    assert compare(known(1), [now]).changes == (Change(now, OfferState.LISTED),)


def test_what_is_gone_vanishes_and_may_come_back() -> None:
    gone = Change(listing(2), OfferState.VANISHED, "no longer in the list")
    assert compare(known(2), [listing(1)]) == Synced((gone,))
    vanished = {"2": Known(listing(2), OfferState.VANISHED)}
    assert compare(vanished, [listing(2)]).changes == (Change(listing(2), OfferState.LISTED),)
    assert compare(vanished, [listing(1)]).changes == (Change(listing(1), OfferState.LISTED),)


def test_a_quarantined_offer_cannot_shed_its_mark_by_vanishing() -> None:
    before = {**known(1), "2": Known(listing(2), OfferState.QUARANTINED)}
    assert compare(before, [listing(1)]) == Synced(())


@pytest.mark.parametrize(
    ("before", "left", "held"),
    [
        (2, 0, "the list is empty: nothing was delisted"),
        (0, 0, "the list is empty"),
        (10, 7, "the list lost 3 of 10 offers at once: nothing was delisted"),
        (100, 1, "the list lost 99 of 100 offers at once: nothing was delisted"),
    ],
)
def test_a_list_that_shrinks_at_once_delists_nothing(before: int, left: int, held: str) -> None:
    found = compare(known(before), [listing(number) for number in range(1, left + 1)])
    assert found == Synced((), held)


@pytest.mark.parametrize(("before", "left"), [(10, 8), (9, 1), (100, 71)])
def test_a_list_that_shrinks_a_little_delists_the_rest(before: int, left: int) -> None:
    found = compare(known(before), [listing(number) for number in range(1, left + 1)])
    assert len(found.changes) == before - left
    assert found.held == ""
    assert {change.state for change in found.changes} == {OfferState.VANISHED}


def test_what_is_new_in_a_shrunken_list_is_taken_all_the_same() -> None:
    found = compare(known(10), [listing(99)])
    assert found.changes == (Change(listing(99), OfferState.LISTED),)
    assert found.held


def test_an_operator_can_agree_to_a_shrunken_list_but_not_to_an_empty_one() -> None:
    found = compare(known(10), [listing(1)], agreed=True)
    assert (len(found.changes), found.held) == (9, "")
    assert compare(known(10), [], agreed=True).changes == ()


@pytest.mark.parametrize(
    ("rate", "state", "recorded", "waiting"),
    [
        ("1.169999", OfferState.LISTED, "1.169999", None),
        ("1.17", OfferState.QUARANTINED, "0.9", "1.17"),
        ("0.450001", OfferState.LISTED, "0.450001", None),
        ("0.45", OfferState.LISTED, "0.9", "0.45"),
    ],
)
def test_a_rate_that_jumps_waits_while_all_else_is_taken_over(
    rate: str, state: OfferState, recorded: str, waiting: str | None
) -> None:
    now = replace(listing(), rate=Decimal(rate), quantity_min=20)
    (found,) = compare(known(1), [now]).changes
    assert found.listing == replace(now, rate=Decimal(recorded))
    assert (found.state, found.rate_waiting) == (state, waiting and Decimal(waiting))
    # and the same list again changes nothing
    after = {"1": Known(found.listing, found.state, found.rate_waiting)}
    assert compare(after, [now]) == Synced(())


def test_other_brakes_hold_other_rates() -> None:
    now = replace(listing(), rate=Decimal("0.95"))
    (found,) = compare(known(1), [now], brakes=Brakes(rate_up_percent=Decimal(5))).changes
    assert found.rate_waiting == Decimal("0.95")


def test_one_that_is_quarantined_for_another_reason_has_whatever_rate() -> None:
    now = replace(listing(), rate=Decimal(9))
    found = compare(known(1, OfferState.QUARANTINED), [now])
    assert found.changes == (Change(now, OfferState.QUARANTINED),)


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("rate was 0.90, is 1.17", [("rate", "0.90", "1.17")]),
        ("no longer in the list", []),
        ("name was 'a', is 'b'; and more", []),
        ("name was 'a', is __import__('os')", []),
    ],
)
def test_a_note_is_told_apart_into_what_was_and_is(
    note: str, expected: list[tuple[str, str, str]]
) -> None:
    assert [(each.what, each.was, each.now) for each in turned(note)] == expected


@given(st.text(), st.text(), st.text())
def test_no_name_can_make_a_note_tell_something_else(was: str, now: str, category: str) -> None:
    before = replace(listing(), name=was, category="c")
    after = replace(listing(), name=now, category=category)
    synced = compare({"1": Known(before, OfferState.LISTED)}, [after])
    for change in synced.changes:
        found = {each.what: (each.was, each.now) for each in turned(change.note)}
        assert found.get("name", (was, now)) == (was, now)
        assert found.get("category", ("c", category)) == ("c", category)
        assert set(found) <= {"name", "category"}
        assert bool(found) is bool(change.note)
