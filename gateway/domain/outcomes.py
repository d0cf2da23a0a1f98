"""What follows from the outcome of one attempt (money.md 2 and 3, protocol.md 4.2)."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from gateway.domain.refusals import Code


class Outcome(StrEnum):
    """The fate of an attempt. Only `not_sent` and `refused` prove that nothing was taken."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOT_SENT = "not_sent"
    UNCERTAIN = "uncertain"
    DISPROVED = "disproved"


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a refusal leads to. `waits`: with no other offer left, the order stays queued."""

    next_offer: bool
    waits: bool
    pauses_provider: bool = False
    resync: bool = False


FINAL = Consequence(next_offer=False, waits=False)
OFFER_IS_WRONG = Consequence(next_offer=True, waits=False, resync=True)
PROVIDER_CANNOT = Consequence(next_offer=True, waits=True, pauses_provider=True)

_CONSEQUENCES: dict[Code, Consequence] = {
    Code.BAD_KEY: PROVIDER_CANNOT,
    Code.KEY_SCOPE: PROVIDER_CANNOT,
    Code.BAD_ACTION: PROVIDER_CANNOT,
    Code.NOT_POST: PROVIDER_CANNOT,
    Code.FUNDS: PROVIDER_CANNOT,
    Code.MAINTENANCE: PROVIDER_CANNOT,
    Code.RATE_LIMIT: Consequence(next_offer=False, waits=True, pauses_provider=True),
    Code.UNAVAILABLE: Consequence(next_offer=True, waits=True),
    Code.BAD_SERVICE: OFFER_IS_WRONG,
    Code.MIN: OFFER_IS_WRONG,
    Code.MAX: OFFER_IS_WRONG,
    Code.BAD_QUANTITY: OFFER_IS_WRONG,
    Code.DUPLICATE_LINK: Consequence(next_offer=True, waits=True),
}

NOT_SENT_BEFORE_NEXT_OFFER = 3
QUEUED_AT_MOST = timedelta(minutes=30)
BACK_OFF_AT_MOST_SECONDS = 60
PAUSE_SECONDS = 60
PAUSE_AT_MOST_SECONDS = 3_600

RUN_LATE_AT_MOST = timedelta(hours=24)
RUN_TRIES_MAX = 100
RUN_BACK_OFF_AT_MOST_SECONDS = 900


def consequence(code: Code | None) -> Consequence:
    """What a provider's refusal leads to; None is a sentence never seen, which ends the order."""
    return _CONSEQUENCES.get(code, FINAL) if code else FINAL


def pause_seconds(told_seconds: int | None) -> int:
    """How long a provider is left alone: as long as it says, at most an hour, else a minute."""
    if told_seconds is None:
        return PAUSE_SECONDS
    return max(1, min(told_seconds, PAUSE_AT_MOST_SECONDS))


def back_off(
    tries: int, jitter_milliseconds: int, at_most_seconds: int = BACK_OFF_AT_MOST_SECONDS
) -> timedelta:
    """How long an order waits after its n-th try: 2^n seconds, at most 60, and the jitter."""
    seconds = min(2 ** min(tries, 10), at_most_seconds)
    return timedelta(seconds=seconds, milliseconds=jitter_milliseconds)
