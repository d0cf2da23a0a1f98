"""What a panel answered to questions that change nothing there (protocol.md 7, Probe)."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.dialects.json_text import Json
from gateway.dialects.messages import Form
from gateway.dialects.tolerant import fold_keys, read_tolerantly
from gateway.dialects.values import line

# as long as an id may be, and higher than any panel counts
IMPOSSIBLE = ("999999999999999999", "999999999999999998")
UNKNOWN_ACTION = "no_such_action"
ORDERS_MAX = 10
STEPS_MAX = 3

_TEXT_AT = (
    *(("error",), ("error", "message"), ("errors",), ("message",), ("msg",), ("error_message",)),
    *(("detail",), ("reason",), ("data", "error"), ("data", "message")),
)


class Question(StrEnum):
    """What is asked, as it is shown to operators."""

    BALANCE = "balance"
    SERVICES = "services"
    UNKNOWN_ORDER = "status of an id that cannot exist"
    UNKNOWN_ORDERS = "status of two ids that cannot exist"
    UNKNOWN_REFILL = "refill_status of an id that cannot exist"
    UNKNOWN_ACTION = "an action that does not exist"
    ORDER = "status of a known order"
    ORDERS = "status of known orders and an id that cannot exist"


@dataclass(frozen=True, slots=True)
class Heard:
    """One answer: the HTTP status and the exact bytes."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Evidence:
    """The answers by question; a question that got none is absent. `orders`: those asked after."""

    heard: Mapping[Question, Heard]
    orders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, read as JSON as far as that goes.

    `text`: the sentence of a refusal, if it is one in any form that panels use, and `text_at` the
    keys that led to it.
    """

    heard: Heard
    body: Json
    text: str = ""
    text_at: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """Its beginning, on one line."""
        start = line(self.heard.body[:400].decode(errors="replace"), 100)
        return start if self.heard.status == 200 else f"HTTP {self.heard.status} {start}".strip()


@dataclass(frozen=True, slots=True)
class Answers:
    """All answers that are JSON, and what is found in them whatever its names are."""

    by_question: Mapping[Question, Answer]
    orders: tuple[str, ...]
    unreadable: Mapping[Question, Answer] = field(default_factory=dict[Question, Answer])

    def of(self, question: Question) -> Answer | None:
        """The answer to a question; None without one that can be read."""
        return self.by_question.get(question)


def questions(orders: Sequence[str] = ()) -> tuple[tuple[Question, Form], ...]:
    """What to ask, without the key, in the standard's words: eight questions at most.

    None of them orders, refills or cancels. `orders` are ids that the panel gave once; at most
    `ORDERS_MAX` of them are asked after. Raises ValueError for an id with a comma.
    """
    known = tuple(orders)[:ORDERS_MAX]
    if any("," in order or not order for order in known):
        raise ValueError("an id that is empty or has a comma")
    asked: list[tuple[Question, Form]] = [
        (Question.BALANCE, {"action": "balance"}),
        (Question.SERVICES, {"action": "services"}),
        (Question.UNKNOWN_ORDER, {"action": "status", "order": IMPOSSIBLE[0]}),
        (Question.UNKNOWN_ORDERS, {"action": "status", "orders": ",".join(IMPOSSIBLE)}),
        (Question.UNKNOWN_REFILL, {"action": "refill_status", "refill": IMPOSSIBLE[0]}),
        (Question.UNKNOWN_ACTION, {"action": UNKNOWN_ACTION}),
    ]
    if known:
        together = ",".join((*known, IMPOSSIBLE[0]))
        asked += [
            (Question.ORDER, {"action": "status", "order": known[0]}),
            (Question.ORDERS, {"action": "status", "orders": together}),
        ]
    return tuple(asked)


def read_evidence(evidence: Evidence, keys: Collection[str]) -> Answers:
    """The answers as JSON, repaired as reads are; those that are none apart.

    `keys`: names that count in any case.
    """
    read: dict[Question, Answer] = {}
    unreadable: dict[Question, Answer] = {}
    for question, heard in evidence.heard.items():
        body = fold_keys(read_tolerantly(heard.body), keys)
        if isinstance(body, dict | list) and heard.status < 500:
            read[question] = Answer(heard, body, *_refusal(body))
        else:
            unreadable[question] = Answer(heard, None)
    return Answers(read, evidence.orders, unreadable)


def found(body: Json, fits: Callable[[Json], bool]) -> tuple[tuple[str, ...], Json] | None:
    """The nearest value that fits, and the keys that lead to it; None when nothing does."""
    level: list[tuple[tuple[str, ...], Json]] = [((), body)]
    for _ in range(STEPS_MAX):
        for path, value in level:
            if fits(value):
                return path, value
        level = [
            ((*path, name), inner)
            for path, value in level
            if isinstance(value, dict)
            for name, inner in value.items()
        ]
    return None


def kind_of(value: Json) -> str:
    """The kind of a value in plain words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "text"
    return "list" if isinstance(value, list) else "object" if isinstance(value, dict) else "number"


def _refusal(body: Json) -> tuple[str, tuple[str, ...]]:
    for path in _TEXT_AT:
        value = body
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
            value = "; ".join(map(str, value))
        if isinstance(value, str) and value.strip():
            return value.strip(), path
    return "", ()
