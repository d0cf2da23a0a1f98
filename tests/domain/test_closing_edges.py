"""Which classes are our own bugs, and that each obstacle to a booking is named."""

from datetime import timedelta
from decimal import Decimal

from gateway.domain.closing import OUR_BUGS, UNCHARGED_FOR, Case, Into, why_not
from gateway.domain.targets import Class


def test_our_own_bugs_are_what_the_books_show_against_themselves() -> None:
    assert frozenset({Class.NET, Class.BALANCE}) == OUR_BUGS
    assert timedelta(days=7) == UNCHARGED_FOR


def test_without_an_amount_it_is_said_that_there_is_none() -> None:
    nothing = Case(Class.FOREIGN, Decimal(0), timedelta(), of_order=False, entry=False, aside=False)
    assert why_not(nothing, Into.LOSS) == "no amount is known that could be booked"
