"""Amounts in words."""

from decimal import Decimal

import pytest

from gateway.domain.spelling import in_words


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "zero"),
        ("7", "seven"),
        ("13", "thirteen"),
        ("20", "twenty"),
        ("52.25", "fifty-two point two five"),
        ("100", "one hundred"),
        ("119.00", "one hundred nineteen"),
        ("0.000100", "zero point zero zero zero one"),
        ("-1040", "minus one thousand forty"),
        ("1000000", "one million"),
        ("12003000450.5", "twelve billion three million four hundred fifty point five"),
    ],
)
def test_an_amount_is_spelled(amount: str, words: str) -> None:
    assert in_words(Decimal(amount), "USD") == f"{words} USD"


def test_what_has_no_words_stays_figures() -> None:
    assert in_words(Decimal("1E+18"), "USD") == "1000000000000000000.00 USD"
