"""Reading the values of a control body, each with the name under which it was sent."""

from collections.abc import Mapping
from decimal import Decimal

from gateway.dialects.json_text import Json
from gateway.domain.money import read_amount
from gateway.sandbox.shares import read_share


class Wrong(Exception):  # noqa: N818  an expected no to a control body
    """The body asks for something that does not exist or cannot be; nothing was changed."""


def object_of(name: str, value: Json) -> Mapping[str, Json]:
    """An object's fields. Raises Wrong."""
    if not isinstance(value, dict):
        raise Wrong(f"{name} must be an object")
    return value


def shares_of(name: str, value: Json) -> Mapping[str, Decimal]:
    """Shares by their names. Raises Wrong or ValueError."""
    shares = object_of(name, value).items()
    return {each: read_share(f"{name}.{each}", text_of(name, share)) for each, share in shares}


def text_of(name: str, value: Json) -> str:
    """A text, or a number's text. Raises Wrong."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise Wrong(f"{name} must be a text or a number")
    return str(value)


def flag_of(name: str, value: Json) -> bool:
    """Yes or no. Raises Wrong."""
    if not isinstance(value, bool):
        raise Wrong(f"{name} must be true or false")
    return value


def whole_of(name: str, value: Json, whole_max: int) -> int:
    """A whole number from 0 up. Raises Wrong."""
    text = text_of(name, value)
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= whole_max):
        raise Wrong(f"{name} must be a whole number from 0 to {whole_max}")
    return int(text)


def amount_of(name: str, value: Json) -> Decimal:
    """An amount from 0 up. Raises Wrong."""
    amount = read_amount(text_of(name, value))
    if amount is None or amount < 0:
        raise Wrong(f"{name} must be an amount from 0 up, such as 0.27")
    return amount
