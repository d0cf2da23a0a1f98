"""One provider's panel as the gateway calls it (protocol.md 1, money.md 3)."""

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from time import monotonic_ns

from gateway.dialects.dialect import Dialect
from gateway.dialects.messages import CannotCarry, Form, ServicesRead
from gateway.domain.catalog import Provider
from gateway.domain.observations import Balance, Observation, Refused, Unclear
from gateway.domain.placements import Placement
from gateway.upstream.limits import Limits
from gateway.upstream.outcomes import Attempted, Evidence, answered, unanswered
from gateway.upstream.redaction import Redactor
from gateway.upstream.trace import TraceLog
from gateway.upstream.wire import Fault, Reply, Wire, public_trust

REASON_CHARACTERS_MAX = 200

# A connection for each add: on one that is used again, bytes that a panel sent too many are read as
# the next answer, which gives every later order its neighbour's id.
_ADD_HEADERS = {"Accept-Encoding": "identity", "Connection": "close"}
_READ_HEADERS = {"Accept-Encoding": "gzip"}


class ProviderClient:
    """Calls one provider.

    Adds and reads have connections of their own, so that neither starves the other. No call is
    repeated, and none raises for what happens on the wire. `trust` None = the public certificate
    authorities.
    """

    def __init__(
        self,
        provider: Provider,
        dialect: Dialect,
        key: str,
        limits: Limits | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self.provider = provider
        self._dialect = dialect
        self._key = key
        self._redactor = Redactor(key)
        self._limits = limits or Limits()
        self._adds = self._wire(provider.in_flight_max, trust or public_trust())
        self._reads = self._wire(self._limits.reads_max, trust or public_trust())

    async def add(
        self, offer: str, placement: Placement, *, log: TraceLog | None = None
    ) -> Attempted:
        """Try once to place an order. Our own deadline is an Attempted like any other fault.

        The caller's own cancellation is raised. A caller that must settle even then passes a fresh
        `log` and asks `outcomes.interrupted(log)` what it means.
        """
        began = monotonic_ns()
        log = TraceLog() if log is None else log
        try:
            form = self._dialect.write_add(offer, placement)
        except CannotCarry as why:
            return unanswered(f"the dialect cannot carry it: {why}", Evidence())
        answer = await self._exchange(self._adds, form, _ADD_HEADERS, log)
        took_milliseconds = (monotonic_ns() - began) // 1_000_000
        evidence = Evidence(log.trace, answer.status, answer.body, took_milliseconds)
        if isinstance(answer, Fault):
            return unanswered(answer.why, evidence)
        reading = self._dialect.read_add(answer.status, answer.body)
        if isinstance(reading, Unclear):
            reading = _unclear(reading, answer)
        return answered(reading, evidence)

    async def status(
        self, orders: Sequence[str]
    ) -> Mapping[str, Observation | Refused] | Refused | Unclear:
        """What the provider says of its orders, by their ids.

        ValueError for none, or for more than the dialect's `status_batch_max`.
        """
        if not 1 <= len(orders) <= self._dialect.status_batch_max:
            raise ValueError(f"{len(orders)} ids are not a batch of this dialect")
        reply = await self._read(self._dialect.write_status(orders))
        if isinstance(reply, Unclear):
            return reply
        reading = self._dialect.read_status(orders, reply.status, reply.body)
        return _unclear(reading, reply) if isinstance(reading, Unclear) else reading

    async def services(self) -> ServicesRead | Refused | Unclear:
        """The provider's whole list."""
        reply = await self._read(self._dialect.write_services(), self._limits.services_bytes_max)
        if isinstance(reply, Unclear):
            return reply
        # a list of megabytes is read beside the event loop, which has orders to send meanwhile
        reading = await asyncio.to_thread(self._dialect.read_services, reply.status, reply.body)
        return _unclear(reading, reply) if isinstance(reading, Unclear) else reading

    async def balance(self) -> Balance | Refused | Unclear:
        """What is left of our prepaid money there."""
        reply = await self._read(self._dialect.write_balance())
        if isinstance(reply, Unclear):
            return reply
        reading = self._dialect.read_balance(reply.status, reply.body)
        return _unclear(reading, reply) if isinstance(reading, Unclear) else reading

    async def close(self) -> None:
        """Close once the calls under way have ended. A later add is `not_sent`, a read Unclear."""
        await asyncio.gather(self._adds.close(), self._reads.close())

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
        answer = await wire.post({**form, "key": self._key}, headers, log, cap)
        clean = self._redactor.body(answer.body)
        if isinstance(answer, Reply):
            return Reply(answer.status, clean)
        why = self._redactor.text(answer.why)[:REASON_CHARACTERS_MAX]
        return Fault(why, answer.status, clean)

    def _wire(self, at_once: int, trust: ssl.SSLContext) -> Wire:
        own = self.provider.timeout_seconds * 1000
        total_milliseconds = self._limits.total_milliseconds or own
        return Wire(self.provider.url, at_once, total_milliseconds, self._limits, trust)


def _unclear(reading: Unclear, reply: Reply) -> Unclear:
    return Unclear(f"HTTP {reply.status}: {reading.why}")
