"""What a balance leaves open has a class and, where it can be told, its orders."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from gateway.domain.equation import Equation
from gateway.domain.equation_classes import Moved, finding, holds


def equation(unexplained: str) -> Equation:
    return Equation(
        provider="acme",
        currency="USD",
        balance=Decimal(100),
        prepaid=Decimal(100) + Decimal(unexplained),
        level=Decimal(0),
        quiet=True,
        absolute=True,
        read_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def found(
    latest: str,
    before: str,
    accepted: Sequence[Moved] = (),
    lowered: Sequence[Moved] = (),
) -> tuple[str, Decimal, str] | None:
    told = finding(equation(latest), equation(before), accepted, lowered)
    if told is None:
        return None
    assert told.seen == 100
    assert told.expected is not None
    return told.kind, told.seen - told.expected, told.note


ONE, TWO = Moved(1, Decimal("0.9")), Moved(2, Decimal("0.6"))


@pytest.mark.parametrize(
    ("latest", "accepted", "lowered", "told"),
    [
        ("1.5", (), (), ("D5", "1.50 USD charged without order")),
        ("1.5", (ONE, TWO), (), ("D5", "1.50 USD charged without order")),
        (
            "1.5",
            (),
            (TWO, ONE),
            ("D4", "1.50 USD as if he had not credited what he gave back for orders 1, 2"),
        ),
        ("-0.6", (), (), ("D10", "0.60 USD credited, and nobody knows for what")),
        ("-0.6", (), (ONE, TWO), ("D10", "0.60 USD credited, and nobody knows for what")),
        ("-0.6", (ONE, TWO), (), ("D3", "0.60 USD as if he had not charged for order 2")),
    ],
)
def test_its_class(
    latest: str, accepted: Sequence[Moved], lowered: Sequence[Moved], told: tuple[str, str]
) -> None:
    difference = -Decimal(latest)
    assert found(latest, latest, accepted, lowered) == (told[0], difference, told[1])


def test_the_smaller_of_two_counts_and_the_direction_must_stay() -> None:
    assert found("5", "3") == ("D5", -3, "3.00 USD charged without order")
    assert found("-2", "-3") == ("D10", 2, "2.00 USD credited, and nobody knows for what")
    assert found("5", "-3") is None
    assert found("-5", "3") is None


def test_among_very_many_only_a_single_one_can_be_told() -> None:
    many = [Moved(number, Decimal(number)) for number in range(1, 40)]
    assert found("-17", "-17", many) == (
        "D3",
        17,
        "17.00 USD as if he had not charged for order 17",
    )
    told = found("-17.5", "-17.5", many)
    assert told is not None
    assert told[0] == "D10"


def test_orders_in_doubt_may_have_cost_it() -> None:
    assert holds(equation("1.5"), [Decimal("0.9"), Decimal("0.6"), Decimal(7)])
    assert not holds(equation("1.5"), [Decimal("0.9"), Decimal(7)])
    assert not holds(equation("-0.9"), [Decimal("0.9")])
