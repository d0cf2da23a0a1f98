"""A provider's days."""

from datetime import date
from decimal import Decimal

from gateway.domain.provider_statements import Moved, Told, statement

FIRST, NEXT, LAST = date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 4)


def test_each_day_opens_as_the_one_before_closed() -> None:
    moves = (
        Moved(FIRST, "fund", Decimal(100), 8, 8),
        Moved(FIRST, "cost", Decimal(-3), 5, 9),
        Moved(LAST, "correction", Decimal(1), 12, 12),
        Moved(LAST, "loss", Decimal(-2), 13, 14),
        Moved(LAST, "suspend", Decimal(-4), 11, 11),
    )
    told = Told(Decimal(107), Decimal(0))
    one, two, three = statement(Decimal(10), moves, {NEXT: told})
    assert (one.opening, one.funds, one.costs, one.closing) == (10, 100, -3, 107)
    assert (one.low, one.high) == (5, 9)
    assert (two.opening, two.closing, two.told, two.low) == (107, 107, told, 0)
    assert (three.corrections, three.others, three.closing) == (1, -6, 102)
    assert (three.low, three.high) == (11, 14)
