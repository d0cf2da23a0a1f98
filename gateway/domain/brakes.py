"""Brakes: what a provider says that costs money is believed at its second word (money.md 7)."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from gateway.domain.following import Booking
from gateway.domain.money import EXACT, ZERO, net_charge, plain
from gateway.domain.orders import Standing, State

WAITS_AT_MOST = timedelta(hours=24)
AGAIN_SECONDS_MAX = 300
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Brakes:
    """From where on one word is not enough. Amounts are in house currency.

    A refund above `refund_above` is seen twice, and so is every refund while more than
    `turned_percent` of a provider's orders of the day, where these are at least `orders_min`,
    turned canceled or partial within an hour. A rate that rises or falls by such a percentage at
    once waits for an operator, and so does an offer whose provider charged more than agreed for
    `overcharged_times` orders within an hour, or in sum `overcharged_above` more. An order in doubt
    whose charge is above `decided_alone_max` is decided by two operators who say the same.
    """

    refund_above: Decimal = Decimal(20)
    turned_percent: Decimal = Decimal(5)
    orders_min: int = 20
    rate_up_percent: Decimal = Decimal(30)
    rate_down_percent: Decimal = Decimal(50)
    overcharged_times: int = 3
    overcharged_above: Decimal = Decimal(1)
    decided_alone_max: Decimal = Decimal(50)


BRAKES = Brakes()
"""Those that hold where the markup says nothing."""


def refund_of(order: Standing, booked: Booking) -> Decimal:
    """What a booking gives back to the customer, in house currency."""
    net = net_charge(order.charge, order.quantity, booked.charged_quantity)
    return max(ZERO, EXACT.subtract(order.net, net))


def turns(before: State, after: State) -> bool:
    """Whether an order turns canceled or partial."""
    return after is not before and after in (State.CANCELED, State.PARTIAL)


def orders_enough(brakes: Brakes, turned: int) -> int:
    """With so many orders of the day it does not matter how many more there are."""
    most, rest = EXACT.divmod(EXACT.multiply(_HUNDRED, Decimal(turned)), brakes.turned_percent)
    return max(int(most) + (rest > ZERO), brakes.orders_min)


def many_turned(brakes: Brakes, turned: int, orders: int) -> bool:
    """Whether so many turned within an hour that their provider may be broken, or lie.

    `orders` of the day; those that turned are among them, however old they are.
    """
    orders = max(orders, turned)
    share = EXACT.multiply(brakes.turned_percent, Decimal(orders))
    return orders >= brakes.orders_min and EXACT.multiply(_HUNDRED, Decimal(turned)) > share


def why_braked(brakes: Brakes, refund: Decimal, *, asked: bool, many: bool) -> str:
    """Why a refund waits for one more equal observation; empty when it does not.

    That an order ends whose cancel was `asked` for is no sign of a fault, however many do. A large
    refund waits all the same: a second look costs minutes, a wrong refund never comes back.
    """
    if refund <= ZERO:
        return ""
    if refund > brakes.refund_above:
        return f"a refund above {plain(brakes.refund_above)}"
    if many and not asked:
        return f"more than {brakes.turned_percent:f} % of the day's orders ended so within an hour"
    return ""


def is_released(*, again: bool, waited: timedelta | None) -> bool:
    """Whether a braked refund is given now: it was seen `again`, or has `waited` long enough.

    None = it did not wait so far.
    """
    return again or (waited is not None and waited >= WAITS_AT_MOST)
