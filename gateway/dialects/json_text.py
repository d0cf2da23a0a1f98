"""Strict JSON with exact numbers, in and out (protocol.md 3)."""

import json
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import chain
from typing import NoReturn, TypeAlias

import msgspec

Json: TypeAlias = bool | int | Decimal | str | list["Json"] | dict[str, "Json"] | None
Container: TypeAlias = list[Json] | dict[str, Json]

BYTES_MAX = 32 * 1024 * 1024
NESTING_MAX = 32
WHOLE_DIGITS_MAX = 30
NUMBER_CHARACTERS_MAX = 64

_ESCAPED_COLON = re.compile(rb"\\u003a", re.IGNORECASE)
_DIGITS_ALIKE = bytes.maketrans(b"123456789", b"000000000")
_MANY_DIGITS = b"0" * WHOLE_DIGITS_MAX
_CONTAINERS = frozenset({dict, list})


def read(body: bytes) -> Json:
    """The value of strictly valid JSON: whole numbers as int, others as Decimal; else None.

    Refused: a BOM, other than UTF-8, NaN and infinities, doubled keys, half surrogates, whole
    numbers of over 30 digits, others of over 64 characters, more than 32 levels or 32 MiB.
    Nothing is raised; `null` reads as None too.
    """
    if len(body) > BYTES_MAX:
        return None
    try:
        value: Json = _QUICK.decode(body)
        if not _is_complete(body, value):
            value = _WARY.decode(body.decode())
    except (ValueError, ArithmeticError, RecursionError):
        return None
    return value if _is_flat_enough(value) else None


def write(body: Json) -> bytes:
    """One line of JSON in UTF-8: a Decimal becomes a JSON number, a text stays a text."""
    return _ENCODER.encode(body)


class PlainNumber(Decimal):
    """A number that is written without an exponent, however small."""

    __slots__ = ()


def _in_plain_digits(value: object) -> msgspec.Raw:
    if isinstance(value, Decimal):
        return msgspec.Raw(format(value, "f").encode())
    raise TypeError(f"{type(value).__name__} has no place in JSON")


def containers(values: Iterable[Json]) -> list[Container]:
    """The lists and objects among some values."""
    return [value for value in values if type(value) is dict or type(value) is list]


def below(level: Iterable[Container]) -> list[Container]:
    """The lists and objects within those of one level."""
    # first without keeping anything: most often no value of thousands is one
    if _CONTAINERS.isdisjoint(map(type, _inside(level))):
        return []
    return containers(_inside(level))


def _inside(level: Iterable[Container]) -> Iterator[Json]:
    return chain.from_iterable(
        parent.values() if isinstance(parent, dict) else parent for parent in level
    )


def _is_complete(body: bytes, value: Json) -> bool:
    """Whether the quick decoder has surely dropped no doubled key and read no number too long.

    Each pair has a colon, and texts keep theirs: of a dropped pair it is missing when the value is
    written again. Only an escaped one could make up for it.
    """
    return (
        write(value).count(b":") == body.count(b":")
        and not _ESCAPED_COLON.search(body)
        and _MANY_DIGITS not in body.translate(_DIGITS_ALIKE)
    )


def _whole(digits: str) -> int:
    if len(digits) > WHOLE_DIGITS_MAX:
        raise ValueError("whole number too long")
    return int(digits)


def _fraction(digits: str) -> Decimal:
    if len(digits) > NUMBER_CHARACTERS_MAX:
        raise ValueError("number too long")
    return Decimal(digits)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _each_key_once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a key stands twice")
    return fields


def _is_flat_enough(value: Json) -> bool:
    level = containers([value])
    for _ in range(NESTING_MAX):
        if not level:
            break
        level = below(level)
    return not level


_QUICK = msgspec.json.Decoder(float_hook=_fraction)
_WARY = json.JSONDecoder(
    parse_int=_whole,
    parse_float=_fraction,
    parse_constant=_refuse,
    object_pairs_hook=_each_key_once,
)
_ENCODER = msgspec.json.Encoder(decimal_format="number", enc_hook=_in_plain_digits)
