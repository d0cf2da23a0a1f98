"""Single values in a dialect's document, each with the words for what it should be."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar, cast

from gateway.dialects.document_errors import Complaints, Path, unknown
from gateway.dialects.quirks import id_pattern
from gateway.dialects.spelling import Action, Literal, Rows
from gateway.dialects.values import WORD_CHARACTERS_MAX, folded
from gateway.domain.observations import RefillWord, Word
from gateway.domain.refusals import Code
from gateway.domain.services import ServiceType, plain_type, read_type

T = TypeVar("T")

Said: TypeAlias = str | int | bool | list["Said"] | dict[str, "Said"]
Schema: TypeAlias = dict[str, object]

NAME_CHARACTERS_MAX = 64
SENTENCE_CHARACTERS_MAX = 300
STEPS_MAX = 4
WORDS_MAX = 50


@dataclass(frozen=True, slots=True)
class One(Generic[T]):
    """A single value. `take` raises ValueError with what it should be; `spell` is its inverse."""

    take: Callable[[object], T]
    spell: Callable[[T], Said]
    shape: Schema

    def read(self, held: T, said: object, at: Path, wrong: Complaints) -> T:
        """What was said, or `held` where that is wrong."""
        try:
            return self.take(said)
        except ValueError as error:
            wrong.add(at, str(error))
            return held

    def say(self, held: T | None, value: T) -> Said | None:
        """The value, unless it holds already."""
        return None if held == value else self.spell(value)

    def schema(self) -> Schema:
        """The JSON schema of the value."""
        return self.shape


def text(characters_max: int, fold: Callable[[str], str] = str) -> One[str]:
    """A printable text without blanks around it; `fold` gives it its form for comparison."""

    def take(said: object) -> str:
        if not isinstance(said, str):
            raise ValueError("should be text in quotes")
        if not said or said != said.strip() or not said.isprintable():
            raise ValueError("should be text on one line, without blanks around it")
        if len(said) > characters_max or len(fold(said)) > characters_max:
            raise ValueError(f"is longer than {characters_max} characters")
        if not fold(said):
            raise ValueError("should have a letter or a digit")
        return fold(said)

    return One(take, str, {"type": "string", "maxLength": characters_max})


def choice(what: str, choices: Mapping[str, T]) -> One[T]:
    """One of a few values under their names in documents."""
    names = {value: name for name, value in choices.items()}

    def take(said: object) -> T:
        if not isinstance(said, str) or said not in choices:
            raise ValueError(unknown(what, str(said), choices))
        return choices[said]

    return One(take, names.__getitem__, {"enum": sorted(choices)})


def whole(lowest: int, highest: int) -> One[int]:
    """A whole number within bounds, both included."""

    def take(said: object) -> int:
        if isinstance(said, bool) or not isinstance(said, int) or not lowest <= said <= highest:
            raise ValueError(f"should be a whole number from {lowest} to {highest}")
        return said

    return One(take, int, {"type": "integer", "minimum": lowest, "maximum": highest})


def _flag(said: object) -> bool:
    if not isinstance(said, bool):
        raise ValueError("should be true or false")
    return said


def _steps(said: object) -> tuple[str, ...]:
    if said == "":
        return ()
    steps = tuple(SENTENCE.take(said).split("."))
    if len(steps) > STEPS_MAX or any(step != step.strip() or not step for step in steps):
        raise ValueError(f'should be up to {STEPS_MAX} keys with dots between, as in "data.orders"')
    return steps


def _path(said: object) -> str:
    return ".".join(_steps(NAME.take(said)))


def _type(said: object) -> ServiceType:
    kind = read_type(said) if isinstance(said, str) else None
    if kind is None:
        raise ValueError(unknown("type", str(said), (each.value for each in ServiceType)))
    return kind


def _pattern(said: object) -> re.Pattern[str]:
    """It is held against the whole id, so that anchors say nothing more."""
    pattern = id_pattern(SENTENCE.take(said))
    if pattern.fullmatch("") or pattern.fullmatch("0"):
        raise ValueError('matches an empty id or "0"')
    return pattern


def _status_word(said: object) -> str:
    """As it is written; what is compared is its folded form, which has the same bounds."""
    STATUS_WORD_READ.take(said)
    return str(said)


def _words(said: object) -> frozenset[str]:
    rows = cast("list[object]", said) if isinstance(said, list) else []
    if not 1 <= len(rows) <= WORDS_MAX:
        raise ValueError(f"should be a list of 1 to {WORDS_MAX} words")
    return frozenset(CASELESS.take(each) for each in rows)


def _caseless(said: object) -> str:
    """Answers may have `true` or 1 where others have a word: these are compared as text."""
    if isinstance(said, bool):
        return str(said).casefold()
    return _CASELESS_TEXT.take(str(_NUMBER.take(said)) if isinstance(said, int) else said)


def _letters(said: object) -> str:
    if not isinstance(said, str) or len(said) > NAME_CHARACTERS_MAX or not said.isprintable():
        raise ValueError("should be text in quotes: each character counts by itself")
    return said


NAME = text(NAME_CHARACTERS_MAX)
SENTENCE = text(SENTENCE_CHARACTERS_MAX)
_CASELESS_TEXT = text(WORD_CHARACTERS_MAX, str.casefold)
_NUMBER = whole(-(10**9), 10**9)
CASELESS: One[str] = One(
    _caseless, str, {"anyOf": [_CASELESS_TEXT.shape, {"type": "boolean"}, _NUMBER.shape]}
)
STATUS_WORD_READ = text(WORD_CHARACTERS_MAX, folded)
STATUS_WORD: One[str] = One(_status_word, str, STATUS_WORD_READ.shape)
TYPE_WORD_READ = text(WORD_CHARACTERS_MAX, plain_type)
FLAG: One[bool] = One(_flag, bool, {"type": "boolean"})
LETTERS = One(_letters, str, {"type": "string", "maxLength": NAME_CHARACTERS_MAX})
STEPS: One[tuple[str, ...]] = One(_steps, ".".join, SENTENCE.shape)
PATH = One(_path, str, NAME.shape)
PATTERN: One[re.Pattern[str]] = One(_pattern, lambda pattern: pattern.pattern, SENTENCE.shape)
WORDS: One[frozenset[str]] = One(
    _words, lambda words: [*sorted(words)], {"type": "array", "items": CASELESS.shape}
)
MINUTES = whole(0, 60 * 24 * 366)
LITERAL = choice("way of writing", {each.value: each for each in Literal})
ROWS = choice("way of telling rows apart", {each.value: each for each in Rows})
ACTION = choice("action", {each.value: each for each in Action})
CODE = choice("code of refusal", {each.value: each for each in Code})
STATUS = choice("status", {each.name.lower(): each for each in Word})
REFILL_STATUS = choice("status of a refill", {each.name.lower(): each for each in RefillWord})
TYPE: One[ServiceType] = One(
    _type, lambda kind: kind.value, {"enum": [each.value for each in ServiceType]}
)
