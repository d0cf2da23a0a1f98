"""Goodwill: what an operator gives back of a charge, whatever the provider says (money.md 6)."""

import re
from dataclasses import dataclass
from decimal import Decimal

from gateway.domain.money import CHARGE_STEP, EXACT, ZERO, plain
from gateway.domain.orders import POLLED, State
from gateway.domain.reasons import why_no_reason
from gateway.domain.second import second_needed

ALONE_MAX = Decimal(50)
"""What one operator gives back alone: in a day, and of one order."""
REFUNDABLE = POLLED | {State.CLOSED}
TOKEN = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Wish:
    """What an operator wants given back, in house currency, and why.

    `token` is the form's own: 8 to 64 letters, digits, `_` and `-`, by which it books once.
    """

    amount: Decimal
    reason: str
    token: str

    @property
    def key(self) -> str:
        """Of its journal entry."""
        return f"goodwill:{self.token}"

    def why_not(self) -> str:
        """Why it cannot be, whatever the order; empty when it can."""
        if not TOKEN.fullmatch(self.token):
            return "the form's token is not one: 8 to 64 letters, digits, _ and -"
        return why_no_reason(self.reason)


def why_second(amount: Decimal, today: Decimal, given: Decimal) -> str:
    """Why a second operator must agree; empty when he need not.

    `today`: what the same operator adjusted since midnight; `given` of the order so far.
    """
    for counted, what in ((given, "given back of the order"), (today, "adjusted today")):
        if second_needed(amount, counted, ALONE_MAX):
            beside = f" and {plain(counted)} {what}" if counted > ZERO else ""
            return f"{plain(amount)}{beside} is above {plain(ALONE_MAX)}"
    return ""


def left_of(net: Decimal, given: Decimal) -> Decimal:
    """What can still be given back of a net charge of which some was given already."""
    return max(ZERO, EXACT.subtract(net, given))


def too_much(net: Decimal, given: Decimal) -> Decimal:
    """What was given beyond a net charge: nobody gets back more than was captured (I7)."""
    return max(ZERO, EXACT.subtract(given, net))


def why_no_goodwill(order: int, state: State, amount: Decimal, left: Decimal) -> str:
    """Why so much cannot be given back of an order of which so much is left; empty: it can."""
    if state not in REFUNDABLE:
        return f"order {order} is {state}: nothing of it is captured"
    if not amount.is_finite() or amount <= ZERO:
        return "an amount is above 0"
    if EXACT.remainder(amount, CHARGE_STEP) != ZERO:
        return f"an amount is a multiple of {CHARGE_STEP:f}"
    if amount > left:
        return f"of order {order} {plain(left)} is left to give back, less than {plain(amount)}"
    return ""
