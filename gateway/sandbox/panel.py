"""The panel: what the sandbox offers, takes and answers, in its dialect's words."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

from gateway.dialects.dialect import Dialect
from gateway.dialects.fields import ID_PATTERN
from gateway.dialects.json_text import write
from gateway.dialects.messages import AskAdd, AskBalance, AskServices, AskStatus, Fields
from gateway.dialects.standard import STANDARD
from gateway.domain.catalog import Listing
from gateway.domain.money import per_thousand
from gateway.domain.observations import Balance, Observation
from gateway.domain.placements import Placement
from gateway.domain.refusals import Code, Refusal
from gateway.domain.services import TYPE_RULES, TypeRule, read_type
from gateway.sandbox.answers import Answer
from gateway.sandbox.fates import Fates
from gateway.sandbox.faults import (
    ADD_FAULTS,
    HONEST,
    LIE,
    Fault,
    Faults,
    Moment,
    spoil,
    takes_nothing,
)
from gateway.sandbox.marks import read_marks
from gateway.sandbox.offers import BUILT_IN, many
from gateway.sandbox.orders import ORDERS_MAX, Orders, Taking


@dataclass(frozen=True, slots=True)
class Terms:
    """What a caller must know, and has. The seed makes order ids replayable."""

    key: str = "sandbox-key"
    balance: Decimal = Decimal(1_000_000)
    currency: str = "USD"
    seed: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An `add` that was understood; whether it can be paid shows when it is booked."""

    listing: Listing
    rule: TypeRule
    placement: Placement


@dataclass(frozen=True, slots=True)
class Heard:
    """A request that was understood or refused, and the fault that strikes its answer."""

    ask: Wanted | AskServices | AskStatus | AskBalance | Refusal
    fault: Fault | None = None


_MOMENTS: Mapping[type, Moment] = {AskServices: Moment.SERVICES, AskStatus: Moment.STATUS}


def now_utc() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


class Panel:
    """A pretend provider without its wire. Not for several threads."""

    def __init__(
        self,
        dialect: Dialect = STANDARD,
        terms: Terms | None = None,
        offers: Sequence[Listing] | int = BUILT_IN,
        fates: Fates | None = None,
        faults: Faults | None = None,
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        """`offers`: a list, or how many to make up. Raises ValueError as `offer` does."""
        self.terms = terms or Terms()
        self.fates = fates or Fates(seed=self.terms.seed)
        self.faults = faults or Faults(seed=self.terms.seed)
        self.clock = clock
        self.orders = Orders(self.terms.balance, self.terms.seed)
        self.requests: Counter[str] = Counter()
        self._dialect = dialect
        self._offers: dict[str, Listing] = {}
        self._services = b""
        self._struck_links: set[str] = set()
        self.offer(many(offers) if isinstance(offers, int) else offers)

    def offer(self, listings: Sequence[Listing], gone: Sequence[str] = ()) -> None:
        """Offer these, in place of those with their ids, and take others off. Raises ValueError."""
        for each in listings:
            if not ID_PATTERN.fullmatch(each.offer):
                raise ValueError(f"an offer's id is a whole number, not {each.offer!r}")
        self._offers.update((each.offer, each) for each in listings)
        for offer in gone:
            self._offers.pop(offer, None)
        self._services = write(self._dialect.answer_services(tuple(self._offers.values())))

    def offered(self, offer: str) -> Listing | None:
        """What stands under an id."""
        return self._offers.get(offer)

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
        try:
            ask = self._ask(fields)
        except Refusal as refusal:
            return Heard(refusal)
        if isinstance(ask, Wanted):
            return Heard(ask, self._fault_of(ask.placement.link))
        moment = _MOMENTS.get(type(ask))
        return Heard(ask, self.faults.strike(moment) if moment else None)

    def answer(self, heard: Heard) -> Answer:
        """Do what was asked, and say so as the fault lets it be said."""
        if heard.fault:
            self.faults.note(heard.fault)
        try:
            if isinstance(heard.ask, Refusal):
                raise heard.ask
            if isinstance(heard.ask, Wanted):
                return self._add(heard.ask, heard.fault)
            answer = Answer(self._read(heard.ask, heard.fault))
        except Refusal as refusal:
            return self.refuse(refusal)
        return spoil(heard.fault, answer) if heard.fault else answer

    def replied(self, answer: Answer) -> None:
        """The whole answer has left: note that the caller can know the order's id."""
        order = self.orders.find(str(answer.order)) if answer.order else None
        if order:
            order.replied = True

    def _ask(self, fields: Fields) -> Wanted | AskServices | AskStatus | AskBalance:
        action = "other"
        try:
            if (fields.get("key") or fields.get("api_token")) != self.terms.key:
                raise Refusal(Code.BAD_KEY)
            ask = self._dialect.read_request(fields)
            action = type(ask).__name__.removeprefix("Ask").lower()
            return self._wanted(ask) if isinstance(ask, AskAdd) else ask
        finally:
            self.requests[action] += 1

    def _wanted(self, ask: AskAdd) -> Wanted:
        listing = self._offers.get(ask.service)
        kind = read_type(listing.kind_word) if listing else None
        if listing is None or kind is None:
            raise Refusal(Code.BAD_SERVICE)
        placement = self._dialect.read_placement(int(ask.service), kind, ask.fields)
        rule = TYPE_RULES[kind]
        if rule.quantity != "one":
            if placement.quantity < listing.quantity_min:
                raise Refusal(Code.MIN, str(listing.quantity_min))
            if placement.quantity > listing.quantity_max:
                raise Refusal(Code.MAX, str(listing.quantity_max))
        if placement.runs is not None and not listing.drip_feed:
            raise Refusal(Code.BAD_PARAMS, "runs")
        return Wanted(listing, rule, placement)

    def _fault_of(self, link: str) -> Fault | None:
        """The fault that the link asks for, the first time only; else the one of chance."""
        word = read_marks(link).fault
        if word in tuple(ADD_FAULTS):
            if link in self._struck_links or len(self._struck_links) >= ORDERS_MAX:
                return None
            self._struck_links.add(link)
            return Fault(word)
        return self.faults.strike(Moment.ADD)

    def _add(self, wanted: Wanted, fault: Fault | None) -> Answer:
        if fault and fault in HONEST:
            raise Refusal(HONEST[fault])
        if fault and takes_nothing(fault):
            return spoil(fault, Answer(b""))
        now = self.clock()
        self.orders.settle(now)
        placement, listing = wanted.placement, wanted.listing
        quantity = placement.quantity_total
        flat = wanted.rule.flat
        charge = listing.rate if flat else per_thousand(listing.rate, quantity)
        course = self.fates.draw(read_marks(placement.link), quantity)
        taking = Taking(listing, placement, charge, flat, course, fault)
        order = self.orders.take(taking, now)
        if fault is Fault.LIAR:
            return self.refuse(Refusal(LIE))
        answer = Answer(write(self._dialect.answer_add(str(order.id))), order=order.id)
        return spoil(fault, answer) if fault else answer

    def _read(self, ask: AskServices | AskStatus | AskBalance, fault: Fault | None) -> bytes:
        if isinstance(ask, AskServices):
            empty = fault is Fault.SERVICES_EMPTY
            return write(self._dialect.answer_services(())) if empty else self._services
        now = self.clock()
        self.orders.settle(now)
        if isinstance(ask, AskBalance):
            balance = Balance(self.orders.balance, self.terms.currency)
            return write(self._dialect.answer_balance(balance))
        rows = {order: self._observation(order, now) for order in ask.orders}
        return write(self._dialect.answer_status(rows, many=ask.many))

    def _observation(self, text: str, now: datetime) -> Observation | Refusal:
        order = self.orders.find(text)
        if order is None:
            return Refusal(Code.ORDER_NOT_FOUND)
        at = order.stand(now)
        return Observation(at.word, at.charge, at.start_count, at.remains, self.terms.currency)

    def refuse(self, refusal: Refusal) -> Answer:
        """A refusal in the dialect's words."""
        return Answer(write(self._dialect.answer_refusal(refusal)))
