"""What a panel says, after its dialect was understood (protocol.md 2 and 6)."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from gateway.domain.refusals import Code


class Word(StrEnum):
    """The meanings behind all status words; the value is the standard's own word.

    The last three are a subscription's; of any other order they mean in progress, in progress and
    completed.
    """

    PENDING = "Pending"
    PROCESSING = "Processing"
    IN_PROGRESS = "In progress"
    COMPLETED = "Completed"
    PARTIAL = "Partial"
    CANCELED = "Canceled"
    ACTIVE = "Active"
    PAUSED = "Paused"
    EXPIRED = "Expired"


class RefillWord(StrEnum):
    """The meanings behind the status words of refills (protocol.md 6.2)."""

    PENDING = "Pending"
    IN_PROGRESS = "In progress"
    COMPLETED = "Completed"
    REJECTED = "Rejected"


@dataclass(frozen=True, slots=True)
class Observation:
    """One answer to `status`. None = missing or unreadable; `raw_word` is kept when unknown.

    `charge` is in the panel's currency; `currency` is None where the panel names none. A
    subscription or drip-feed may name its `children`, the panel's ids of the orders made for it
    (None = it says nothing of any), its `posts` and the `runs` done so far.
    """

    word: Word | None
    charge: Decimal | None = None
    start_count: int | None = None
    remains: int | None = None
    currency: str | None = None
    raw_word: str = ""
    children: tuple[str, ...] | None = None
    posts: int | None = None
    runs: int | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """One answer to `balance`."""

    amount: Decimal
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """An add was taken under this id (text: panels' ids are not always numbers)."""

    order: str


@dataclass(frozen=True, slots=True)
class Taken:
    """A refill or cancel was asked for and taken note of; many panels give it no id."""

    request: str | None = None


@dataclass(frozen=True, slots=True)
class RefillSeen:
    """One answer to `refill_status`; `raw_word` is kept when the word is not known."""

    word: RefillWord | None
    raw_word: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """An expected no from a panel. `code` is None for a sentence that was never seen before."""

    code: Code | None
    text: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """An answer that proves nothing. `why` is for the operator."""

    why: str
