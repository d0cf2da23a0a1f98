"""Orders that have not ended, as operators see them together (money.md 2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Counted:
    """Orders in one state with one provider, when they were last counted; `late` of them."""

    state: str
    provider: str
    orders: int
    late: int
    counted_at: datetime


@dataclass(frozen=True, slots=True)
class Sending:
    """Attempts under way, and those whose lease is over."""

    orders: int
    late: int


@dataclass(frozen=True, slots=True)
class Doubtful:
    """Orders in one state of doubt: what is held for them, and since when the oldest is in doubt.

    Amounts are in the currency of the charges; `since` None: not known.
    """

    state: str
    currency: str
    orders: int
    held: Decimal
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Proposed:
    """What one operator decided while a second one is waited for; `accepted` None: nothing was."""

    order: int
    operator: str
    accepted: str | None
    since: datetime
    charge: Decimal


@dataclass(frozen=True, slots=True)
class Braked:
    """Refunds that wait to be seen once more, and since when the oldest does."""

    orders: int
    amount: Decimal
    since: datetime | None


@dataclass(frozen=True, slots=True)
class OpenOrders:
    """`counted`: queued and active ones, as of half a minute ago; all else is as of now.

    `held`: from customers in house currency, for whatever has not been settled. `stuck`: active
    ones whose provider has changed nothing for too long (D7).
    """

    counted: Sequence[Counted]
    sending: Sending
    doubtful: Sequence[Doubtful]
    braked: Braked
    held: Decimal
    stuck: int

    @property
    def queued(self) -> int:
        """Orders that wait to be sent."""
        return sum(each.orders for each in self.counted if each.state == "queued")

    @property
    def active(self) -> int:
        """Orders that their providers work at."""
        return sum(each.orders for each in self.counted if each.state == "active")

    @property
    def late(self) -> int:
        """Those that wait, are being sent, or run for longer than they should."""
        return sum(each.late for each in self.counted) + self.sending.late + self.stuck

    @property
    def counted_at(self) -> datetime | None:
        """When queued and active ones were counted; None = there were none, or never."""
        return min((each.counted_at for each in self.counted), default=None)
