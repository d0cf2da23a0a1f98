"""Days as they are typed into the address bar."""

from datetime import UTC, date, datetime, time, timedelta

FIRST = date(2000, 1, 1)
LAST = date(2199, 12, 31)
ONE = timedelta(days=1)


def day_of(text: str) -> date | None:
    """`2026-11-22`; None for what is none, or is not of this time."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if FIRST <= found <= LAST else None


def begin_of(day: date) -> datetime:
    """When it begins, in UTC."""
    return datetime.combine(day, time(), UTC)


def spelled(day: date | None) -> str:
    """As a field of a form has it."""
    return day.isoformat() if day else ""
