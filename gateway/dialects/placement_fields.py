"""The single fields of a placement: what each may hold, and its one spelling (protocol.md 5)."""

import re
from collections.abc import Callable, Mapping
from datetime import date

from gateway.dialects.fields import incorrect, missing, needed, text_of, whole_of
from gateway.dialects.messages import Fields
from gateway.domain.placements import (
    INTERVAL_MINUTES_MAX,
    LINE_CHARACTERS_MAX,
    LINES_MAX,
    LINK_CHARACTERS_MAX,
    QUANTITY_MAX,
    RUNS_MAX,
    split_lines,
)

# those of the newest pages; every older panel takes fewer
DELAYS = (
    *(0, 5, 10, 15, 20, 30, 40, 50, 60, 90, 120, 150, 180, 210, 240, 270, 300, 360, 420, 480, 540),
    600,
)

# nothing that breaks a line, cannot be stored, or shows a link as another one
_NOT_IN_LINKS = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_NOT_IN_LINES = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_ID = re.compile(r"[0-9]{1,30}")
_DATE = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")


def read_text(fields: Fields, name: str) -> str:
    """One line, as a link or a name is."""
    return _one_line(needed(fields, name), name)


def read_lines(fields: Fields, name: str) -> tuple[str, ...]:
    """The lines of a list; two typed characters break none but those of comments."""
    text = needed(fields, name)
    lines = split_lines(text) if name == "comments" else _broken_lines(text)
    if not lines:
        raise missing(name)
    if len(lines) > LINES_MAX:
        raise incorrect(name)
    if any(len(each) > LINE_CHARACTERS_MAX or _NOT_IN_LINES.search(each) for each in lines):
        raise incorrect(name)
    return lines


def read_whole(fields: Fields, name: str, lowest: int, highest: int) -> int:
    """A number between two bounds."""
    number = whole_of(fields, name)
    if number is None:
        raise missing(name)
    if not lowest <= number <= highest:
        raise incorrect(name)
    return number


def read_quantity(fields: Fields) -> int:
    """How many are wanted."""
    return read_whole(fields, "quantity", 1, QUANTITY_MAX)


def read_drip_feed(fields: Fields) -> tuple[int | None, int | None]:
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


def read_detail(fields: Fields, name: str) -> str:
    """Any other field in its one spelling; '' for one that says no more than its absence."""
    return _DETAILS.get(name, read_text)(fields, name)


def _list(fields: Fields, name: str) -> str:
    return "\n".join(read_lines(fields, name))


def _id(fields: Fields, name: str) -> str:
    text = needed(fields, name)
    if not _ID.fullmatch(text):
        raise incorrect(name)
    return text


def _between(lowest: int, highest: int) -> Callable[[Fields, str], str]:
    return lambda fields, name: str(read_whole(fields, name, lowest, highest))


def _old_posts(fields: Fields, name: str) -> str:
    return str(read_whole(fields, name, 0, QUANTITY_MAX) or "")


def _delay(fields: Fields, name: str) -> str:
    minutes = read_whole(fields, name, 0, DELAYS[-1])
    if minutes not in DELAYS:
        raise incorrect(name)
    return str(minutes)


def _expiry(fields: Fields, name: str) -> str:
    found = _DATE.fullmatch(needed(fields, name))
    if not found:
        raise incorrect(name)
    try:
        day = date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        raise incorrect(name) from None
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


_DETAILS: Mapping[str, Callable[[Fields, str], str]] = {
    **dict.fromkeys(("usernames", "hashtags", "keywords", "groups"), _list),
    **dict.fromkeys(("answer_number", "comment_id", "comments_package"), _id),
    **dict.fromkeys(("min", "max", "posts"), _between(1, QUANTITY_MAX)),
    "old_posts": _old_posts,
    "delay": _delay,
    "expiry": _expiry,
    "device": _between(1, 5),
    "type_of_traffic": _between(1, 3),
}


def _one_line(text: str, name: str) -> str:
    if len(text) > LINK_CHARACTERS_MAX or _NOT_IN_LINKS.search(text):
        raise incorrect(name)
    return text


def read_target(fields: Fields) -> str:
    """Whom a subscription follows: its `username`, else a `link`."""
    name = text_of(fields, "username")
    if name is not None:
        return _one_line(name, "username")
    link = text_of(fields, "link")
    if link is None:
        raise missing("username")
    return _one_line(link, "link")


def _broken_lines(text: str) -> tuple[str, ...]:
    lines = (line.strip() for line in text.replace("\r", "\n").split("\n"))
    return tuple(line for line in lines if line)
