"""Placements out of a customer's fields, by their type (protocol.md 1.2 and 5)."""

from collections.abc import Iterator, Mapping

from gateway.dialects.fields import CANONICAL, incorrect, missing, renamed, text_of
from gateway.dialects.messages import Fields
from gateway.dialects.placement_fields import (
    read_detail,
    read_drip_feed,
    read_lines,
    read_quantity,
    read_target,
    read_text,
)
from gateway.dialects.spelling import Requests
from gateway.domain.placements import QUANTITY_MAX, Placement
from gateway.domain.services import TYPE_RULES, ServiceType

# fields that a placement has a place of its own for
_NO_DETAILS = frozenset({"link", "quantity", "comments", "runs", "interval"})
_NEEDED_WITH: Mapping[str, str] = {"google_keyword": "1", "referring_url": "2"}


def in_standard_names(requests: Requests, kind: ServiceType, fields: Fields) -> Fields:
    """An order with the standard's names in the place of a dialect's own, which are no aliases."""
    own = {
        requests.names[name]: name
        for name in requests.types.get(kind, ())
        if name in requests.names and CANONICAL.get(requests.names[name]) != name
    }
    return renamed(fields, own) if own else fields


def read_placement(
    service: int, kind: ServiceType, fields: Fields, posts_max: int | None = None
) -> Placement:
    """What to order, by the type's fields.

    `posts_max`: as many posts are held for where a subscription names none. Raises Refusal for a
    field that is missing, malformed or foreign to the type. The service's own bounds and its
    drip-feed are judged elsewhere.
    """
    _refuse_foreign(kind, fields)
    rule = TYPE_RULES[kind]
    if rule.quantity == "bound":
        return _subscription(service, kind, fields, posts_max)
    link = read_text(fields, "link")
    quantity = read_quantity(fields) if rule.quantity == "given" else 1
    comments = read_lines(fields, "comments") if "comments" in rule.fields else ()
    details = tuple(_details(kind, fields))
    runs, interval_minutes = read_drip_feed(fields) if rule.drip_feed else (None, None)
    if rule.counted:
        lines = comments if rule.counted == "comments" else dict(details)[rule.counted].split("\n")
        quantity = len(lines)
    return Placement(service, kind, link, quantity, comments, runs, interval_minutes, details)


def _subscription(
    service: int, kind: ServiceType, fields: Fields, posts_max: int | None
) -> Placement:
    """Its quantity is the most that all its posts together can come to."""
    username = read_target(fields)
    details = tuple(_details(kind, fields, posts_max))
    known = dict(details)
    if int(known["min"]) > int(known["max"]):
        raise incorrect("min")
    posts = int(known.get("posts") or known["posts_max"]) + int(known.get("old_posts", 0))
    if posts * int(known["max"]) > QUANTITY_MAX:
        raise incorrect("posts" if "posts" in known else "max")
    return Placement(service, kind, username, posts * int(known["max"]), details=details)


def _details(
    kind: ServiceType, fields: Fields, posts_max: int | None = None
) -> Iterator[tuple[str, str]]:
    """The other fields of a type, in the order of its rule."""
    rule = TYPE_RULES[kind]
    known: dict[str, str] = {}
    for name in (*rule.fields, *rule.optional):
        if name in _NO_DETAILS or (rule.quantity == "bound" and name == "username"):
            continue
        if name == "posts" and posts_max is not None and text_of(fields, name) is None:
            yield "posts_max", str(posts_max)
        elif text := _detail(kind, fields, name, known):
            known[name] = text
            yield name, text


def _detail(kind: ServiceType, fields: Fields, name: str, known: Mapping[str, str]) -> str:
    if name in TYPE_RULES[kind].fields:
        return read_detail(fields, name)
    absent = text_of(fields, name) is None
    if kind is ServiceType.WEB_TRAFFIC and name in _NEEDED_WITH:
        if _NEEDED_WITH[name] != known["type_of_traffic"]:
            if absent:
                return ""
            raise incorrect(name)
        if absent:
            raise missing(name)
    return "" if absent else read_detail(fields, name)


def _refuse_foreign(kind: ServiceType, fields: Fields) -> None:
    """A known field that the type cannot honour; a zero asks for nothing.

    A quantity that was sent where lines, a package or posts decide is ignored, as everywhere in
    the trade, and so is a subscription's link beside its username.
    """
    rule = TYPE_RULES[kind]
    honoured = (*rule.fields, *rule.optional, "quantity", "link")
    for sent in fields:
        name = CANONICAL.get(sent)
        if name and name not in honoured and text_of(fields, name) not in (None, "0"):
            raise incorrect(name)
