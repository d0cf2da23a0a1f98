"""Faults: what goes wrong by name, in which share of the requests, and how it shows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from random import Random

from gateway.dialects.json_text import read
from gateway.domain.refusals import Code
from gateway.sandbox.answers import HTML, Answer, Delivery
from gateway.sandbox.shares import Shares, check_shares
from gateway.sandbox.sloppy import NOTICE, sloppily

WAIT_MILLISECONDS_MAX = 3_600_000


class Fault(StrEnum):
    """All faults. To an `add`: `_before` takes nothing, `_after` books the order first.

    To a refill or a cancel: `_html` does nothing, all others take note of it first.
    """

    RESET_BEFORE = "reset_before"
    CLOSE_BEFORE = "close_before"
    HANG_BEFORE = "hang_before"
    HTML_502_BEFORE = "html_502_before"
    REDIRECT_BEFORE = "redirect_before"
    REFUSE = "refuse"
    FUNDS = "funds"
    MAINTENANCE = "maintenance"
    RATE_LIMIT = "rate_limit"
    RESET_AFTER = "reset_after"
    CLOSE_AFTER = "close_after"
    HANG_AFTER = "hang_after"
    HALF_HEADERS_AFTER = "half_headers_after"
    GARBAGE_AFTER = "garbage_after"
    CUT_AFTER = "cut_after"
    CUT_EOF_AFTER = "cut_eof_after"
    DRIP_AFTER = "drip_after"
    HTML_502_AFTER = "html_502_after"
    REDIRECT_AFTER = "redirect_after"
    EMPTY_AFTER = "empty_after"
    NOTICE_AFTER = "notice_after"
    LIAR = "liar"
    SLOW = "slow"
    SERVICES_EMPTY = "services_empty"
    SERVICES_HTML = "services_html"
    SERVICES_SLOPPY = "services_sloppy"
    STATUS_EMPTY = "status_empty"
    STATUS_HTML = "status_html"
    STATUS_SLOPPY = "status_sloppy"
    BALANCE_HTML = "balance_html"
    BALANCE_SLOPPY = "balance_sloppy"
    REFILL_HTML = "refill_html"
    REFILL_EMPTY = "refill_empty"
    REFILL_RESET = "refill_reset"
    REFILL_GARBLED = "refill_garbled"
    REFILL_SLOPPY = "refill_sloppy"
    REFILL_STATUS_HTML = "refill_status_html"
    REFILL_STATUS_SLOPPY = "refill_status_sloppy"
    CANCEL_HTML = "cancel_html"
    CANCEL_EMPTY = "cancel_empty"
    CANCEL_RESET = "cancel_reset"
    CANCEL_GARBLED = "cancel_garbled"
    CANCEL_SLOPPY = "cancel_sloppy"
    DOWN = "down"


class Moment(StrEnum):
    """Where a fault strikes; the shares of one moment are parts of one whole."""

    CALL = "call"
    ADD = "add"
    SERVICES = "services"
    STATUS = "status"
    BALANCE = "balance"
    REFILL = "refill"
    REFILL_STATUS = "refill_status"
    CANCEL = "cancel"


_ELSEWHERE = {
    Fault.DOWN: Moment.CALL,
    **{fault: moment for moment in Moment for fault in Fault if fault.rpartition("_")[0] == moment},
}
FAULTS = {
    moment: frozenset(fault for fault in Fault if _ELSEWHERE.get(fault, Moment.ADD) is moment)
    for moment in Moment
}

HONEST = {
    Fault.REFUSE: Code.BAD_LINK,
    Fault.FUNDS: Code.FUNDS,
    Fault.MAINTENANCE: Code.MAINTENANCE,
    Fault.RATE_LIMIT: Code.RATE_LIMIT,
}
# the lie that costs most: believed, it sends the order on to the next offer
LIE = Code.UNAVAILABLE

_DELIVERIES = {
    Fault.RESET_BEFORE: Delivery.RESET,
    Fault.RESET_AFTER: Delivery.RESET,
    Fault.CLOSE_BEFORE: Delivery.CLOSE,
    Fault.CLOSE_AFTER: Delivery.CLOSE,
    Fault.HANG_BEFORE: Delivery.HANG,
    Fault.HANG_AFTER: Delivery.HANG,
    Fault.HALF_HEADERS_AFTER: Delivery.HALF_HEADERS,
    Fault.GARBAGE_AFTER: Delivery.GARBAGE,
    Fault.CUT_AFTER: Delivery.CUT,
    Fault.CUT_EOF_AFTER: Delivery.CUT_EOF,
    Fault.DRIP_AFTER: Delivery.DRIP,
    Fault.REFILL_RESET: Delivery.RESET,
    Fault.CANCEL_RESET: Delivery.RESET,
}

_PAGE = b"<html><head><title>%s</title></head><body><h1>%s</h1></body></html>\n"
BAD_GATEWAY = Answer(_PAGE % ((b"502 Bad Gateway",) * 2), 502, HTML)
LOGIN_PAGE = Answer(_PAGE % ((b"Sign in",) * 2), 200, HTML)
NOWHERE = Answer(b"", 200, HTML)
ELSEWHERE = Answer(b"", 307, HTML, headers=(("Location", "/api/v2"),))

_INSTEAD = {
    Fault.HTML_502_BEFORE: BAD_GATEWAY,
    Fault.HTML_502_AFTER: BAD_GATEWAY,
    Fault.REDIRECT_BEFORE: ELSEWHERE,
    Fault.REDIRECT_AFTER: ELSEWHERE,
    Fault.EMPTY_AFTER: NOWHERE,
    **{
        fault: page
        for end, page in (("_html", LOGIN_PAGE), ("_empty", NOWHERE))
        for fault in _ELSEWHERE
        if fault.endswith(end) and fault is not Fault.SERVICES_EMPTY
    },
}


def takes_nothing(fault: Fault) -> bool:
    """Whether a call under this fault ends before anything is done."""
    return fault in HONEST or fault.endswith(("_before", "_html"))


def spoil(fault: Fault, answer: Answer) -> Answer:
    """What the caller gets in place of the answer."""
    if fault in _DELIVERIES:
        return replace(answer, delivery=_DELIVERIES[fault])
    if fault is Fault.NOTICE_AFTER:
        return Answer(NOTICE + answer.body, content_type=HTML)
    if fault.endswith("_sloppy"):
        return replace(answer, body=sloppily(read(answer.body)))
    if fault.endswith("_garbled"):
        return replace(answer, body=answer.body[: len(answer.body) // 2])
    return _INSTEAD.get(fault, answer)


@dataclass(frozen=True, slots=True)
class Waits:
    """How long a hang is held, a slow add is not yet booked, a drip waits between bytes."""

    hang_milliseconds: int = 120_000
    slow_milliseconds: int = 3_000
    drip_milliseconds: int = 300

    def __post_init__(self) -> None:
        """Raises ValueError for a wait below 0 or above an hour."""
        for name in ("hang_milliseconds", "slow_milliseconds", "drip_milliseconds"):
            if not 0 <= getattr(self, name) <= WAIT_MILLISECONDS_MAX:
                raise ValueError(f"{name} is not within 0 and {WAIT_MILLISECONDS_MAX}")


class Faults:
    """Which fault strikes when: by chance from a seed, in the share that each name was given."""

    def __init__(
        self,
        shares: Mapping[str, Decimal] | None = None,
        seed: str = "",
        waits: Waits | None = None,
    ) -> None:
        """Raises ValueError as `share` does."""
        self._chance = Random(f"{seed}:faults")  # noqa: S311  chance that a seed can replay
        self._given: dict[str, Decimal] = {}
        self._moments: dict[Moment, Shares] = {}
        self.waits = waits or Waits()
        self.struck: dict[str, int] = {}
        self.share(shares or {})

    @property
    def shares(self) -> Mapping[str, Decimal]:
        """The shares as they are now, by name."""
        return self._given

    def share(self, shares: Mapping[str, Decimal]) -> None:
        """Other shares for these names, the rest as before; 0 ends a fault. All or nothing.

        Raises ValueError for an unknown name, a share outside 0..1 and shares above 1 together.
        """
        check_shares("fault", Fault, shares)
        given = {name: share for name, share in {**self._given, **shares}.items() if share != 0}
        self._moments = {
            moment: Shares({name: share for name, share in given.items() if name in FAULTS[moment]})
            for moment in Moment
        }
        self._given = given

    def strike(self, moment: Moment) -> Fault | None:
        """The fault that strikes now, if any."""
        name = self._moments[moment].draw(self._chance)
        return Fault(name) if name else None

    def note(self, fault: Fault) -> None:
        """Count a fault that did strike."""
        self.struck[fault] = self.struck.get(fault, 0) + 1
