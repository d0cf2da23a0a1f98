"""A sandbox that says what a test wants to hear."""

from dataclasses import replace

from gateway.dialects.dialect import Dialect
from gateway.dialects.json_text import Json, write
from gateway.dialects.messages import AskRefill, AskServices, AskStatus, Fields
from gateway.dialects.standard import STANDARD
from gateway.domain.refusals import Code, Refusal
from gateway.sandbox import control
from gateway.sandbox.answers import Answer
from gateway.sandbox.fates import Fates
from gateway.sandbox.faults import Fault, Faults, Waits
from gateway.sandbox.panel import Heard, Panel, Terms
from gateway.sandbox.panel import Wanted as Understood

KEY = "sandbox-key"


class Parrot(Panel):
    """A sandbox into whose mouth words can be put; its orders stand still until they are moved."""

    def __init__(
        self, currency: str = "USD", waits: Waits | None = None, dialect: Dialect = STANDARD
    ) -> None:
        super().__init__(
            dialect,
            terms=Terms(KEY, currency=currency),
            fates=Fates({}, pace_milliseconds=7 * 24 * 3_600_000),
            faults=Faults(waits=waits or Waits(5_000, 50, 200)),
        )
        self.adds: list[bytes | Answer] = []
        self.dawdles = False
        self.late: list[bytes] = []
        self.words: dict[type, bytes] = {}
        self.spoiler = ""

    def hear(self, fields: Fields) -> Heard:
        """As a sandbox does, only that it takes its time over `status` when it dawdles."""
        heard = super().hear(fields)
        if self.dawdles and isinstance(heard.ask, AskStatus):
            return replace(heard, fault=Fault.SLOW)
        return heard

    def answer(self, heard: Heard) -> Answer:
        """What it was told to say, else what a sandbox says; `adds` are said one after another.

        So are those that come `late`: what it said when it was asked, and dawdled.
        An order that is its `spoiler` has all refills refused that are asked for in one call.
        """
        if isinstance(heard.ask, Understood) and self.adds:
            said = self.adds.pop(0)
            return said if isinstance(said, Answer) else Answer(said)
        if heard.fault is Fault.SLOW and isinstance(heard.ask, AskStatus) and self.late:
            return Answer(self.late.pop(0))
        if isinstance(heard.ask, AskRefill) and self.spoiler in heard.ask.orders:
            return self.refuse(Refusal(Code.REFILL_REFUSED))
        words = self.words.get(type(heard.ask))
        return super().answer(heard) if words is None else Answer(words)

    def change(self, **asked: Json) -> None:
        """What a POST to the sandbox's truth would change."""
        control.change(self, write(dict(asked)))

    def say_of(self, order: str, **row: Json) -> None:
        """From now on `status` answers with this row for one order, and with no other."""
        self.say_all({order: dict(row)})

    def say_all(self, rows: Json) -> None:
        """From now on `status` answers with these rows, whatever is asked."""
        self.words[AskStatus] = write(rows)

    def list_only(self, *rows: Json) -> None:
        """From now on this is the services list."""
        self.words[AskServices] = write(list(rows))

    @property
    def links(self) -> list[str]:
        """The links that were really ordered, in order of arrival."""
        return [order.taking.placement.link for order in self.orders]
