"""Placements, from a customer's fields and into a provider's (protocol.md 1.2, 2.1 and 5)."""

import re
from collections.abc import Callable, Mapping, Sequence

from gateway.dialects.fields import (
    CANONICAL,
    incorrect,
    missing,
    needed,
    text_of,
    whole_of,
)
from gateway.dialects.messages import CannotCarry, Fields, Form
from gateway.dialects.spelling import Requests
from gateway.domain.placements import (
    INTERVAL_MINUTES_MAX,
    LINE_CHARACTERS_MAX,
    LINES_MAX,
    LINK_CHARACTERS_MAX,
    QUANTITY_MAX,
    RUNS_MAX,
    Placement,
    split_lines,
)
from gateway.domain.refusals import Refusal
from gateway.domain.services import ServiceType

# nothing that breaks a line, cannot be stored, or shows a link as another one
_NOT_IN_LINKS = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_NOT_IN_LINES = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")

# a quantity that was sent where lines or the package decide is ignored, as everywhere in the trade
_READS: Mapping[ServiceType, frozenset[str]] = {
    ServiceType.DEFAULT: frozenset({"link", "quantity", "runs", "interval"}),
    ServiceType.PACKAGE: frozenset({"link", "quantity"}),
    ServiceType.CUSTOM_COMMENTS: frozenset({"link", "quantity", "comments"}),
}
_WRITES: Mapping[str, Callable[[Placement], str]] = {
    "link": lambda placement: placement.link,
    "quantity": lambda placement: str(placement.quantity),
    "comments": lambda placement: "\n".join(placement.comments),
    "runs": lambda placement: str(placement.runs or ""),
    "interval": lambda placement: str(placement.interval_minutes or ""),
}


def read_placement(service: int, kind: ServiceType, fields: Fields) -> Placement:
    """What to order, by the type's fields.

    Raises Refusal for a field that is missing, malformed or foreign to the type. The service's own
    bounds and its drip-feed are judged elsewhere.
    """
    _refuse_foreign(kind, fields)
    link = _link(fields)
    if kind is ServiceType.PACKAGE:
        return Placement(service, kind, link, quantity=1)
    if kind is ServiceType.CUSTOM_COMMENTS:
        comments = _lines(fields, "comments")
        return Placement(service, kind, link, len(comments), comments)
    quantity = whole_of(fields, "quantity")
    if quantity is None:
        raise missing("quantity")
    if not 1 <= quantity <= QUANTITY_MAX:
        raise incorrect("quantity")
    runs, interval_minutes = _drip_feed(fields)
    return Placement(service, kind, link, quantity, runs=runs, interval_minutes=interval_minutes)


def write_placement(spelling: Requests, offer: str, placement: Placement) -> Form:
    """The fields of `add`. Raises CannotCarry for what would be lost or altered on the way."""
    names = spelling.types.get(placement.kind)
    if names is None:
        raise CannotCarry(f"has no type {placement.kind}")
    values = {name: text for name in names if (text := _WRITES[name](placement))}
    if any(letter in text for text in values.values() for letter in spelling.never_anywhere):
        raise CannotCarry(f"cannot carry any of {spelling.never_anywhere!r}")
    if any(letter in values.get("comments", "") for letter in spelling.never_in_comments):
        raise CannotCarry(f"cannot carry any of {spelling.never_in_comments!r} in a comment")
    form = {spelling.names.get(name, name): text for name, text in values.items()}
    if _would_be_read_as(placement, form) != placement:
        raise CannotCarry("would be read as something else")
    return {"action": "add", "service": offer, **form}


def write_status(orders: Sequence[str], batch_max: int) -> Form:
    """The fields of `status` for one order or a batch; ValueError for none or too many."""
    if not 1 <= len(orders) <= batch_max:
        raise ValueError(f"{len(orders)} orders are not 1 to {batch_max}")
    if len(orders) == 1:
        return {"action": "status", "order": orders[0]}
    return {"action": "status", "orders": ",".join(orders)}


def _would_be_read_as(placement: Placement, form: Form) -> Placement | None:
    try:
        return read_placement(placement.service, placement.kind, form)
    except Refusal:
        return None


def _refuse_foreign(kind: ServiceType, fields: Fields) -> None:
    for sent in fields:
        name = CANONICAL.get(sent)
        if name and name not in _READS[kind] and text_of(fields, name) not in (None, "0"):
            raise incorrect(name)


def _link(fields: Fields) -> str:
    link = needed(fields, "link")
    if len(link) > LINK_CHARACTERS_MAX or _NOT_IN_LINKS.search(link):
        raise incorrect("link")
    return link


def _lines(fields: Fields, name: str) -> tuple[str, ...]:
    lines = split_lines(needed(fields, name))
    if not lines:
        raise missing(name)
    if len(lines) > LINES_MAX:
        raise incorrect(name)
    if any(len(each) > LINE_CHARACTERS_MAX or _NOT_IN_LINES.search(each) for each in lines):
        raise incorrect(name)
    return lines


def _drip_feed(fields: Fields) -> tuple[int | None, int | None]:
    """Runs and interval in minutes. Forms send two zeros when nobody asked for a drip-feed."""
    runs, interval_minutes = whole_of(fields, "runs"), whole_of(fields, "interval")
    if not runs and not interval_minutes:
        return None, None
    for name, value, value_max in (
        ("runs", runs, RUNS_MAX),
        ("interval", interval_minutes, INTERVAL_MINUTES_MAX),
    ):
        if value is None:
            raise missing(name)
        if not 1 <= value <= value_max:
            raise incorrect(name)
    return runs, interval_minutes
