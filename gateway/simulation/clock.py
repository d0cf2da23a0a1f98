"""Virtual time: it jumps from one event to the next, and nothing ever sleeps."""

import heapq
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from gateway.storage.virtual_time import Stage

START = datetime(2026, 1, 1, tzinfo=UTC)
NANOSECONDS = 1_000

Event = Callable[[], Awaitable[None]]

_MICROSECOND = timedelta(microseconds=1)


class Clock:
    """The one clock of panels, operations and database, and what is to happen when."""

    def __init__(self, stage: Stage | None = None) -> None:
        """Without a stage no database follows."""
        self._stage = stage
        self._set: datetime | None = None
        self._due: list[tuple[datetime, int, Event]] = []
        self._counted = 0
        self.now = START

    def read(self) -> datetime:
        """The moment that it is."""
        return self.now

    def nanoseconds(self) -> int:
        """The same, steady."""
        return (self.now - START) // _MICROSECOND * NANOSECONDS

    @property
    def next_at(self) -> datetime | None:
        """When the next event happens; None when none is to come."""
        return self._due[0][0] if self._due else None

    def later(self, wait: timedelta, event: Event) -> None:
        """Let something happen after a while. Of two at one moment the first that was asked for."""
        self._counted += 1
        heapq.heappush(self._due, (self.now + wait, self._counted, event))

    async def jump(self, moment: datetime) -> None:
        """To a moment, with all that happens until then, each at its time. Never back."""
        while self._due and self._due[0][0] <= moment:
            at, _, event = heapq.heappop(self._due)
            self.now = max(self.now, at)
            await event()
        self.now = max(self.now, moment)

    async def tell(self) -> None:
        """Let the database know; before each use of it."""
        if self._stage is not None and self._set != self.now:
            await self._stage.set(self.now)
            self._set = self.now
