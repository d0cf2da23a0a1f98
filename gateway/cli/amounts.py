"""Amounts as operators type them."""

from decimal import Decimal

from gateway.cli.output import Failure
from gateway.domain.money import LEDGER_STEP, read_amount, round_up

AMOUNT_BELOW = Decimal(10) ** 15
REFERENCE_CHARACTERS_MAX = 100


def amount_of(text: str, *, least: Decimal) -> Decimal:
    """An exact amount within the ledger's digits, at least so much. Raises Failure."""
    amount = read_amount(text)
    if amount is None or not least <= amount < AMOUNT_BELOW:
        raise Failure(f"{text!r} is not an amount: write it like 100 or 12.50")
    if round_up(amount, LEDGER_STEP) != amount:
        raise Failure(f"{text!r} is finer than the ledger's twelve decimals")
    return amount
