"""From where on a rate is no amount of money, and what a quote is made of."""

from decimal import Decimal

from gateway.domain.pricing import RATE_BELOW


def test_a_rate_is_below_a_billion_a_piece() -> None:
    assert Decimal(1_000_000_000_000) == RATE_BELOW
