"""An order's time line on its page: the latest steps, each with what proves it, folded."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

from gateway.admin.excerpts import Excerpts
from gateway.admin.order_filters import PATH
from gateway.domain.money import plain
from gateway.domain.orders import State
from gateway.operations.tell_order import About, Item, Step, Told

STEPS_MAX = 30
ITEMS_MAX = 60
ITEMS_OF_STEP_MAX = 12
BYTES_MAX = 26_000
WORDS_BYTES_MAX = 300
RAW_BYTES_MAX = 1_500
FACTS_MAX = 12
Row = Mapping[str, Any]
Facts = tuple[tuple[str, str], ...]
_TONES: Mapping[str, str] = {
    State.UNCONFIRMED: "doubt",
    State.REVIEW: "doubt",
    State.FAILED: "loss",
    State.COMPLETED: "settled",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One thing that happened. `folded`: what proves it; `raw`: a request or a reply as it was.

    `amounts`: label, amount, currency. `href`: where more of it is.
    """

    what: str
    by: str = ""
    why: str = ""
    amounts: tuple[tuple[str, Decimal, str], ...] = ()
    label: str = ""
    folded: Facts = ()
    raw: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """What happened at one moment; `more` of it is not shown."""

    at: datetime
    tone: str
    items: tuple[Shown, ...]
    more: int

    @property
    def clock(self) -> str:
        """To the millisecond: what is sent and answered happens within one second."""
        return f"{self.at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"[:-3]


@dataclass(frozen=True, slots=True)
class TimeLine:
    """Oldest first. `earlier`: so many steps came before them, `later`: so many after."""

    lines: tuple[Line, ...]
    earlier: int
    later: int


def time_line(told: Told, until: int | None) -> TimeLine:
    """The last steps, or those before the step of a number; never more than a page holds."""
    whole = len(told.steps)
    end = whole if until is None else max(1, min(until, whole))
    room, lines, items, at = Excerpts(BYTES_MAX), list[Line](), 0, end
    while at > 0 and len(lines) < STEPS_MAX and items < ITEMS_MAX and room.left > 0:
        at -= 1
        line = _line(told, told.steps[at], room)
        lines.append(line)
        items += len(line.items)
    return TimeLine(tuple(reversed(lines)), at, whole - end)


def evidence_of(row: Row, room: Excerpts) -> Facts:
    """Evidence as label and text: what it is made of differs from rule to rule."""
    kept: Row = row.get("evidence") or {}
    told = [(name, _text(value)) for name, value in kept.items() if value not in (None, "", [], {})]
    return tuple(
        (room.of(name, 60).replace("_", " "), room.of(value, WORDS_BYTES_MAX))
        for name, value in told[:FACTS_MAX]
    )


def attempt_facts(row: Row, room: Excerpts) -> Facts:
    """What is on record of one attempt beside what was said."""
    bits = (
        ("head sent", row["trace_sent"]),
        ("body sent", row["trace_body"]),
        (
            "an answer began",
            row["trace_resp"],
        ),
    )
    facts = (
        ("outcome", row["outcome"]),
        ("HTTP status", row["http_status"]),
        ("took", None if row["took_milliseconds"] is None else f"{row['took_milliseconds']} ms"),
        *((label, None if bit is None else "yes" if bit else "no") for label, bit in bits),
        ("read as", row["code"]),
        ("because", row["reason"]),
    )
    return tuple((label, room.of(value, WORDS_BYTES_MAX)) for label, value in facts if value)


def _line(told: Told, step: Step, room: Excerpts) -> Line:
    items = tuple(_shown(told, each, room) for each in step.items[:ITEMS_OF_STEP_MAX])
    return Line(step.at, _tone(step), items, len(step.items) - len(items))


def _tone(step: Step) -> str:
    for each in step.items:
        if each.about is About.EVENT and each.what in _TONES:
            return _TONES[each.what]
    found = {each.what.rpartition(" ")[2] for each in step.items if each.about is About.DISCREPANCY}
    return "doubt" if "opened" in found and "closed" not in found else ""


def _shown(told: Told, item: Item, room: Excerpts) -> Shown:
    row, order = _row(told, item.ref), told.order.standing.id
    label, href = _ELSEWHERE.get(item.about, ("", ""))
    folded, raw = Facts(), ""
    if item.about is About.ATTEMPT:
        raw = room.of(row.get("request", ""), RAW_BYTES_MAX)
    elif item.about is About.ANSWER:
        raw = room.of(row.get("raw", ""), RAW_BYTES_MAX)
        folded = attempt_facts(row, room) if row else ()
    elif item.about is About.EVENT:
        folded = evidence_of(row, room)
    elif item.about is About.ENTRY:
        folded = tuple(_booked(row, room))
    return Shown(
        what=room.of(item.what, WORDS_BYTES_MAX),
        by=room.of(item.by, 64),
        why=room.of(item.why, WORDS_BYTES_MAX),
        amounts=item.amounts[:4],
        label=label,
        folded=folded,
        raw=raw,
        href=href.format(order=order, number=row.get("number"), id=row.get("id")),
    )


_ELSEWHERE: Mapping[About, tuple[str, str]] = {
    About.EVENT: ("evidence", ""),
    About.ATTEMPT: ("request", ""),
    About.ANSWER: ("reply", f"{PATH}/{{order}}/attempts/{{number}}"),
    About.ENTRY: ("entry", "/entries/{id}"),
    About.PART: ("parts", "#parts"),
    About.REQUEST: ("requests", "#requests"),
    About.DISCREPANCY: ("see it", "/reconciliation/{id}"),
    About.DEED: ("audit", "/audit/{id}"),
}


def _row(told: Told, ref: str) -> Row:
    """What an item was taken from; empty where it is not kept any more."""
    about, _, key = ref.partition(":")
    chapter, column = _ROWS.get(about, ("", ""))
    found = (row for row in told.chapters.get(chapter, ()) if str(row[column]) == key)
    return next(found, _NOTHING)


_NOTHING: Row = {}
_ROWS = {
    "event": ("events", "seq"),
    "attempt": ("attempts", "number"),
    "entry": ("entries", "key"),
    "discrepancy": ("discrepancies", "id"),
    "deed": ("deeds", "id"),
}


def _booked(row: Row, room: Excerpts) -> Iterator[tuple[str, str]]:
    for leg in row.get("legs", ())[:8]:
        way = f"{leg['debit']} to {leg['credit']}"
        yield way, f"{plain(leg['amount'])} {leg['currency']}"
    yield "key", room.of(row.get("key", ""), 100)
    if row.get("rate") is not None:
        yield "at", plain(row["rate"])


def _text(value: object) -> str:
    if isinstance(value, dict):
        fields = list(cast("dict[str, object]", value).items())
        return ", ".join(f"{name} {_text(each)}" for name, each in fields[:FACTS_MAX])
    if isinstance(value, list):
        return "; ".join(_text(each) for each in cast("list[object]", value)[:FACTS_MAX])
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "not known" if value is None else str(value)
