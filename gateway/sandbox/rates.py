"""How often a caller may call: so many times in each minute from his first call on."""

from datetime import datetime, timedelta

CALLS_PER_MINUTE_MAX = 1_000_000

_MINUTE = timedelta(minutes=1)
_SECOND = timedelta(seconds=1)


class Calls:
    """Counts the calls of the running minute."""

    def __init__(self) -> None:
        self._ends_at: datetime | None = None
        self._calls = 0

    def wait_seconds(self, calls_per_minute: int, now: datetime) -> int:
        """Count a call; 0 when it may pass, else how long it is until the next one may."""
        if self._ends_at is None or not now < self._ends_at <= now + _MINUTE:
            self._ends_at = now + _MINUTE
            self._calls = 0
        if self._calls < calls_per_minute:
            self._calls += 1
            return 0
        return -((now - self._ends_at) // _SECOND)
