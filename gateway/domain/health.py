"""How a provider does: his last answers, what stops him, what he holds for us (money.md 5)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from gateway.domain.tallies import share_percent


@dataclass(frozen=True, slots=True)
class Recent:
    """How a provider's attempts of the last 24 hours ended, at most the last 2,000 accepted ones
    and what came beside them. `p50_milliseconds` of the last 200 accepted; None = there was none.
    """

    provider: str
    p50_milliseconds: int | None
    accepted: int
    refused: int
    uncertain: int
    not_sent: int

    @property
    def attempts(self) -> int:
        """All of them."""
        return self.accepted + self.refused + self.uncertain + self.not_sent


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether a provider gets orders, and what he said of himself last.

    `breaker_until`: None = closed; past = one order is let through. `stopped`: why nothing is sent
    to him before a person says so. `balance` in his own currency. `quarantined`: offers that are
    not sold until an operator agrees; `waiting`: sold, while a lower rate waits for the same.
    """

    provider: str
    trips: int
    breaker_until: datetime | None
    breaker_reason: str
    paused_until: datetime | None
    pause_reason: str
    stopped: str
    balance: Decimal | None
    balance_currency: str | None
    balance_at: datetime | None
    synced_at: datetime | None
    tried_at: datetime | None
    sync_error: str
    quarantined: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Health:
    """A provider of the active revision. Amounts are in his own currency.

    `spent_day` and `spent_week`: what he took in the last 24 hours and seven days; `days_left` at
    the quicker of both paces, None = no end is seen. `unexplained`: None = not known.
    """

    name: str
    currency: str
    gate: Gate
    recent: Recent
    spent_day: Decimal
    spent_week: Decimal
    days_left: Decimal | None
    unexplained: Decimal | None

    @property
    def refused_percent(self) -> Decimal | None:
        """Of the attempts of late; None = there were none."""
        return share_percent(self.recent.refused, self.recent.attempts)

    @property
    def uncertain_percent(self) -> Decimal | None:
        """Of the attempts of late that ended in doubt; None = there were none."""
        return share_percent(self.recent.uncertain, self.recent.attempts)
