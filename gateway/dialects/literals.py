"""How single values are spelled in an answer (protocol.md 1.3 and 2.2)."""

from decimal import Decimal

from gateway.dialects.fields import ID_PATTERN
from gateway.dialects.json_text import Json, PlainNumber
from gateway.dialects.spelling import Key, Literal
from gateway.domain.money import plain

Value = str | int | Decimal | None  # a flag is an int


def pair(key: Key, value: Value) -> dict[str, Json]:
    """A key with its value; null for what is not known."""
    return {key.name: None if value is None else literal(value, key.literal)}


def literal(value: str | int | Decimal, kind: Literal) -> Json:
    """A value as text, number or boolean; an id that is no number stays a text."""
    if kind is Literal.BOOLEAN:
        return bool(value)
    if kind is Literal.TEXT:
        return plain(value) if isinstance(value, Decimal) else _digits(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else PlainNumber(value)
    if isinstance(value, str) and not ID_PATTERN.fullmatch(value):
        return value
    return int(value)


def _digits(value: str | int) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)
