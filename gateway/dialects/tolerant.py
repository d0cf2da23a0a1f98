"""JSON as panels really send it, for reads alone (protocol.md 3, "The rule", and 3.3, S1).

A repair writes strict JSON in the place of what is damaged, and strict reading has the last word:
numbers stay exact, and every bound of `json_text` holds. Never for the answer to `add`.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping

from gateway.dialects import json_text
from gateway.dialects.json_text import BYTES_MAX, NESTING_MAX, Json

REPAIRS = (
    *("bom", "text before", "trailing comma", "missing comma", "bare word", "single quotes"),
    *("text after", "key case"),
)
NOISE_CHARACTERS_MAX = 64 * 1024
BARE_CHARACTERS_MAX = 1_000
STEPS_MAX = 500_000
ROWS_LOOKED_INTO_MAX = 100

# possessive throughout: a text of millions of escapes is passed without remembering each
_STRING = r'"[^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+"'
_NUMBER = r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?"
_SCALAR = rf"(?:{_STRING}|{_NUMBER}|true|false|null)"
_SPACE = r"[ \t\r\n]*+"
# a comma, and behind it another item: so that no trailing comma is among what is sound
_NEXT = rf"{_SPACE},{_SPACE}(?=[^ \t\r\n\]}}])"

_GAP = re.compile(_SPACE)
_KEY = re.compile(rf"{_STRING}{_SPACE}:{_SPACE}")
_COLON = re.compile(rf"{_SPACE}:{_SPACE}")
_TEXT = re.compile(_STRING)
_QUOTED = re.compile(r"'([^'\\\x00-\x1f]*+(?:\\.[^'\\\x00-\x1f]*+)*+)'")
_WORD = re.compile(rf"[^,\]}}\r\n\"{{\[:]{{1,{BARE_CHARACTERS_MAX + 1}}}")
_PLAIN = re.compile(_SCALAR)
# at most so many at once: what a match remembers of each repetition takes memory
_SOUND: Mapping[str, re.Pattern[str]] = {
    "}": re.compile(rf"(?:{_STRING}{_SPACE}:{_SPACE}{_SCALAR}{_NEXT}){{0,100}}"),
    "]": re.compile(rf"(?:{_SCALAR}{_NEXT}){{0,100}}"),
}
_CLOSER: Mapping[str, str] = {"{": "}", "[": "]"}
_LITERALS: Mapping[str, str] = {"true": "true", "false": "false", "null": "null", "none": "null"}
_NO_VALUES = frozenset({"nan", "inf", "infinity", "undefined"})

_MARK = re.compile("[\ufeff \t\r\n]*")
_PHP = re.compile(
    r"(?:<b>)?(?:PHP )?(?:Warning|Notice|Deprecated|Strict Standards)(?:</b>)?:"
    r"[^\r\n]{1,2000}? on line (?:<b>)?[0-9]{1,9}(?:</b>)?"
)
_WORDS = re.compile(r"[^{}\[\]\"<\r\n]+|[\r\n]+|</?(?:br|b|i|p|pre) ?/?>", re.IGNORECASE)
_BREAK = re.compile(r"[ \t\r\n]+|<br ?/?>", re.IGNORECASE)


class _DamageError(Exception):
    """The damage is not one of those that have one meaning only."""


def read_tolerantly(body: bytes, noted: Counter[str] | None = None) -> Json:
    """The value of a body that is JSON, or is after a few repairs; None when it is not.

    `noted` counts the repairs made, by their names in `REPAIRS`; strictly valid JSON needs none.
    Not repaired: NaN and infinities, doubled keys, what is cut short, a second document, pages of
    HTML, and whatever is beyond the bounds of `json_text`. Nothing is raised; time is linear.
    """
    value = json_text.read(body)
    if value is not None or len(body) > BYTES_MAX:
        return value
    try:
        made: Counter[str] = Counter()
        mended = _mended(body.decode(), made)
    except (UnicodeDecodeError, _DamageError):
        return None
    value = json_text.read(mended.encode()) if made else None
    if value is not None and noted is not None:
        noted.update(made)
    return value


def fold_keys(value: Json, names: Collection[str], noted: Counter[str] | None = None) -> Json:
    """A read value with each key that is one of `names` in another case spelled as there.

    Other keys stay: an order's id may have capitals. So do those whose right spelling stands in the
    same object, or that two would share. What needs no change is given back as it is: every
    object's keys are looked at but, within a list of many rows, only what the first ones hold.
    """
    spelled = {name.casefold(): name for name in names}
    level = json_text.containers([value])
    while level:
        rows = [each for each in level if isinstance(each, dict)]
        strange = set[str]().union(*rows).difference(names)
        if not spelled.keys().isdisjoint(map(str.casefold, strange)):
            return _folded(value, spelled, Counter() if noted is None else noted)
        level = json_text.below(level[:ROWS_LOOKED_INTO_MAX])
    return value


def _folded(value: Json, spelled: Mapping[str, str], noted: Counter[str]) -> Json:
    if isinstance(value, list):
        return [_folded(each, spelled, noted) for each in value]
    if not isinstance(value, dict):
        return value
    wanted = {key: spelled.get(key.casefold(), key) for key in value}
    times = Counter(wanted.values())
    folded: dict[str, Json] = {}
    for key, each in value.items():
        name = wanted[key] if times[wanted[key]] == 1 else key
        if name != key:
            noted["key case"] += 1
        folded[name] = _folded(each, spelled, noted)
    return folded


def _mended(text: str, noted: Counter[str]) -> str:
    began = _beginning(text, noted)
    repair = _Repair(text, began, noted)
    mended = repair.document()
    _check_end(text, repair.at, noted)
    return mended


def _beginning(text: str, noted: Counter[str]) -> int:
    """Where the document begins: behind byte order marks, words, and what PHP complains of."""
    marks = _end(_MARK, text, 0)
    if "\ufeff" in text[:marks]:
        noted["bom"] += 1
    at = marks
    while at < len(text) and text[at] not in _CLOSER:
        found = _PHP.match(text, at) or _WORDS.match(text, at)
        if not found or found.end() - marks > NOISE_CHARACTERS_MAX:
            raise _DamageError
        at = found.end()
    if at > marks:
        if _PLAIN.fullmatch(text[marks:at].strip()):  # a document of its own
            raise _DamageError
        noted["text before"] += 1
    return at


def _check_end(text: str, end: int, noted: Counter[str]) -> None:
    """Behind the document only blanks may stand, and complaints of PHP."""
    at = end
    complains = False
    while at < len(text):
        complaint = _PHP.match(text, at)
        found = complaint or _BREAK.match(text, at)
        if not found or found.end() - end > NOISE_CHARACTERS_MAX:
            raise _DamageError
        complains = complains or complaint is not None
        at = found.end()
    if complains:
        noted["text after"] += 1
    elif text[end:].strip():
        raise _DamageError


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


class _Repair:
    """One pass over a damaged document. `at` is where it stands, in the end behind the document."""

    def __init__(self, text: str, began: int, noted: Counter[str]) -> None:
        self.at = began
        self._text = text
        self._noted = noted
        self._kept = began  # up to here everything is in `_pieces`
        self._pieces: list[str] = []
        self._closers: list[str] = []

    def document(self) -> str:
        """The document without its damage. Raises _DamageError."""
        self._value()
        for _ in range(STEPS_MAX):
            if not self._closers:
                return "".join([*self._pieces, self._text[self._kept : self.at]])
            self.at = _end(_SOUND[self._closers[-1]], self._text, self.at)
            if self._closers[-1] == "}":
                self._key()
            self._value()
        raise _DamageError

    def _key(self) -> None:
        end = _end(_KEY, self._text, self.at)
        if end == self.at:
            self._quoted()
            end = _end(_COLON, self._text, self.at)
            if end == self.at:
                raise _DamageError
        self.at = end

    def _value(self) -> None:
        """A value, and what stands between it and the next one; or the beginning of a container."""
        first = self._next()
        if first in _CLOSER:
            self._closers.append(_CLOSER[first])
            if len(self._closers) > NESTING_MAX:
                raise _DamageError
            self.at = _end(_GAP, self._text, self.at + 1)
            if self._next() != self._closers[-1]:
                return
            self._close()
        elif first == '"':
            self._take(_TEXT)
        elif first == "'":
            self._quoted()
        else:
            self._word()
        self._separate()

    def _separate(self) -> None:
        while self._closers:
            end = self.at
            self.at = _end(_GAP, self._text, end)
            if self._next() == self._closers[-1]:
                self._close()
            elif self._next() != ",":
                if not {"\n", "\r"}.intersection(self._text[end : self.at]):
                    raise _DamageError
                self._replace(end, end, ",", "missing comma")
                return
            else:
                comma = self.at
                self.at = _end(_GAP, self._text, comma + 1)
                if self._next() != self._closers[-1]:
                    return
                self._replace(comma, comma + 1, "", "trailing comma")

    def _close(self) -> None:
        self._closers.pop()
        self.at += 1

    def _quoted(self) -> None:
        began = self.at
        # between two escaped backslashes, a backslash escapes what follows it
        parts = self._take(_QUOTED)[1].split(r"\\")
        plain = (part.replace(r"\'", "'").replace(r"\"", '"') for part in parts)
        text = r"\\".join(part.replace('"', r"\"") for part in plain)
        self._replace(began, self.at, f'"{text}"', "single quotes")

    def _word(self) -> None:
        """A number or a literal; or words that somebody forgot to quote."""
        began = self.at
        word = self._take(_WORD)[0].rstrip()
        self.at = began + len(word)
        if _PLAIN.fullmatch(word):
            return
        folded = word.casefold()
        if len(word) > BARE_CHARACTERS_MAX or folded.lstrip("+-") in _NO_VALUES:
            raise _DamageError
        text = _LITERALS.get(folded) or json_text.write(word).decode()
        self._replace(began, self.at, text, "bare word")

    def _next(self) -> str:
        return self._text[self.at : self.at + 1]

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str]:
        found = pattern.match(self._text, self.at)
        if not found:
            raise _DamageError
        self.at = found.end()
        return found

    def _replace(self, began: int, end: int, text: str, name: str) -> None:
        self._pieces += (self._text[self._kept : began], text)
        self._kept = end
        self._noted[name] += 1
