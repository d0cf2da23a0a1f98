"""An order's time line: what was written down at the same moment, told as one step."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from gateway.domain.money import plain

Row = Mapping[str, Any]


class About(StrEnum):
    """What an item of a step is taken from; within a step they come in this order."""

    EVENT = "event"
    ATTEMPT = "attempt"
    ANSWER = "answer"
    PART = "part"
    REQUEST = "request"
    ENTRY = "entry"
    DISCREPANCY = "discrepancy"
    DEED = "deed"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that happened. `ref` names its row (`attempt:1`, `entry:seen:3`, `deed:7`).

    `amounts`: label, amount and currency.
    """

    at: datetime
    about: About
    what: str
    ref: str
    by: str = ""
    why: str = ""
    amounts: tuple[tuple[str, Decimal, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What was written down in one transaction, or at one moment of the provider's."""

    at: datetime
    items: tuple[Item, ...]


def chronicle(chapters: Mapping[str, Iterable[Row]]) -> tuple[Step, ...]:
    """The steps, oldest first; chapters are named after their tables, and may be missing."""
    items = [
        item for name, read in _READ.items() for row in chapters.get(name, ()) for item in read(row)
    ]
    places = list(About)
    items.sort(key=lambda each: (each.at, places.index(each.about)))
    steps: list[Step] = []
    for item in items:
        if steps and steps[-1].at == item.at:
            steps[-1] = Step(item.at, (*steps[-1].items, item))
        else:
            steps.append(Step(item.at, (item,)))
    return tuple(steps)


def _event(row: Row) -> Iterator[Item]:
    what = "accepted" if row["from_state"] is None else str(row["to_state"])
    yield Item(row["at"], About.EVENT, what, f"event:{row['seq']}", row["actor"], row["reason"])


def _attempt(row: Row) -> Iterator[Item]:
    run = f" of run {row['run']}" if row["run"] > 1 else ""
    ref, what = f"attempt:{row['number']}", f"attempt {row['number']}{run}"
    cost = (("cost", row["cost"], row["cost_currency"]),)
    to = f"{what}: sent to {row['provider']}:{row['offer']}"
    yield Item(row["started_at"], About.ATTEMPT, to, ref, amounts=cost)
    if row["ended_at"] is not None:
        took = f", {row['took_milliseconds']} ms" if row["took_milliseconds"] is not None else ""
        theirs = f", id {row['provider_order']}" if row["provider_order"] else ""
        end = f"{what}: {row['outcome']}{took}{theirs}"
        yield Item(row["ended_at"], About.ANSWER, end, ref, why=row["reason"])


def _entry(row: Row) -> Iterator[Item]:
    amounts = tuple(
        (f"{leg['debit']} to {leg['credit']}", leg["amount"], leg["currency"])
        for leg in row["legs"]
    )
    ref = f"entry:{row['key']}"
    yield Item(row["at"], About.ENTRY, row["kind"], ref, row["actor"], row["reason"], amounts)


def _part(row: Row) -> Iterator[Item]:
    ref = f"part:{row['part']}"
    begun = f"part {row['part']}: id {row['provider_order']}"
    yield Item(row["created_at"], About.PART, begun, ref)
    if row["ended_at"] is not None:
        charge = (
            () if row["charge"] is None else (("charge", row["charge"], row["currency"] or ""),)
        )
        ended = f"part {row['part']}: {row['word']}"
        yield Item(row["ended_at"], About.PART, ended, ref, amounts=charge)


def _request(row: Row) -> Iterator[Item]:
    ref = f"request:{row['id']}"
    yield Item(row["asked_at"], About.REQUEST, f"{row['kind']} asked for", ref)
    if row["sent_at"] is not None:
        yield Item(row["sent_at"], About.REQUEST, f"{row['kind']} passed on", ref)
    if row["ended_at"] is not None:
        what = f"{row['kind']} {row['state']}"
        yield Item(row["ended_at"], About.REQUEST, what, ref, why=row["note"])


def _discrepancy(row: Row) -> Iterator[Item]:
    ref = f"discrepancy:{row['id']}"
    amounts = tuple((name, row[name], "") for name in ("expected", "seen") if row[name] is not None)
    opened = f"{row['kind']} opened"
    yield Item(row["opened_at"], About.DISCREPANCY, opened, ref, why=row["note"], amounts=amounts)
    if row["closed_at"] is not None:
        by, why = row["closed_by"] or "", row["close_note"] or ""
        yield Item(row["closed_at"], About.DISCREPANCY, f"{row['kind']} closed", ref, by, why)


def _deed(row: Row) -> Iterator[Item]:
    yield Item(row["at"], About.DEED, row["what"], f"deed:{row['id']}", row["actor"], row["reason"])


_READ = {
    "events": _event,
    "attempts": _attempt,
    "parts": _part,
    "requests": _request,
    "entries": _entry,
    "discrepancies": _discrepancy,
    "deeds": _deed,
}
_PRICED = {
    "rule": "rule",
    "priced_from": "priced from the offer",
    "cost_rate": "cost",
    "conversion": "conversion",
    "rate_exact": "exact rate",
    "round_up_to": "rounded up to a multiple of",
    "rate": "rate",
    "cost_expected": "expected cost in house currency",
}


def priced_lines(priced: Mapping[str, str], revision: int, row: Row) -> tuple[tuple[str, str], ...]:
    """How the charge came about, as label and text; `row` has what was agreed."""
    known = tuple((label, priced[key]) for key, label in _PRICED.items() if key in priced)
    more = tuple((key, value) for key, value in priced.items() if key not in _PRICED)
    runs = f" in {row['runs']} runs" if row["runs"] else ""
    charge = f"{plain(row['charge'])} {row['currency']} for {row['quantity_total']}{runs}"
    cost = f"{plain(row['cost'])} {row['cost_currency']}"
    if row["cost_currency"] != row["currency"]:
        cost += f" at {plain(row['conversion'])}"
    margin = f"{plain(row['margin_min_percent'])} % above cost"
    return (
        ("revision", str(revision)),
        *known,
        *more,
        ("charge", charge),
        ("expected cost", cost),
        ("least margin", margin),
    )


def request_in_words(row: Row, attempt: Row) -> str:
    """What an attempt asked for, in the canonical fields: never a key, never the comments."""
    fields: dict[str, object] = {
        "service": attempt["offer"],
        "link": row["link"],
        "quantity": row["quantity"],
    }
    if row["runs"] and not row["self_run"]:
        fields |= {"runs": row["runs"], "interval": row["interval_minutes"]}
    if row["comments"]:
        fields["comments"] = f"({row['comments']} lines)"
    if row["details"]:
        fields |= row["details"]
    return "add " + " ".join(f"{name}={value}" for name, value in fields.items())
