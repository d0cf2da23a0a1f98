"""Values as files for spreadsheets have them (money.md 9)."""

from datetime import UTC, datetime
from decimal import Decimal

from gateway.domain.money import plain

_FORMULA = frozenset("=+-@")


def exported(value: object) -> str:
    """Exact amounts, times in UTC; a text that would be taken for a formula gets an apostrophe.

    An amount below 0 is a number like any other, so that it can be added up: it is told from a text
    by its kind, never by its look.
    """
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, str):
        text = value.replace("\r", " ").replace("\n", " ")
        return f"'{text}" if text.lstrip()[:1] in _FORMULA or text[:1] == "\t" else text
    return plain(value) if isinstance(value, Decimal) else str(value)
