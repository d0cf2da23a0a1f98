"""How far ids are asked for after a restored backup, and the figures of what is believed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from gateway.domain.evidence import (
    SAMPLES_MIN,
    Calibration,
    Control,
    Controls,
    Orphan,
    Sample,
    Scales,
    Scene,
    Suspect,
    Window,
    calibrate,
    charged_alike,
    check_controls,
    reach,
)
from gateway.domain.observations import Observation, Word
from gateway.domain.orders import State
from gateway.domain.spans import Span

DAY = datetime(2026, 1, 1, tzinfo=UTC)


def at(seconds: int) -> datetime:
    return DAY + timedelta(seconds=seconds)


def sample(number: int | None, began: int) -> Sample:
    return Sample(number, at(began), at(began + 1))


def test_without_an_id_that_is_a_number_nothing_can_be_told() -> None:
    assert reach([], at(0)) is None
    assert reach([sample(None, 0), sample(None, 9)], at(10)) is None


@pytest.mark.parametrize(
    ("now", "ahead"),
    [
        (100, 500),  # never less
        (100 + 125, 500),
        (100 + 126, 504),
        (100 + 500, 2_000),
        (100 + 24_999, 99_996),
        (100 + 25_000, 100_000),
        (100 + 90_000, 100_000),  # never more
    ],
)
def test_ids_are_sought_twice_as_far_as_they_grew_in_as_much_time(now: int, ahead: int) -> None:
    known = [sample(1_000, 0), sample(None, 50), sample(1_200, 100)]
    assert reach(known, at(now)) == Span(1_000, 1_200 + ahead)


def test_one_id_alone_shows_no_growth() -> None:
    assert reach([sample(7, 0)], at(1_000_000)) == Span(7, 507)


def test_growth_is_what_lies_between_the_smallest_and_the_greatest_whatever_their_order() -> None:
    known = [sample(1_300, 100), sample(900, 10), sample(1_000, 0)]
    assert reach(known, at(300)) == Span(900, 1_300 + 2 * 400 * 200 // 100)
    assert reach([sample(900, 100), sample(1_000, 0)], at(1_100)) == Span(900, 1_000 + 2 * 1_000)


def test_only_the_last_hundred_are_looked_at() -> None:
    known = [sample(1_000 + each, each) for each in range(101)]
    assert reach(known[::-1], at(100)) == Span(1_001, 1_600)
    assert reach(known[:100], at(99)) == Span(1_000, 1_599)


def test_two_hundred_samples_are_enough() -> None:
    assert SAMPLES_MIN == 200
    assert Calibration(200, 0).rising
    assert not Calibration(199, 0).rising
    assert not Calibration(200, 1).rising


def test_an_id_that_is_no_number_is_not_above_any_other() -> None:
    assert calibrate([sample(None, 0), sample(1, 5)]) == Calibration(2, 1)


def test_ids_speak_only_where_they_rise_and_statuses_are_our_own() -> None:
    rising, scoped = Calibration(SAMPLES_MIN, 0), Controls(scoped=True, charges=False)
    assert Scene((), (), rising, scoped).ids_speak
    assert not Scene((), (), rising).ids_speak
    assert not Scene((), (), controls=scoped).ids_speak
    assert not Scene(()).ids_speak


def test_a_balance_says_something_once_it_is_known_and_late_enough() -> None:
    assert Scales(Decimal(0), since_all_ripe=True).usable
    assert not Scales(Decimal(1)).usable
    assert not Scales(None, since_all_ripe=True).usable
    assert not Scales().usable


def test_a_look_that_proves_nothing_says_why() -> None:
    ours, told = Control("500", Decimal("0.9")), Observation(Word.PENDING, Decimal("0.9"))
    silent = Controls(scoped=False, charges=False, why="status does not tell of our own orders")
    open_to_all = Controls(scoped=False, charges=False, why="status does not deny unknown ids")
    assert check_controls([], [True]) == silent
    assert check_controls([(ours, None)], [True]) == silent
    assert check_controls([(ours, told)], []) == open_to_all
    assert check_controls([(ours, told)], [True, False]) == open_to_all
    assert check_controls([(ours, told)], [True]) == Controls(scoped=True, charges=True, decimals=1)


def suspect(cost: str = "0.9", *, exact: bool = True) -> Suspect:
    return Suspect(
        order=1,
        number=1,
        run=1,
        state=State.UNCONFIRMED,
        cost=Decimal(cost),
        quantity=1_000,
        exact=exact,
        window=Window(),
        ripe=True,
        covered=True,
    )


def orphan(charge: str | None, word: Word | None = Word.PENDING, remains: int | None = 0) -> Orphan:
    return Orphan(7, None if charge is None else Decimal(charge), word, remains)


def test_only_what_is_being_sent_is_being_sent() -> None:
    assert not suspect().being_sent
    assert replace(suspect(), state=State.SENDING).being_sent


def test_without_a_charge_or_an_exact_cost_charges_tell_nothing() -> None:
    assert charged_alike(suspect(), orphan(None), 6) is None
    assert charged_alike(suspect(exact=False), orphan("0.9"), 6) is None
    assert charged_alike(suspect(exact=False), orphan("5"), 6) is None


@pytest.mark.parametrize(
    ("cost", "charge", "decimals", "alike"),
    [
        ("0.9", "0.90", 1, True),
        ("0.9", "0.9001", 1, False),
        ("0.9", "0.9001", 0, True),
        ("0.9", "0.900101", 0, False),
        ("0.12345", "0.1234", 4, True),
        ("0.12345", "0.1234", 5, False),
        ("0.1230", "0.1231", 3, False),
        ("100", "100", 0, True),
        ("100", "100.0001", 0, False),
        ("100", "100.0001", -1, True),
    ],
)
def test_up_to_the_decimals_that_are_told_charges_are_equal_or_not(
    cost: str, charge: str, decimals: int, *, alike: bool
) -> None:
    assert charged_alike(suspect(cost), orphan(charge), decimals) is alike


@pytest.mark.parametrize(
    ("charge", "remains", "alike"),
    [
        ("0.36", 600, True),
        ("0.3601", 600, True),
        ("0.3602", 600, False),
        ("0.8991", 1, True),
        ("0.0009", 999, True),
        ("0.36", None, None),
        ("0.36", 0, None),
        ("0.36", 1_000, None),
        ("0.36", -3, None),
        ("0.9", 600, True),
        ("0.91", 600, False),
    ],
)
def test_what_ended_partly_is_charged_for_what_was_delivered(
    charge: str, remains: int | None, *, alike: bool | None
) -> None:
    for word in (Word.PARTIAL, Word.CANCELED):
        assert charged_alike(suspect(), orphan(charge, word, remains), 6) is alike
    whole = charged_alike(suspect(), orphan(charge, Word.PENDING, remains), 6)
    assert whole is (charge == "0.9")


def test_ids_are_whole_numbers_however_much_time_has_passed() -> None:
    found = reach([sample(1_000, 0), sample(1_700, 3)], at(5))
    assert found == Span(1_000, 1_700 + 2 * 466)


def test_charges_that_are_not_told_exactly_are_none() -> None:
    ours, other = Control("500", Decimal("0.9")), Observation(Word.PENDING, Decimal("0.5"))
    assert check_controls([(ours, other)], [True]) == Controls(
        scoped=True, charges=False, why="charges are not told exactly"
    )
