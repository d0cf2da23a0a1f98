"""What normal traffic and a look's controls prove."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.evidence import (
    SAMPLES_MIN,
    Calibration,
    Control,
    Sample,
    Window,
    calibrate,
    check_controls,
    near,
)
from gateway.domain.observations import Observation, Word

DAY = datetime(2026, 1, 1, tzinfo=UTC)
OURS = Control("500", Decimal("0.9"))
TOLD = Observation(Word.IN_PROGRESS, Decimal("0.90"))


def sample(number: int, began: int, ended: int) -> Sample:
    return Sample(number, DAY + timedelta(seconds=began), DAY + timedelta(seconds=ended))


def rising(count: int) -> list[Sample]:
    return [sample(10 * each, each, each + 3) for each in range(count)]


def test_ids_are_believed_to_rise_after_two_hundred_without_an_inversion() -> None:
    assert calibrate(rising(SAMPLES_MIN)).rising
    assert not calibrate(rising(SAMPLES_MIN - 1)).rising
    odd = [*rising(SAMPLES_MIN), sample(5, 1_000, 1_001)]
    assert calibrate(odd) == Calibration(SAMPLES_MIN + 1, 1)
    assert not calibrate(odd).rising


def test_adds_under_way_together_may_be_given_their_ids_in_any_order() -> None:
    assert calibrate([sample(2, 0, 5), sample(1, 1, 4), sample(3, 6, 7)]).inversions == 0
    # at the very same moment nothing is known of the order either
    assert calibrate([sample(2, 0, 5), sample(1, 5, 6)]).inversions == 0


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 5), st.integers(1, 50)), max_size=25))
def test_an_inversion_is_a_smaller_id_after_an_ended_add(
    rows: list[tuple[int, int, int]],
) -> None:
    samples = [sample(number, began, began + took) for began, took, number in rows]
    smaller = [
        number
        for began, _, number in rows
        if any(start + took < began and other > number for start, took, other in rows)
    ]
    Random(1).shuffle(samples)  # noqa: S311  a seed
    assert calibrate(samples) == Calibration(len(samples), len(smaller))


def test_a_window_is_open_where_it_has_no_bound() -> None:
    assert Window(5, 9).holds(6)
    assert Window(5, 9).holds(8)
    assert not Window(5, 9).holds(5)
    assert not Window(5, 9).holds(9)
    assert Window(None, 9).holds(1)
    assert Window(5, None).holds(10**15)


def test_a_look_is_believed_when_it_tells_of_ours_and_denies_nobodys() -> None:
    held = check_controls([(OURS, TOLD)], [True, True])
    assert held.scoped
    assert held.charges
    assert not check_controls([(OURS, TOLD)], [True, False]).scoped
    assert not check_controls([(OURS, TOLD)], []).scoped
    assert not check_controls([(OURS, None)], [True]).scoped
    assert not check_controls([], [True]).scoped


def test_charges_are_believed_when_those_of_ours_are_exact() -> None:
    other = Observation(Word.IN_PROGRESS, Decimal("0.91"))
    lower = Observation(Word.PARTIAL, Decimal("0.4"))
    silent = Observation(Word.PENDING, None)
    assert not check_controls([(OURS, TOLD), (OURS, other)], [True]).charges
    assert not check_controls([(OURS, silent)], [True]).charges
    assert check_controls([(OURS, TOLD), (OURS, lower)], [True]).charges
    # nothing but lowered ones shows nothing
    only = check_controls([(OURS, lower)], [True])
    assert only.scoped
    assert not only.charges
    assert only.why == "charges are not told exactly"


def test_equal_is_equal_but_for_the_rounding() -> None:
    assert near(Decimal("0.9001"), Decimal("0.9"))
    assert not near(Decimal("0.90011"), Decimal("0.9"))


def test_an_id_that_is_no_number_does_not_rise() -> None:
    texts = [Sample(None, each.began, each.ended) for each in rising(SAMPLES_MIN)]
    assert calibrate(texts) == Calibration(SAMPLES_MIN, SAMPLES_MIN)


def test_charges_are_told_to_the_last_decimal_where_those_of_ours_are() -> None:
    long = Control("501", Decimal("0.00410875"))
    exact = Observation(Word.PENDING, Decimal("0.0041087500"))
    short = Observation(Word.PENDING, Decimal("0.0041"))
    assert check_controls([(OURS, TOLD), (long, exact)], [True]).decimals == 8
    assert check_controls([(OURS, TOLD)], [True]).decimals == 1
    assert (
        check_controls(
            [(Control("1", Decimal("1E+2")), Observation(None, Decimal(100)))], [True]
        ).decimals
        == 0
    )
    rounded = check_controls([(OURS, TOLD), (long, short)], [True])
    assert (rounded.charges, rounded.decimals) == (True, -1)
