"""What we send to a provider: the fields of each action, without our key (protocol.md 2.1)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gateway.dialects.messages import CannotCarry, Form
from gateway.dialects.placements import read_placement
from gateway.dialects.spelling import Action, Requests, Spelling
from gateway.domain.placements import Placement
from gateway.domain.refusals import Refusal
from gateway.domain.services import TYPE_RULES, ServiceType

_TWICE = str.maketrans({"%": "%25", "+": "%2B"})


def write_plain(requests: Requests, action: Action) -> Form:
    """An action without further fields. Raises CannotCarry where there is no such action."""
    word = requests.actions.get(action)
    if word is None:
        raise CannotCarry(f"has no action {action}")
    return {"action": word}


def write_services(spelling: Spelling, offset: int) -> Form:
    """The list, or its page from row `offset` on where it comes in pages."""
    form = write_plain(spelling.requests, Action.SERVICES)
    if spelling.services.page_size is None:
        return form
    return {**form, "limit": str(spelling.services.page_size), "offset": str(offset)}


def batch_max(requests: Requests, action: Action) -> int:
    """How many ids one call may name: 1 where there is no field for many, 0 without the action."""
    ids = requests.ids.get(action)
    if ids is None or action not in requests.actions:
        return 0
    return ids.batch_max if ids.many else 1


def write_ids(requests: Requests, action: Action, ids: Sequence[str]) -> Form:
    """An action on orders or refills. Raises CannotCarry without the action, ValueError for none,
    for too many, and for an id that a comma would break in two.
    """
    form = write_plain(requests, action)
    if not 1 <= len(ids) <= batch_max(requests, action):
        raise ValueError(f"{len(ids)} ids are not 1 to {batch_max(requests, action)}")
    if any("," in each for each in ids):
        raise ValueError("an id with a comma")
    fields = requests.ids[action]
    if fields.one and (len(ids) == 1 or not fields.many):
        return {**form, fields.one: ids[0]}
    return {**form, str(fields.many): ",".join(ids)}


def write_add(requests: Requests, offer: str, placement: Placement) -> Form:
    """The fields of `add`. Raises CannotCarry for what would be lost or altered on the way."""
    values = _values(requests, placement)
    sent, read = _as_sent(placement, values), _would_be_read_as(placement, values)
    if read != sent:
        raise CannotCarry("would be read as something else", _altered(values, sent, read))
    if requests.encoded_twice:
        values = {name: text.translate(_TWICE) for name, text in values.items()}
    form = {requests.names.get(name, name): text for name, text in values.items()}
    service = requests.names.get("service", "service")
    return {**write_plain(requests, Action.ADD), service: offer, **form}


def _values(requests: Requests, placement: Placement) -> Mapping[str, str]:
    """The texts of a type's fields under the standard's names."""
    names = requests.types.get(placement.kind)
    if names is None:
        raise CannotCarry(f"has no type {placement.kind}")
    values = {name: text for name in names if (text := _value(placement, name))}
    for name, text in values.items():
        if any(letter in text for letter in requests.never_anywhere):
            raise CannotCarry(f"cannot carry any of {requests.never_anywhere!r}", name)
    if any(letter in values.get("comments", "") for letter in requests.never_in_comments):
        never = f"cannot carry any of {requests.never_in_comments!r} in a comment"
        raise CannotCarry(never, "comments")
    for name, minutes in (("interval", requests.intervals), ("delay", requests.delays)):
        if minutes and name in values and int(values[name]) not in minutes:
            raise CannotCarry(f"takes no {name} of {values[name]} minutes", name)
    return values


def _value(placement: Placement, name: str) -> str:
    match name:
        case "link":
            return placement.link
        case "quantity":
            return str(placement.quantity)
        case "comments":
            return "\n".join(placement.comments)
        case "runs":
            return str(placement.runs or "")
        case "interval":
            return str(placement.interval_minutes or "")
        case "username" if placement.kind is ServiceType.SUBSCRIPTIONS:
            return placement.link
        case "posts":
            return placement.detail("posts") or placement.detail("posts_max")
        case _:
            return placement.detail(name)


def _as_sent(placement: Placement, values: Mapping[str, str]) -> Placement:
    """The placement as it must be read again: with as many posts as were sent for its bound."""
    if "posts" not in values:
        return placement
    details = tuple(
        ("posts" if name == "posts_max" else name, text) for name, text in placement.details
    )
    return replace(placement, details=details)


def _altered(values: Mapping[str, str], sent: Placement, read: Placement | None) -> str:
    """The field that would not come through, if it can be told."""
    for name, _ in sent.details:
        if name not in values:
            return name
    if read is None:
        return ""
    for name, ours, theirs in (
        ("comments", sent.comments, read.comments),
        ("link", sent.link, read.link),
        ("runs", sent.runs, read.runs),
    ):
        if ours != theirs:
            return name
    return ""


def _would_be_read_as(placement: Placement, values: Mapping[str, str]) -> Placement | None:
    bound = TYPE_RULES[placement.kind].quantity == "bound" and placement.detail("posts_max")
    posts_max = int(bound) if bound and bound.isdecimal() else None
    try:
        return read_placement(placement.service, placement.kind, values, posts_max)
    except Refusal:
        return None
