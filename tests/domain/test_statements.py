"""A customer's days add up, to the last digit."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as some

from gateway.domain.statements import Day, Moves, days

FIRST = date(2026, 1, 1)
AMOUNTS = some.decimals(-(10**20), 10**20, places=12, allow_nan=False)


def test_each_day_opens_as_the_one_before_closed() -> None:
    told = days(
        [
            Moves(FIRST, Decimal(100), Decimal("-1.35"), Decimal(0)),
            Moves(FIRST + timedelta(days=3), Decimal(0), Decimal("0.675"), Decimal("-0.5")),
        ]
    )
    assert list(told) == [
        Day(
            day=FIRST,
            opening=Decimal(0),
            top_ups=Decimal(100),
            net_charges=Decimal("1.35"),
            adjustments=Decimal(0),
            closing=Decimal("98.65"),
        ),
        Day(
            day=FIRST + timedelta(days=3),
            opening=Decimal("98.65"),
            top_ups=Decimal(0),
            net_charges=Decimal("-0.675"),
            adjustments=Decimal("-0.5"),
            closing=Decimal("98.825"),
        ),
    ]
    assert days([]) == []


@given(some.lists(some.tuples(AMOUNTS, AMOUNTS, AMOUNTS), max_size=20))
def test_no_digit_is_lost(amounts: list[tuple[Decimal, Decimal, Decimal]]) -> None:
    told = days([Moves(FIRST, *each) for each in amounts])
    total = 0
    for day, each in zip(told, amounts, strict=True):
        assert _steps(day.opening) == total
        total += sum(_steps(amount) for amount in each)
        assert _steps(day.closing) == total


def _steps(amount: Decimal) -> int:
    """An amount in the ledger's smallest steps, without any rounding."""
    sign, digits, exponent = amount.as_tuple()
    assert isinstance(exponent, int)
    whole = int("".join(map(str, digits)) or "0") * 10 ** (exponent + 12)
    return -whole if sign else whole
