"""What may close which class."""

from datetime import timedelta
from decimal import Decimal

import pytest

from gateway.domain.closing import CLOSED_BY, MAY_BE_BOOKED, UNCHARGED_FOR, Case, Into, why_not
from gateway.domain.targets import Class

LONG = UNCHARGED_FOR


def case(
    kind: Class,
    difference: str | None = "1.5",
    *,
    of_order: bool = False,
    entry: bool = False,
    aside: bool = False,
    age: timedelta = LONG,
) -> Case:
    amount = None if difference is None else Decimal(difference)
    return Case(kind, amount, age, of_order=of_order, entry=entry, aside=aside)


def test_of_every_class_it_is_said_what_closes_it() -> None:
    assert list(CLOSED_BY) == list(Class)
    assert all(CLOSED_BY.values())


@pytest.mark.parametrize("kind", list(Class))
def test_a_note_closes_what_no_amount_is_open_for(kind: Class) -> None:
    assert why_not(case(kind, None), None) == ""
    assert why_not(case(kind, "0"), None) == ""
    assert why_not(case(kind, entry=True), None) == ""
    by_entry_alone = kind in MAY_BE_BOOKED
    assert bool(why_not(case(kind), None)) is by_entry_alone
    assert bool(why_not(case(kind, aside=True), None)) is by_entry_alone


@pytest.mark.parametrize("kind", list(Class))
@pytest.mark.parametrize("into", list(Into))
def test_only_some_are_booked(kind: Class, into: Into) -> None:
    allowed = {
        (Class.UNCHARGED, Into.SUSPENSE),
        (Class.UNCHARGED, Into.ADJUSTMENT),
        (Class.REFUND_OWED, Into.SUSPENSE),
        (Class.REFUND_OWED, Into.LOSS),
        (Class.FOREIGN, Into.SUSPENSE),
        (Class.FOREIGN, Into.LOSS),
        (Class.UNKNOWN_CREDIT, Into.SUSPENSE),
        (Class.UNKNOWN_CREDIT, Into.ADJUSTMENT),
    }
    assert (why_not(case(kind), into) == "") == ((kind, into) in allowed)
    assert why_not(case(kind, None), into) != ""


def test_an_amount_is_set_aside_once() -> None:
    assert why_not(case(Class.FOREIGN, aside=True), Into.SUSPENSE) == "it was set aside already"
    assert why_not(case(Class.FOREIGN, aside=True), Into.LOSS) == ""


def test_of_an_order_only_a_loss_is_booked() -> None:
    assert "booked already" in why_not(case(Class.REFUND_OWED, of_order=True), Into.SUSPENSE)
    assert why_not(case(Class.REFUND_OWED, of_order=True), Into.LOSS) == ""


def test_he_has_seven_days_to_charge() -> None:
    young = case(Class.UNCHARGED, age=LONG - timedelta(seconds=1))
    assert "7 days" in why_not(young, Into.ADJUSTMENT)
    assert why_not(young, Into.SUSPENSE) == ""
    assert why_not(case(Class.UNCHARGED), Into.ADJUSTMENT) == ""
