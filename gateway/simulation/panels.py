"""A provider's panel in the process: the sandbox's, with the faults of a run and the truth."""

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal

from gateway.dialects.messages import Fields
from gateway.domain.money import EXACT, ZERO
from gateway.domain.observations import Word
from gateway.domain.refusals import Code, Refusal
from gateway.sandbox.answers import HTML, Answer
from gateway.sandbox.fates import Fate, Fates
from gateway.sandbox.faults import BAD_GATEWAY, LIE
from gateway.sandbox.fields import read_fields
from gateway.sandbox.orders import FIRST_ORDER, Order, Stand
from gateway.sandbox.panel import Panel, Terms
from gateway.simulation.clock import Clock
from gateway.simulation.faults import Fault
from gateway.simulation.setting import LATE_SECONDS, Setting
from gateway.upstream.played import Break, Played

KEY = "a key of a simulated panel"
FUNDS = Decimal(10_000_000)
FORM = "application/x-www-form-urlencoded"
FOREIGN_MEAN = 8
RANDOM_BELOW = 10**8
PACE_MILLISECONDS = 3_600_000
FATES: dict[str, Decimal] = {Fate.PARTIAL: Decimal("0.03"), Fate.CANCELED: Decimal("0.02")}
FLAPS_MAX = 6
FLAP_MINUTES_MAX = 720

_UNANSWERED = {
    Fault.REFUSED: Break.REFUSED,
    Fault.DNS: Break.NO_HOST,
    Fault.TLS: Break.TLS,
    Fault.TIMEOUT_ACCEPTED: Break.TIMED_OUT,
    Fault.TIMEOUT_NOT: Break.TIMED_OUT,
    Fault.LATE: Break.TIMED_OUT,
    Fault.RESET_ACCEPTED: Break.RESET,
    Fault.RESET_NOT: Break.RESET,
    Fault.CRASH_AFTER_SEND_ACCEPTED: Break.TIMED_OUT,
    Fault.CRASH_AFTER_SEND_NOT: Break.TIMED_OUT,
}
_ACCEPTED = frozenset(
    {
        *(Fault.TIMEOUT_ACCEPTED, Fault.RESET_ACCEPTED, Fault.HTML502_ACCEPTED),
        *(Fault.TRUNC, Fault.EMPTY, Fault.CRASH_AFTER_SEND_ACCEPTED, Fault.CRASH_AFTER_REPLY),
    }
)
_MEANWHILE = (Word.COMPLETED, Word.PARTIAL, Word.CANCELED, Word.IN_PROGRESS, Word.PENDING)


class ScriptedPanel:
    """Plays one provider. What it took is the truth, whatever it answered."""

    def __init__(self, name: str, setting: Setting, clock: Clock) -> None:
        seed = f"{setting.seed}:{name}"
        self._setting = setting
        self._clock = clock
        self._chance = setting.chance(f"panel {name}")
        self._expected: dict[str, Fault] = {}
        self._last = FIRST_ORDER
        terms = Terms(key=KEY, balance=FUNDS, seed=seed)
        fates = Fates(FATES, PACE_MILLISECONDS, seed)
        self.panel = Panel(terms=terms, fates=fates, clock=clock.read)
        self.lies: Counter[str] = Counter()
        self.denied: list[Order] = []
        self.late: set[str] = set()
        self.late_at: datetime | None = None
        self.pending = 0

    def expect(self, link: str, fault: Fault | None) -> None:
        """The next order for this link meets this fault."""
        if fault is not None:
            self._expected[link] = fault

    async def play(self, body: bytes) -> Played:
        """What comes back for a call, after the panel has done what the fault lets it do."""
        fields = read_fields(body, FORM) or {}
        if fields.get("action") == "add":
            return self._add(fields)
        return _whole(self.panel.answer(self.panel.hear(fields)))

    def taken(self) -> dict[str, list[Order]]:
        """The orders that were really taken, by their links."""
        found: dict[str, list[Order]] = {}
        for order in self.panel.orders:
            found.setdefault(order.taking.placement.link, []).append(order)
        return found

    def _add(self, fields: Fields) -> Played:
        link = str(fields.get("link", ""))
        fault = self._expected.pop(link, None)
        if fault is Fault.EXPLICIT_ERROR:
            return self._refuse(fields, link)
        if fault is Fault.LATE:
            self._take_late(fields, link)
        answer = self._take(fields) if fault is None or fault in _ACCEPTED else Answer(b"")
        if fault is not None and fault in _UNANSWERED:
            return Played(broken=_UNANSWERED[fault])
        if fault in {Fault.HTML502_ACCEPTED, Fault.HTML502_NOT}:
            return _whole(BAD_GATEWAY)
        if fault is Fault.EMPTY:
            return Played(content_type=HTML)
        return self._truncated(answer) if fault is Fault.TRUNC else _whole(answer)

    def _refuse(self, fields: Fields, link: str) -> Played:
        if self._strikes(self._setting.lying):
            answer = self._take(fields)
            if order := self.panel.orders.find(str(answer.order)):
                self.denied.append(order)
            self.lies[link] += 1
            return _whole(self.panel.refuse(Refusal(LIE)))
        return _whole(self.panel.refuse(Refusal(Code.UNAVAILABLE)))

    def _truncated(self, answer: Answer) -> Played:
        """Cut on the wire; or, without a length, a clean answer that ends too soon."""
        if self._chance.random() < 1 / 2:
            return Played(answer.status, answer.body, answer.content_type, Break.CUT)
        kept = answer.body[: self._chance.randrange(1, len(answer.body))]
        return Played(answer.status, kept, answer.content_type)

    def _take_late(self, fields: Fields, link: str) -> None:
        later = self._setting.later_than_seconds
        low, high = (LATE_SECONDS + 1, later) if later else (1, LATE_SECONDS)
        self.pending += 1

        async def execute() -> None:
            self.pending -= 1
            self._take(fields)
            if later:
                self.late_at = self._clock.now

        if later:
            self.late.add(link)
        wait = timedelta(milliseconds=self._chance.randint(low * 1_000, high * 1_000))
        self._clock.later(wait, execute)

    def _take(self, fields: Fields) -> Answer:
        self.panel.orders.number_next(self._number())
        answer = self.panel.answer(self.panel.hear(fields))
        order = self.panel.orders.find(str(answer.order)) if answer.order else None
        if order is None:
            return answer
        if self._strikes(self._setting.uncharged):
            self.panel.orders.charge(order, ZERO)
        elif self._strikes(self._setting.charged_twice):
            self.panel.orders.charge(order, EXACT.multiply(order.charged, Decimal(2)))
        if self._strikes(self._setting.flapping):
            self._flap(order, self._chance.randint(2, FLAPS_MAX))
        return answer

    def _number(self) -> int:
        """Other customers of the panel order between any two orders of ours."""
        if not self._setting.random_ids:
            self._last += 1 + int(self._chance.expovariate(1 / FOREIGN_MEAN))
            return self._last
        number = self._chance.randrange(1, RANDOM_BELOW)
        while self.panel.orders.find(str(number)):
            number = self._chance.randrange(1, RANDOM_BELOW)
        return number

    def _flap(self, order: Order, flaps: int) -> None:
        """So many times more it says something else of the order, the last time an end."""
        self.pending += 1

        async def turn() -> None:
            self.pending -= 1
            words = _MEANWHILE if flaps > 1 else _MEANWHILE[:3]
            self.panel.orders.set_by_hand(order, self._stand(order, self._chance.choice(words)))
            if flaps > 1:
                self._flap(order, flaps - 1)

        self._clock.later(timedelta(minutes=self._chance.randint(1, FLAP_MINUTES_MAX)), turn)

    def _stand(self, order: Order, word: Word) -> Stand:
        remains = {Word.COMPLETED: 0, Word.CANCELED: order.quantity}.get(
            word, self._chance.randint(0, order.quantity)
        )
        return Stand(word, remains, order.taking.course.start_count, order.charge_at(word, remains))

    def _strikes(self, share: Decimal) -> bool:
        return share > ZERO and Decimal(self._chance.randrange(10**6)) < share * 10**6


def _whole(answer: Answer) -> Played:
    return Played(answer.status, answer.body, answer.content_type)
