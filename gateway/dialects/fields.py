"""The fields of a request, the same for every dialect (protocol.md 1.1, 1.2)."""

import re
from collections.abc import Mapping

from gateway.dialects.messages import Fields
from gateway.domain.refusals import Code, Refusal

ID_PATTERN = re.compile(r"[1-9][0-9]{0,17}")
ABSENT_WORDS = frozenset({"", "undefined", "null", "None"})
# a comment may well say "None", and a list of names may hold one
FREE_TEXTS = frozenset({"link", "comments", "usernames", "hashtags", "keywords", "groups"})

ALIASES: Mapping[str, tuple[str, ...]] = {
    "action": ("action",),
    "service": ("service", "package"),
    "order": ("order", "order_id"),
    "orders": ("orders",),
    "refill": ("refill",),
    "refills": ("refills",),
    "link": ("link", "url"),
    "comments": ("comments", "custom_data", "customComments"),
    "answer_number": ("answer_number", "answers_number"),
}
# every field that says what to order; a type that cannot honour one refuses it
ORDER_FIELDS = (
    *("link", "quantity", "runs", "interval", "comments", "usernames", "hashtags", "hashtag"),
    *("username", "media", "keywords", "groups", "answer_number", "comment_id"),
    *("comments_package", "min", "max", "posts", "old_posts", "delay", "expiry", "country"),
    *("device", "type_of_traffic", "google_keyword", "referring_url"),
)
CANONICAL: Mapping[str, str] = {
    alias: name for name in ORDER_FIELDS for alias in ALIASES.get(name, (name,))
}

_WRONG: Mapping[str, Code] = {
    "action": Code.BAD_ACTION,
    "service": Code.BAD_SERVICE,
    "order": Code.ORDER_NOT_FOUND,
    "orders": Code.ORDER_NOT_FOUND,
    "refill": Code.REFILL_NOT_FOUND,
    "refills": Code.REFILL_NOT_FOUND,
    "link": Code.BAD_LINK,
    "quantity": Code.BAD_QUANTITY,
}
_DIGITS = re.compile(r"[0-9]{1,18}")


def incorrect(name: str) -> Refusal:
    """The refusal of a field that was sent and cannot be used."""
    code = _WRONG.get(name)
    return Refusal(code) if code else Refusal(Code.BAD_PARAMS, name)


def missing(name: str) -> Refusal:
    """The refusal of a request without a field that it needs."""
    return Refusal(Code.MISSING, name)


def text_of(fields: Fields, name: str) -> str | None:
    """A field's trimmed text under any of its names; None when absent, refused when two differ."""
    found: str | None = None
    for alias in ALIASES.get(name, (name,)):
        text = _text(fields.get(alias, ""), name)
        if not is_absent(text, name):
            if found not in (None, text):
                raise incorrect(name)
            found = text
    return found


def needed(fields: Fields, name: str) -> str:
    """As `text_of`, for a field that must be there."""
    text = text_of(fields, name)
    if text is None:
        raise missing(name)
    return text


def whole_of(fields: Fields, name: str) -> int | None:
    """A number of ASCII digits; None when absent. Signs, fractions and grouping are refused."""
    text = text_of(fields, name)
    if text is None:
        return None
    if not _DIGITS.fullmatch(text):
        raise incorrect(name)
    return int(text)


def is_absent(text: str, name: str) -> bool:
    """Whether a trimmed text says that nothing was meant."""
    return not text if name in FREE_TEXTS else text in ABSENT_WORDS


def _text(value: str | tuple[str, ...], name: str) -> str:
    if isinstance(value, str):
        return value.strip()
    if name in FREE_TEXTS:
        return "\n".join(value).strip()
    if len(value) > 1:
        raise incorrect(name)
    return value[0].strip() if value else ""


def renamed(fields: Fields, own: Mapping[str, str]) -> Fields:
    """The fields under other names; one that is there under both keeps the other."""
    wrong = {name: standard for name, standard in own.items() if name != standard}
    if not wrong.keys() & fields.keys():
        return fields
    kept = {name: value for name, value in fields.items() if name not in wrong}
    return {**{wrong[name]: fields[name] for name in wrong if name in fields}, **kept}
