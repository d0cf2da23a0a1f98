"""The panel: what the sandbox offers, takes and answers, in its dialect's words."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from gateway.dialects.dialect import Dialect
from gateway.dialects.json_text import Json, write
from gateway.dialects.messages import (
    Ask,
    AskAdd,
    AskBalance,
    AskCancel,
    AskRefill,
    AskRefillStatus,
    AskServices,
    AskStatus,
    Fields,
)
from gateway.dialects.standard import STANDARD
from gateway.domain.catalog import Listing
from gateway.domain.refusals import Code, Refusal
from gateway.sandbox.answers import Answer
from gateway.sandbox.fates import Fates
from gateway.sandbox.faults import (
    FAULTS,
    HONEST,
    LIE,
    Fault,
    Faults,
    Moment,
    spoil,
    takes_nothing,
)
from gateway.sandbox.hearing import Ear
from gateway.sandbox.marks import read_marks
from gateway.sandbox.offers import BUILT_IN, BY_ID, many
from gateway.sandbox.orders import ORDERS_MAX, Orders
from gateway.sandbox.rates import Calls
from gateway.sandbox.refusing import refused
from gateway.sandbox.shelf import Shelf
from gateway.sandbox.takings import Takings, Wanted
from gateway.sandbox.terms import Terms
from gateway.sandbox.voice import AskOfOrders, Voice

__all__ = ["Heard", "Panel", "Terms", "Wanted", "now_utc"]


@dataclass(frozen=True, slots=True)
class Heard:
    """A request that was understood or refused, and the fault that strikes its answer.

    `offset`: from which row of the list on; `wait_seconds`: how long one who calls too often waits.
    """

    ask: Wanted | AskServices | AskBalance | AskOfOrders | Refusal
    fault: Fault | None = None
    offset: int = 0
    wait_seconds: int = 0


_OFFSET = re.compile(r"[0-9]{1,9}")
_MOMENTS: Mapping[type, Moment] = {
    AskServices: Moment.SERVICES,
    AskStatus: Moment.STATUS,
    AskBalance: Moment.BALANCE,
    AskRefill: Moment.REFILL,
    AskRefillStatus: Moment.REFILL_STATUS,
    AskCancel: Moment.CANCEL,
}


def now_utc() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


class Panel:
    """A pretend provider without its wire. Not for several threads."""

    def __init__(
        self,
        dialect: Dialect = STANDARD,
        terms: Terms | None = None,
        offers: Sequence[Listing] | int | None = None,
        fates: Fates | None = None,
        faults: Faults | None = None,
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        """`offers`: a list, or how many to make up; None = all built-in ones of its types.

        Raises ValueError as `offer` does.
        """
        self.terms = terms or Terms()
        self.fates = fates or Fates(seed=self.terms.seed)
        self.faults = faults or Faults(seed=self.terms.seed)
        self.clock = clock
        self.orders = Orders(self.terms.balance, self.terms.seed)
        self.voice = Voice(dialect, self.orders)
        self.requests: Counter[str] = Counter()
        self._dialect = dialect
        self._ear = Ear(dialect)
        self._shelf = Shelf(dialect)
        self._calls = Calls()
        seed = self.terms.seed
        self._takings = Takings(self._ear, self._shelf, self.orders, lambda: self.fates, seed)
        self._struck_links: set[tuple[Moment, str]] = set()
        if offers is None or isinstance(offers, int):
            usual = (*BUILT_IN, *BY_ID) if offers is None else many(offers)
            offers = [each for each in usual if self._shelf.carries(each)]
        self.offer(offers)

    def offer(self, listings: Sequence[Listing], gone: Sequence[str] = ()) -> None:
        """Offer these, in place of those with their ids, and take others off. Raises ValueError."""
        self._shelf.put(listings, gone)

    def offered(self, offer: str) -> Listing | None:
        """What stands under an id."""
        return self._shelf.find(offer)

    def carries(self, listing: Listing) -> bool:
        """Whether its dialect has the listing's type."""
        return self._shelf.carries(listing)

    def change_key(self, key: str) -> None:
        """From now on only this key is taken."""
        self.terms = replace(self.terms, key=key)

    def is_down(self) -> bool:
        """Whether this call is to be cut off unread."""
        down = self.faults.strike(Moment.CALL) is not None
        if down:
            self.faults.note(Fault.DOWN)
        return down

    def hear(self, fields: Fields) -> Heard:
        """Understand a request and draw its fault; nothing is booked yet."""
        bound = self.terms.calls_per_minute
        wait_seconds = self._calls.wait_seconds(bound, self.clock()) if bound else 0
        if wait_seconds:
            self.requests["limited"] += 1
            return Heard(Refusal(Code.RATE_LIMIT), wait_seconds=wait_seconds)
        try:
            ask = self._ask(fields)
            if isinstance(ask, AskAdd):
                ask = self._takings.want(ask)
        except Refusal as refusal:
            return Heard(refusal)
        if isinstance(ask, Wanted):
            return Heard(ask, self._fault_of(Moment.ADD, (ask.placement.link,)))
        links = self._links(ask) if isinstance(ask, AskRefill | AskCancel) else ()
        offset = self._offset(fields) if isinstance(ask, AskServices) else 0
        return Heard(ask, self._fault_of(_MOMENTS[type(ask)], links), offset)

    def answer(self, heard: Heard) -> Answer:
        """Do what was asked, and say so as the fault lets it be said."""
        fault = heard.fault
        if fault:
            self.faults.note(fault)
        if isinstance(heard.ask, Refusal):
            return refused(self._refusal(heard.ask), heard.ask, self.terms, heard.wait_seconds)
        try:
            if isinstance(heard.ask, Wanted):
                return self._add(heard.ask, fault)
        except Refusal as refusal:
            return self.refuse(refusal)
        if fault and takes_nothing(fault):
            return spoil(fault, Answer(b""))
        answer = self._read(heard.ask, heard)
        return spoil(fault, answer) if fault else answer

    def replied(self, answer: Answer) -> None:
        """The whole answer has left: note that the caller can know the order's id."""
        order = self.orders.find(str(answer.order)) if answer.order else None
        if order:
            order.replied = True

    def refuse(self, refusal: Refusal) -> Answer:
        """A refusal in the dialect's words."""
        return refused(self._refusal(refusal), refusal, self.terms)

    def _refusal(self, refusal: Refusal) -> Json:
        return self._dialect.answer_refusal(refusal)

    def _ask(self, fields: Fields) -> Ask:
        action = None
        try:
            if fields.get(self._dialect.spelling.requests.key) != self.terms.key:
                raise Refusal(Code.BAD_KEY)
            action = self._ear.action(fields)
            return self._ear.read(action, fields)
        finally:
            self.requests[action or "other"] += 1

    def _offset(self, fields: Fields) -> int:
        offset = fields.get("offset")
        return int(offset) if isinstance(offset, str) and _OFFSET.fullmatch(offset) else 0

    def _links(self, ask: AskRefill | AskCancel) -> list[str]:
        orders = (self.orders.find(order) for order in ask.orders)
        return [order.taking.placement.link for order in orders if order]

    def _fault_of(self, moment: Moment, links: Sequence[str]) -> Fault | None:
        """The fault that a link asks for, the first time only; else the one of chance."""
        for link in links:
            word = read_marks(link).fault
            if word in FAULTS[moment]:
                asked = (moment, link)
                if asked in self._struck_links or len(self._struck_links) >= ORDERS_MAX:
                    return None
                self._struck_links.add(asked)
                return Fault(word)
        return self.faults.strike(moment)

    def _add(self, asked: Wanted, fault: Fault | None) -> Answer:
        if fault and fault in HONEST:
            raise Refusal(HONEST[fault])
        if fault and takes_nothing(fault):
            return spoil(fault, Answer(b""))
        now = self.clock()
        self.orders.settle(now)
        order = self._takings.take(asked, fault, now)
        if fault is Fault.LIAR:
            return self.refuse(Refusal(LIE))
        answer = Answer(write(self._dialect.answer_add(str(order.id))), order=order.id)
        return spoil(fault, answer) if fault else answer

    def _read(self, ask: AskServices | AskBalance | AskOfOrders, heard: Heard) -> Answer:
        if isinstance(ask, AskServices):
            if heard.fault is Fault.SERVICES_EMPTY:
                return Answer(self._shelf.empty())
            return Answer(self._shelf.told(self._page_size, heard.offset))
        now = self.clock()
        self.orders.settle(now)
        if isinstance(ask, AskBalance):
            return Answer(write(self.voice.balance(self.terms)))
        body, refusal = self.voice.answer(ask, self.terms, self.fates, now)
        return refused(body, refusal, self.terms) if refusal else Answer(write(body))

    @property
    def _page_size(self) -> int | None:
        return self.terms.page_size or self._dialect.spelling.services.page_size
