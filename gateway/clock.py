"""The clock of this machine as whoever calls providers reads it and waits by it.

A crossing like any other: a failpoint stands before and after each look and each wait (money.md 8).
What is written down happens by the database's clock instead.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.failpoints import across, crossing


def nanoseconds() -> int:
    """A steady count, for what something took and how long it may take."""
    with across("clock.read"):
        return time.monotonic_ns()


def now() -> datetime:
    """The time of day, aware, in UTC."""
    with across("clock.read"):
        return datetime.now(UTC)


async def sleep(milliseconds: int) -> None:
    """Wait for a while."""
    await crossing("clock.sleep", asyncio.sleep(milliseconds / 1_000))


@dataclass(frozen=True, slots=True)
class Clock:
    """What something goes by: steady nanoseconds, milliseconds to sleep, aware UTC."""

    nanoseconds: Callable[[], int] = nanoseconds
    sleep: Callable[[int], Awaitable[None]] = sleep
    now: Callable[[], datetime] = now
