"""When one operator's word is not enough to move money (money.md 9)."""

from decimal import Decimal

from gateway.domain.money import EXACT


def second_needed(amount: Decimal, today: Decimal, limit: Decimal = Decimal(50)) -> bool:
    """Whether a second operator must agree: `today` is what the first one moved already.

    All in house currency; which way the money goes makes no difference.
    """
    return EXACT.add(abs(amount), abs(today)) > limit
