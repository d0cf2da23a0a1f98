from decimal import Decimal
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.money import (
    CHARGE_STEP,
    LEDGER_STEP,
    net_charge,
    per_thousand,
    plain,
    read_amount,
    round_up,
    share_up,
    total,
)

CHARGES = st.integers(0, 10**16).map(lambda millionths: Decimal(millionths).scaleb(-6))
AMOUNTS = st.decimals(min_value=0, max_value=10**12, allow_nan=False, places=9)
STEPS = st.sampled_from([Decimal(step) for step in ("0.0001", "0.05", "0.03", "1", "2.5", "1e-12")])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", "0"),
        ("0.27819", "0.27819"),
        ("-0.5", "-0.5"),
        ("007", "7"),
        ("8e-05", "0.00008"),
        ("1E+12", "1000000000000"),
        ("1e12", "1000000000000"),
        ("1e-12", "0.000000000001"),
        ("9" * 30, "9" * 30),
        ("0.08011655652", "0.08011655652"),
        ("0." + "1" * 30, "0." + "1" * 30),
    ],
)
def test_reads_plain_decimals_exactly(text: str, value: str) -> None:
    assert read_amount(text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "NaN", "nan", "Infinity", "-inf", "sNaN", "1e999", "1e13", "1e-13", "1e-99"),
        *(
            "1,000.50",
            "1 234.5",
            "1_000",
            "$0.27",
            "0,27",
            "+5",
            ".5",
            "5.",
            "--1",
            "0x10",
            "1e",
            "e1",
        ),
        *(
            "9" * 31,
            "0." + "1" * 31,
            "1" * 16 + "." + "1" * 15,
            "0." + "1" * 20 + "e-12",
            "\uff11\uff12",
            "1\n",
        ),
    ],
)
def test_refuses_what_is_no_plain_finite_decimal(text: str) -> None:
    assert read_amount(text) is None


@given(AMOUNTS)
def test_plain_is_read_back_as_the_same_amount(amount: Decimal) -> None:
    text = plain(amount)
    assert "e" not in text.lower()
    assert len(text.partition(".")[2]) >= 2
    assert read_amount(text) == amount


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "0.00"),
        ("-0.00", "0.00"),
        ("1E+3", "1000.00"),
        ("0.5", "0.50"),
        ("0.90", "0.90"),
        ("12.34000", "12.34"),
        ("0.278190", "0.27819"),
        ("1E-12", "0.000000000001"),
        ("-1.5", "-1.50"),
        ("100.84292", "100.84292"),
    ],
)
def test_plain_writes_at_least_two_decimals_and_no_further_zeros(value: str, text: str) -> None:
    assert plain(Decimal(value)) == text


@given(AMOUNTS, STEPS)
def test_rounds_up_to_the_next_multiple_and_no_further(value: Decimal, step: Decimal) -> None:
    rounded = round_up(value, step)
    assert Fraction(rounded) == ceil(Fraction(value) / Fraction(step)) * Fraction(step)


@pytest.mark.parametrize(
    ("value", "step", "rounded"),
    [
        ("1.00001", "0.0001", "1.0001"),
        ("1.0001", "0.0001", "1.0001"),
        ("0", "0.05", "0"),
        ("-0.07", "0.05", "-0.05"),
        ("0." + "0" * 50 + "1", "1", "1"),
        ("33." + "0" * 80 + "1", "0.03", "33.03"),
    ],
)
def test_rounding_up_by_example(value: str, step: str, rounded: str) -> None:
    assert round_up(Decimal(value), Decimal(step)) == Decimal(rounded)


def test_the_widest_amounts_stay_exact() -> None:
    rate = Decimal("9" * 18 + "." + "9" * 12)
    assert Fraction(per_thousand(rate, 10**13)) == Fraction(rate) * 10**10
    wide = Decimal("9" * 30 + "e12")
    assert round_up(wide, LEDGER_STEP) == wide


@pytest.mark.parametrize(
    ("rate", "quantity", "amount"),
    [("0.90", 1000, "0.90"), ("0.90", 50, "0.045"), ("1.99", 1, "0.00199")],
)
def test_a_rate_is_for_a_thousand(rate: str, quantity: int, amount: str) -> None:
    assert per_thousand(Decimal(rate), quantity) == Decimal(amount)


@given(CHARGES, st.integers(1, 10**9), st.data())
def test_net_is_the_exact_share_rounded_up_at_six_decimals(
    charge: Decimal, quantity: int, data: st.DataObject
) -> None:
    part = data.draw(st.integers(0, quantity))
    net = net_charge(charge, quantity, part)
    millionths = ceil(Fraction(charge) * part / quantity * 10**6)
    assert net == Decimal(millionths).scaleb(-6)
    assert net_charge(charge, quantity, 0) == 0
    assert net_charge(charge, quantity, quantity) == charge
    if part:
        assert net_charge(charge, quantity, part - 1) <= net <= charge


def test_net_by_example() -> None:
    assert net_charge(Decimal("0.27819"), 1000, 843) == Decimal("0.234515")
    assert net_charge(Decimal(1), 3, 1) == Decimal("0.333334")
    assert str(net_charge(Decimal("1.5"), 3, 2)) == "1.000000"


@pytest.mark.parametrize(("quantity", "part"), [(10, 11), (10, -1), (0, 0), (-5, -5)])
def test_net_of_what_is_no_part_is_refused(quantity: int, part: int) -> None:
    with pytest.raises(ValueError, match=f"{part} of {quantity} is not a part"):
        net_charge(Decimal(1), quantity, part)


def test_a_share_ends_on_its_step() -> None:
    assert share_up(Decimal(1), 1, 3, LEDGER_STEP) == Decimal("0.333333333334")
    assert share_up(Decimal(1), 2, 4, CHARGE_STEP) == Decimal("0.5")
    assert share_up(Decimal(5), 0, 4, CHARGE_STEP) == 0


def test_a_total_keeps_every_digit() -> None:
    large, small = Decimal("9" * 25), Decimal("0.000000000001")
    assert total([large, small, small]) - large == 2 * small
    assert total([]) == 0
