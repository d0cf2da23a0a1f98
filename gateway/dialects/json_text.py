"""Strict JSON with exact numbers, in and out (protocol.md 3)."""

import json
import re
from decimal import Decimal
from typing import NoReturn, TypeAlias

import msgspec

Json: TypeAlias = bool | int | Decimal | str | list["Json"] | dict[str, "Json"] | None

BYTES_MAX = 32 * 1024 * 1024
NESTING_MAX = 32
WHOLE_DIGITS_MAX = 30
NUMBER_CHARACTERS_MAX = 64

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def read(body: bytes) -> Json:
    """The value of strictly valid JSON: whole numbers as int, others as Decimal; else None.

    Refused: a BOM, other than UTF-8, NaN and infinities, doubled keys, half surrogates, whole
    numbers of over 30 digits, others of over 64 characters, more than 32 levels or 32 MiB.
    Nothing is raised; `null` reads as None too.
    """
    if len(body) > BYTES_MAX:
        return None
    try:
        text = body.decode()
        value: Json = _STRICT.decode(text)
        if _SURROGATE.search(text):
            write(value)  # a lone half cannot be encoded again
    except (ValueError, ArithmeticError, RecursionError):
        return None
    return value if _is_flat_enough(value) else None


def write(body: Json) -> bytes:
    """One line of JSON in UTF-8: a Decimal becomes a JSON number, a text stays a text."""
    return _ENCODER.encode(body)


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
    level = [value] if isinstance(value, list | dict) else []
    for _ in range(NESTING_MAX):
        if not level:
            return True
        level = [
            child
            for parent in level
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if type(child) is dict or type(child) is list  # faster than isinstance, and they are
        ]
    return not level


_STRICT = json.JSONDecoder(
    parse_int=_whole,
    parse_float=_fraction,
    parse_constant=_refuse,
    object_pairs_hook=_each_key_once,
)
_ENCODER = msgspec.json.Encoder(decimal_format="number")
