"""The eighteen faults of an attempt to place an order (money.md 8, F1)."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from random import Random

from gateway.sandbox.shares import Shares, check_shares


class Fault(StrEnum):
    """All of them; `_accepted` and `_not` tell what the panel did."""

    REFUSED = "refused"
    DNS = "dns"
    TLS = "tls"
    EXPLICIT_ERROR = "explicit_error"
    TIMEOUT_ACCEPTED = "timeout_accepted"
    TIMEOUT_NOT = "timeout_not"
    RESET_ACCEPTED = "reset_accepted"
    RESET_NOT = "reset_not"
    HTML502_ACCEPTED = "html502_accepted"
    HTML502_NOT = "html502_not"
    TRUNC = "trunc"
    EMPTY = "empty"
    LATE = "late"
    CRASH_BEFORE_CLAIM = "crash_before_claim"
    CRASH_AFTER_CLAIM = "crash_after_claim"
    CRASH_AFTER_SEND_ACCEPTED = "crash_after_send_accepted"
    CRASH_AFTER_SEND_NOT = "crash_after_send_not"
    CRASH_AFTER_REPLY = "crash_after_reply"


NEVER_SENT = frozenset({Fault.CRASH_BEFORE_CLAIM, Fault.CRASH_AFTER_CLAIM})
CRASHES = frozenset(each for each in Fault if each.startswith("crash"))
TIMED_OUT = frozenset({Fault.TIMEOUT_ACCEPTED, Fault.TIMEOUT_NOT, Fault.LATE})
TAKES_NOTHING = frozenset(
    {
        *(Fault.REFUSED, Fault.DNS, Fault.TLS, Fault.EXPLICIT_ERROR),
        *(Fault.TIMEOUT_NOT, Fault.RESET_NOT, Fault.HTML502_NOT, Fault.CRASH_AFTER_SEND_NOT),
        *NEVER_SENT,
    }
)


def each_at(share: Decimal) -> dict[str, Decimal]:
    """All faults in the same share."""
    return dict.fromkeys(Fault, share)


class Dice:
    """Draws the fault of an attempt, in the share that each was given."""

    def __init__(self, shares: Mapping[str, Decimal], chance: Random) -> None:
        """Raises ValueError for an unknown fault, a bad share, or more than 1 together."""
        check_shares("fault", Fault, shares)
        known = {str(fault): shares[fault] for fault in Fault if fault in shares}
        Shares(known)
        before = Fault.CRASH_BEFORE_CLAIM
        self._chance = chance
        self._before = Shares({before: known.pop(before)} if before in known else {})
        self._after = Shares(known)
        self.calm = False

    def before_claim(self) -> bool:
        """Whether the worker is lost before it has claimed anything."""
        return not self.calm and self._before.draw(self._chance) is not None

    def of_attempt(self) -> Fault | None:
        """What goes wrong once an order is claimed."""
        drawn = None if self.calm else self._after.draw(self._chance)
        return Fault(drawn) if drawn else None
