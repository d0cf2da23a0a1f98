"""Single values of a panel's answer, read as leniently as money allows (protocol.md 3.3)."""

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache

from gateway.dialects.json_text import Json
from gateway.domain.money import read_amount

WORD_CHARACTERS_MAX = 64
REFUSAL_CHARACTERS_MAX = 1_000

# control characters, and those that turn the direction of the text around them
UNWANTED = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_UNWANTED_IN_LINES = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
# what nearly every panel sends; within each bound of `read_amount`
_PLAIN_AMOUNT = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,12})?")
_WHOLE_DIGITS_MAX = 18
_WHOLE = re.compile(r"([+-]?[0-9]{1,18})(?:\.0{1,18})?")
_FLAGS: Mapping[str | int, bool] = {
    "1": True,
    "true": True,
    1: True,
    "0": False,
    "false": False,
    0: False,
}
_TAG = re.compile(r"<[/!]?[A-Za-z][^>]*>")


def amount(value: Json) -> Decimal | None:
    """An exact amount from a number or a text; None when missing or not a plain decimal."""
    if isinstance(value, str):
        return Decimal(value) if _PLAIN_AMOUNT.fullmatch(value) else read_amount(value.strip())
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    text = str(value)
    return Decimal(text) if _PLAIN_AMOUNT.fullmatch(text) else read_amount(text)


def whole(value: Json) -> int | None:
    """A whole number of at most 18 digits, also `-3` and `12.0`; None when not readable."""
    if value is None:
        return None
    if not isinstance(value, str):
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            return None
        value = str(value)
    if value.isdecimal() and value.isascii() and len(value) <= _WHOLE_DIGITS_MAX:
        return int(value)
    found = _WHOLE.fullmatch(value.strip())
    return int(found[1]) if found else None


def flag(value: Json) -> bool | None:
    """Yes, no or not known: the text `"0"` is a no."""
    if isinstance(value, bool):
        return value
    return _FLAGS.get(value) if isinstance(value, int | str) else None


def line(value: Json, characters_max: int) -> str:
    """A text on one line: NFC, no control or direction characters, trimmed and cut."""
    if not isinstance(value, str):
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            return ""
        value = str(value)
    if not value.isprintable():
        value = UNWANTED.sub(_gap, value)
    return _composed(value).strip()[:characters_max].rstrip()


def word_line(value: Json) -> str:
    """As `line`, for what is one of a few words in every row."""
    if type(value) is str and len(value) <= WORD_CHARACTERS_MAX:
        return _known_line(value)
    return line(value, WORD_CHARACTERS_MAX)


@lru_cache(maxsize=1_000)
def _known_line(text: str) -> str:
    return line(text, WORD_CHARACTERS_MAX)


def prose(value: Json, characters_max: int) -> str:
    """As `line`, without the tags of HTML and with its line breaks."""
    if not isinstance(value, str):
        return ""
    text = value.replace("\r\n", "\n").replace("\r", "\n") if "\r" in value else value
    if not text.replace("\n", "").isprintable():
        text = _UNWANTED_IN_LINES.sub(_gap, text)
    text = _composed(text)
    if "<" in text:
        closed = text.rfind(">") + 1  # none is sought behind it, or many open ones would cost n * n
        text = _TAG.sub(" ", text[:closed]) + text[closed:]
    return text.strip()[:characters_max].rstrip()


@lru_cache(maxsize=1_000)  # the same few words come in every row
def folded(word: str) -> str:
    """A word for comparison: any case, with `_`, `-` and blanks alike."""
    return " ".join(word.replace("_", " ").replace("-", " ").casefold().split())


def _composed(text: str) -> str:
    # of a cleaned text: what stood apart may belong together once the characters between are gone
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _gap(found: re.Match[str]) -> str:
    return " " if found[0].isspace() else ""
