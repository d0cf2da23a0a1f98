"""Exact money: one place for reading, rounding and writing amounts (money.md 6)."""

import re
from collections.abc import Iterable
from decimal import Context, Decimal
from functools import reduce

# a rate (30 digits) x a conversion (24) x a percentage (24) x a quantity over all runs (14) stays
# whole, so nothing is ever rounded but where this page says so
EXACT = Context(prec=120)

CHARGE_STEP = Decimal("0.000001")
LEDGER_STEP = Decimal("0.000000000001")
DIGITS_MAX = 30
EXPONENT_MAX = 12
ZERO = Decimal(0)

_AMOUNT = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?(?:[eE]([+-]?[0-9]{1,2}))?", re.ASCII)


def read_amount(text: str) -> Decimal | None:
    """The exact amount that a text spells, or None when it is not a plain finite decimal.

    Grouping, currency signs, NaN, infinities, over 30 digits and exponents beyond +-12 are none.
    """
    spelled = _AMOUNT.fullmatch(text)
    if spelled is None or abs(int(spelled[1] or 0)) > EXPONENT_MAX:
        return None
    value = Decimal(text)
    _, digits, exponent = value.as_tuple()
    # a finite decimal's exponent is a number always; the type knows of NaN, too
    if len(digits) > DIGITS_MAX or not isinstance(exponent, int) or exponent < -DIGITS_MAX:
        return None
    return value


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Their sum, exactly; 0 of none."""
    return reduce(EXACT.add, amounts, ZERO)


def round_up(value: Decimal, step: Decimal) -> Decimal:
    """The smallest multiple of `step` that is not below `value`."""
    return EXACT.multiply(_steps_up(value, step), step)


def per_thousand(rate: Decimal, quantity: int) -> Decimal:
    """What `quantity` comes to at a rate per 1,000, not rounded."""
    return EXACT.scaleb(EXACT.multiply(rate, Decimal(quantity)), -3)


def share_up(amount: Decimal, part: int, whole: int, step: Decimal) -> Decimal:
    """`amount` x `part` / `whole`, rounded up to a multiple of `step`, exactly."""
    product = EXACT.multiply(amount, Decimal(part))
    return EXACT.multiply(_steps_up(product, EXACT.multiply(step, Decimal(whole))), step)


def net_charge(charge: Decimal, quantity: int, charged_quantity: int) -> Decimal:
    """What a customer owes for `charged_quantity` of `quantity`, rounded up at 6 decimals.

    The same as the SQL function `net_charge`; net of 0 is 0 and net of the whole is the charge.
    """
    if not 0 <= charged_quantity <= quantity or quantity < 1:
        raise ValueError(f"{charged_quantity} of {quantity} is not a part")
    return share_up(charge, charged_quantity, quantity, CHARGE_STEP)


def plain(value: Decimal) -> str:
    """An amount as panels write it: no exponent, at least two decimals, no further zeros."""
    text = format(value or ZERO, "f")
    whole, _, decimals = text.partition(".")
    decimals = decimals.rstrip("0").ljust(2, "0")
    return f"{whole}.{decimals}"


def _steps_up(value: Decimal, step: Decimal) -> Decimal:
    steps, rest = EXACT.divmod(value, step)
    return EXACT.add(steps, 1) if rest > 0 else steps
