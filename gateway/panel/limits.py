"""What one process gives its callers at most: bytes, time, calls at once and calls a second."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.domain.refusals import Code, Refusal

NANOSECONDS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Pace:
    """An even pace, and how many calls may come in one go."""

    per_second: int
    burst: int

    def at(self, per_second: int) -> "Pace":
        """The same at another pace."""
        return Pace(per_second, max(self.burst * per_second // self.per_second, 1))


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of the front door; paces are per customer and per process (money.md 9, API4).

    A customer may have paces of his own in their place.
    """

    reads: Pace = Pace(per_second=1_000, burst=2_000)
    adds: Pace = Pace(per_second=500, burst=2_000)
    customers_max: int = 20_000
    in_flight_max: int = 1_024
    body_bytes_max: int = 1 << 20
    drained_bytes_max: int = 8 << 20
    reading_bytes_max: int = 64 << 20
    body_milliseconds_max: int = 15_000


class TooMany(Refusal):
    """A call beyond the pace or the room that is left; says when to come again."""

    def __init__(self, retry_after_seconds: int = 1) -> None:
        super().__init__(Code.RATE_LIMIT)
        self.retry_after_seconds = retry_after_seconds


@dataclass(slots=True)
class Turns:
    """Who may call now, at one pace: a customer's bucket is the moment when it is full again."""

    pace: Pace
    customers_max: int
    nanoseconds: Callable[[], int] = time.monotonic_ns
    _full_at: dict[int, int] = field(default_factory=dict[int, int])

    def take(self, customer: int, per_second: int | None = None) -> None:
        """Count one call; an empty bucket raises TooMany, and that call is not counted.

        `per_second`: his own pace, with as many seconds' worth in one go as everybody's.
        """
        now = self.nanoseconds()
        pace = self.pace.at(per_second) if per_second else self.pace
        one = NANOSECONDS // pace.per_second
        full_at = max(now, self._full_at.pop(customer, now))
        missing = full_at + one - now - pace.burst * one
        # put back at the end, so that the first of the map is the one longest not seen
        self._full_at[customer] = full_at if missing > 0 else full_at + one
        if len(self._full_at) > self.customers_max:
            del self._full_at[next(iter(self._full_at))]
        if missing > 0:
            raise TooMany(-(-missing // NANOSECONDS))
