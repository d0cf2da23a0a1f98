"""What operators look for among orders, and what the words may mean that they typed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.domain.orders import ENDED, HELD, State
from gateway.domain.services import ServiceType

WORDS_CHARACTERS_MAX = 2_048
LINK_CHARACTERS_MIN = 3
ID_MAX = 2**63 - 1

_NUMBER = re.compile(r"#?([0-9]{1,18})", re.ASCII)
_THEIRS = re.compile(r"[!-~]{1,64}")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class Group(StrEnum):
    """States that are looked for together. Odd is whatever has an open discrepancy or a refund
    that waits, in any state.
    """

    OPEN = "open"
    IN_DOUBT = "in doubt"
    ENDED = "ended"
    ODD = "odd"


class Sort(StrEnum):
    """By their ids, or by the money at risk: those in doubt alone, the largest charge first."""

    NEWEST = "newest"
    OLDEST = "oldest"
    RISK = "risk"


IN_DOUBT = frozenset({State.UNCONFIRMED, State.REVIEW})
_STATES_OF: Mapping[Group, frozenset[State]] = {
    Group.OPEN: HELD | {State.ACTIVE},
    Group.IN_DOUBT: IN_DOUBT,
    Group.ENDED: ENDED | {State.FAILED, State.CLOSED},
    Group.ODD: frozenset(State),
}


@dataclass(frozen=True, slots=True)
class Search:
    """Filters, all of which must hold; what is empty or None does not filter.

    `words`: an order id, a provider's order id, a customer's name or the beginning of a link.
    `customer` is a whole name. Created from a moment (included) to another (not included).
    """

    words: str = ""
    state: State | Group | None = None
    provider: str = ""
    service: int | None = None
    customer: str = ""
    kind: ServiceType | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    sort: Sort = Sort.NEWEST

    @property
    def states(self) -> frozenset[State]:
        """Those that fit."""
        if isinstance(self.state, State):
            fit = frozenset({self.state})
        else:
            fit = frozenset(State) if self.state is None else _STATES_OF[self.state]
        return fit & IN_DOUBT if self.sort is Sort.RISK else fit

    @property
    def odd(self) -> bool:
        """Whether only odd ones are meant."""
        return self.state is Group.ODD


@dataclass(frozen=True, slots=True)
class Meant:
    """What words may mean, each by itself; None and empty = not that."""

    order: int | None = None
    provider_order: str = ""
    name: str = ""
    link: str = ""


def meant(words: str) -> Meant:
    """Everything that words could be; what is too long for a link means nothing."""
    said = seen(words).strip()
    if not said or len(said) > WORDS_CHARACTERS_MAX:
        return Meant()
    number = _NUMBER.fullmatch(said)
    return Meant(
        order=int(number[1]) if number else None,
        provider_order=said if _THEIRS.fullmatch(said) else "",
        name=said if len(said) <= 100 else "",
        link=said if len(said) >= LINK_CHARACTERS_MIN else "",
    )


def seen(words: str) -> str:
    """Without what no database takes in a text."""
    return _UNSEEN.sub("", words)
