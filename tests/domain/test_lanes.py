"""Who waits for whom while an order is in doubt."""

from datetime import timedelta
from decimal import Decimal

from gateway.domain.lanes import DOUBTFUL_AT_ONCE, GRACE, SENT_AT_ONCE, Lanes, Under, lanes

COST, OTHER = Decimal("0.9"), Decimal("1.8")
LATE = timedelta(seconds=600)
SOON = timedelta(seconds=1)


def under(cost: Decimal = COST, since: timedelta = SOON, *, in_doubt: bool = False) -> Under:
    return Under(cost, since, in_doubt)


def test_while_all_goes_well_equal_orders_are_sent_together() -> None:
    calm = lanes([under(), under(since=SENT_AT_ONCE)], LATE, doubted_lately=False)
    assert (calm.doubtful, calm.under_way) == (False, 2)
    assert calm.are_free(COST, ())
    assert calm.are_free(COST, {COST})
    assert calm.room(8) == 8


def test_one_that_is_sent_for_long_holds_its_lane() -> None:
    slow = lanes(
        [under(since=SENT_AT_ONCE + timedelta(milliseconds=1))], LATE, doubted_lately=False
    )
    assert not slow.are_free(COST, ())
    assert slow.are_free(OTHER, ())
    assert slow.are_free(OTHER, {OTHER})


def test_one_in_doubt_holds_its_lane_for_as_long_as_it_may_be_executed() -> None:
    held = lanes([under(since=LATE + GRACE, in_doubt=True)], LATE, doubted_lately=False)
    assert not held.are_free(COST, ())
    passed = lanes([under(since=LATE + GRACE + SOON, in_doubt=True)], LATE, doubted_lately=False)
    assert passed.are_free(COST, ())


def test_while_any_is_in_doubt_each_cost_is_sent_alone_and_few_at_a_time() -> None:
    strict = lanes([under(in_doubt=True), under(OTHER)], LATE, doubted_lately=False)
    assert not strict.are_free(OTHER, ())
    third = Decimal("2.7")
    assert strict.are_free(third, ())
    assert not strict.are_free(third, {third})
    assert strict.room(8) == DOUBTFUL_AT_ONCE - 1
    assert strict.room(2) == 2
    crowded = lanes(
        [under(in_doubt=True), *[under() for _ in range(6)]], LATE, doubted_lately=False
    )
    assert crowded.room(8) == 0


def test_nothing_under_way_leaves_every_lane_free() -> None:
    assert lanes([], LATE, doubted_lately=False) == Lanes()
    assert Lanes().room(3) == 3


def test_for_an_hour_after_a_doubt_likes_are_sent_one_by_one_but_many_at_once() -> None:
    lately = lanes([under()], LATE, doubted_lately=True)
    assert not lately.are_free(COST, ())
    assert lately.are_free(OTHER, ())
    assert not lately.are_free(OTHER, {OTHER})
    assert lately.room(8) == 8
