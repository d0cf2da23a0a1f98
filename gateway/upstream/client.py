"""One provider's panel as the gateway calls it (protocol.md 1, money.md 3)."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from gateway import clock
from gateway.dialects.dialect import Dialect
from gateway.dialects.messages import CannotCarry, Form, ServicesRead
from gateway.dialects.spelling import Action
from gateway.domain.catalog import Provider
from gateway.domain.observations import (
    Balance,
    Observation,
    RefillSeen,
    Refused,
    Taken,
    Unclear,
)
from gateway.domain.placements import Placement
from gateway.domain.refusals import Code
from gateway.upstream.budget import Budget
from gateway.upstream.limits import TEXT_CHARACTERS_MAX, Limits
from gateway.upstream.outcomes import Attempted, Evidence, answered, unanswered
from gateway.upstream.pages import Pages
from gateway.upstream.redaction import Redactor
from gateway.upstream.trace import TraceLog
from gateway.upstream.wire import Fault, Reply, Way, Wire, public_trust

T = TypeVar("T")

REASON_CHARACTERS_MAX = 200

# A connection for each add: on one that is used again, bytes that a panel sent too many are read as
# the next answer, which gives every later order its neighbour's id.
_ADD_HEADERS = {"Accept-Encoding": "identity", "Connection": "close"}
_READ_HEADERS = {"Accept-Encoding": "gzip"}
_CHANGING = (Action.ADD, Action.REFILL, Action.CANCEL)


class ProviderClient:
    """Calls one provider.

    Adds and reads have connections of their own, so that neither starves the other, and share the
    budget that his refusals taught; a call for which it has no place is not sent. No call is
    repeated, and none raises for what happens on the wire. `trust` None = the public certificate
    authorities; a transport in its place carries every call.
    """

    def __init__(
        self,
        provider: Provider,
        dialect: Dialect,
        key: str,
        limits: Limits | None = None,
        trust: Way | None = None,
    ) -> None:
        self.provider = provider
        self._dialect = dialect
        self._key = key
        self._redactor = Redactor(key)
        self._limits = limits or Limits()
        self._noted: Counter[str] = Counter()
        self._budget = Budget(
            provider.in_flight_max, self._limits.reads_max, provider.calls_per_minute
        )
        self._adds = self._wire(provider.in_flight_max, trust or public_trust())
        self._reads = self._wire(self._limits.reads_max, trust or public_trust())

    async def add(
        self, offer: str, placement: Placement, *, log: TraceLog | None = None
    ) -> Attempted:
        """Try once to place an order. Our own deadline is an Attempted like any other fault.

        The caller's own cancellation is raised. A caller that must settle even then passes a fresh
        `log` and asks `outcomes.interrupted(log)` what it means.
        """
        began = clock.nanoseconds()
        log = TraceLog() if log is None else log
        try:
            form = self._dialect.write_add(offer, placement)
        except CannotCarry as why:
            return unanswered(f"the dialect cannot carry it: {why}", Evidence(ours=True))
        answer = await self._exchange(self._adds, form, _ADD_HEADERS, log)
        took_milliseconds = (clock.nanoseconds() - began) // 1_000_000
        evidence = Evidence(
            log.trace, answer.status, answer.body, took_milliseconds, answer.retry_after_seconds
        )
        if isinstance(answer, Fault):
            return unanswered(answer.why, replace(evidence, ours=answer.ours))
        reading = self._learnt(self._dialect.read_add(answer.status, answer.body), answer)
        return answered(reading, evidence)

    async def status(
        self, orders: Sequence[str]
    ) -> Mapping[str, Observation | Refused] | Refused | Unclear:
        """What the provider says of its orders, by their ids.

        ValueError for none, or for more than the dialect's `batch_max`.
        """
        reply = await self._read(self._dialect.write_status(orders))
        if isinstance(reply, Unclear):
            return reply
        rows = self._dialect.read_status(orders, reply.status, reply.body, self._noted)
        return self._learnt(rows, reply)

    async def refill(
        self, orders: Sequence[str]
    ) -> Mapping[str, Taken | Refused] | Refused | Unclear:
        """Ask for refills of the provider's orders, by their ids.

        ValueError as `status`. Where there is no such action, nothing is sent: Refused BAD_ACTION.
        """
        try:
            reply = await self._read(self._dialect.write_refill(orders))
        except CannotCarry as why:
            return _no_action(why)
        if isinstance(reply, Unclear):
            return reply
        rows = self._dialect.read_refill(orders, reply.status, reply.body, self._noted)
        return self._learnt(rows, reply)

    async def refill_status(
        self, refills: Sequence[str]
    ) -> Mapping[str, RefillSeen | Refused] | Refused | Unclear:
        """How refills go, by the provider's ids of them; otherwise as `refill`."""
        try:
            reply = await self._read(self._dialect.write_refill_status(refills))
        except CannotCarry as why:
            return _no_action(why)
        if isinstance(reply, Unclear):
            return reply
        rows = self._dialect.read_refill_status(refills, reply.status, reply.body, self._noted)
        return self._learnt(rows, reply)

    async def cancel(
        self, orders: Sequence[str]
    ) -> Mapping[str, Taken | Refused] | Refused | Unclear:
        """Ask to end the provider's orders, by their ids; otherwise as `refill`."""
        try:
            reply = await self._read(self._dialect.write_cancel(orders))
        except CannotCarry as why:
            return _no_action(why)
        if isinstance(reply, Unclear):
            return reply
        rows = self._dialect.read_cancel(orders, reply.status, reply.body, self._noted)
        return self._learnt(rows, reply)

    async def services(self) -> ServicesRead | Refused | Unclear:
        """The provider's whole list, from as many pages as it comes in; never a part of it."""
        page_size = self._dialect.spelling.services.page_size
        pages = Pages(page_size, self._limits.services_bytes_max)
        while True:
            form = self._dialect.write_services(pages.rows)
            reply = await self._read(form, pages.bytes_left)
            if isinstance(reply, Unclear):
                return pages.broken(reply)
            page = await self._services(reply)
            if not isinstance(page, ServicesRead):
                return pages.broken(page)
            if whole := pages.take(page, len(reply.body)):
                return whole

    async def balance(self) -> Balance | Refused | Unclear:
        """What is left of our prepaid money there."""
        reply = await self._read(self._dialect.write_balance())
        if isinstance(reply, Unclear):
            return reply
        balance = self._dialect.read_balance(reply.status, reply.body, self._noted)
        return self._learnt(balance, reply)

    async def ask(self, form: Form) -> Reply | Unclear:
        """Any form that changes nothing, as a probe sends it; the answer is without our key.

        ValueError for one that orders, refills or cancels.
        """
        words = {self._dialect.spelling.requests.actions.get(each, each) for each in _CHANGING}
        action = form.get("action", "").strip().casefold()
        if action in {each.casefold() for each in (*words, *_CHANGING)}:
            raise ValueError(f"a probe does not {action}")
        # a list of services may be among what is asked for
        return await self._read(form, self._limits.services_bytes_max)

    def take_repairs(self) -> dict[str, int]:
        """What had to be repaired in answers since the last time, by name; starts anew."""
        taken = dict(self._noted)
        self._noted.clear()
        return taken

    @property
    def budget_text(self) -> str:
        """What the provider's refusals taught, for operators; empty when nothing did."""
        return self._budget.describe()

    def places(self) -> int:
        """How many adds would get a place in the budget, if they came now, before they give up."""
        return self._budget.places(self._limits.place_milliseconds)

    async def close(self) -> None:
        """Close once the calls under way have ended. A later add is `not_sent`, a read Unclear."""
        await asyncio.gather(self._adds.close(), self._reads.close())

    async def _services(self, reply: Reply) -> ServicesRead | Refused | Unclear:
        # a list of megabytes is read beside the event loop, which has orders to send meanwhile
        noted: Counter[str] = Counter()
        page = await asyncio.to_thread(self._dialect.read_services, reply.status, reply.body, noted)
        self._noted.update(noted)
        return self._learnt(page, reply)

    async def _read(self, form: Form, bytes_max: int | None = None) -> Reply | Unclear:
        answer = await self._exchange(self._reads, form, _READ_HEADERS, TraceLog(), bytes_max)
        if isinstance(answer, Reply):
            return answer
        head = f"HTTP {answer.status}: " if answer.status else ""
        return Unclear(head + answer.why)

    async def _exchange(
        self,
        wire: Wire,
        form: Form,
        headers: Mapping[str, str],
        log: TraceLog,
        bytes_max: int | None = None,
    ) -> Reply | Fault:
        cap = bytes_max or self._limits.reply_bytes_max
        keyed = {**form, self._dialect.spelling.requests.key: self._key}
        place = self._budget.slot(
            add=wire is self._adds, wait_milliseconds_max=self._limits.place_milliseconds
        )
        answer = await wire.post(keyed, headers, log, cap, place)
        answer = replace(answer, body=self._redactor.body(answer.body))
        if answer.status == 429:
            text = answer.body[:TEXT_CHARACTERS_MAX].decode("utf-8", "replace")
            self._budget.refused(answer.retry_after_seconds, text)
        if isinstance(answer, Fault):
            why = self._redactor.text(answer.why)[:REASON_CHARACTERS_MAX]
            return replace(answer, why=why)
        return answer

    def _learnt(self, reading: T | Refused | Unclear, reply: Reply) -> T | Refused | Unclear:
        """What an answer says, after the budget has heard whether it was one too many."""
        if isinstance(reading, Unclear):
            return Unclear(f"HTTP {reply.status}: {reading.why}")
        if isinstance(reading, Refused) and reading.code is Code.RATE_LIMIT and reply.status != 429:
            self._budget.refused(reply.retry_after_seconds, reading.text)
        return reading

    def _wire(self, at_once: int, trust: Way) -> Wire:
        own = self.provider.timeout_seconds * 1000
        total_milliseconds = self._limits.total_milliseconds or own
        return Wire(self.provider.url, at_once, total_milliseconds, self._limits, trust)


def _no_action(why: CannotCarry) -> Refused:
    return Refused(Code.BAD_ACTION, f"the dialect cannot carry it: {why}")
