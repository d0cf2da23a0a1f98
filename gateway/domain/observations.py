"""What a panel says, after its dialect was understood (protocol.md 2 and 6)."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from gateway.domain.refusals import Code


class Word(StrEnum):
    """The meanings behind all status words; the value is the standard's own word."""

    PENDING = "Pending"
    PROCESSING = "Processing"
    IN_PROGRESS = "In progress"
    COMPLETED = "Completed"
    PARTIAL = "Partial"
    CANCELED = "Canceled"


@dataclass(frozen=True, slots=True)
class Observation:
    """One answer to `status`. None = missing or unreadable; `raw_word` is kept when unknown.

    `charge` is in the panel's currency; `currency` is None where the panel names none.
    """

    word: Word | None
    charge: Decimal | None = None
    start_count: int | None = None
    remains: int | None = None
    currency: str | None = None
    raw_word: str = ""


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
class Refused:
    """An expected no from a panel. `code` is None for a sentence that was never seen before."""

    code: Code | None
    text: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """An answer that proves nothing. `why` is for the operator."""

    why: str
