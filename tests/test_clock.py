"""The clock: it goes on, and failpoints stand before and after each look at it and each wait."""

from collections.abc import Generator
from datetime import UTC, datetime, timedelta

import pytest

from gateway import clock
from gateway.failpoints import COUNT, Injected, arm, passages


@pytest.fixture(autouse=True)
def disarmed() -> Generator[None]:
    """Nothing stays armed after a test."""
    yield
    arm("")


async def test_it_goes_on() -> None:
    began, at = clock.nanoseconds(), clock.now()
    await clock.sleep(2)
    assert clock.nanoseconds() - began >= 2_000_000
    assert at.tzinfo is UTC
    assert timedelta() <= datetime.now(UTC) - at < timedelta(minutes=1)


async def test_every_look_and_every_wait_can_be_struck() -> None:
    arm(COUNT)
    clock.nanoseconds()
    clock.now()
    await clock.sleep(0)
    assert passages() == {
        f"clock.{look}:{side}": 1
        for look in ("nanoseconds:clock.read", "now:clock.read", "sleep:clock.sleep")
        for side in ("before", "after")
    }
    arm("*:clock.*:before=error")
    for look in (clock.nanoseconds, clock.now):
        with pytest.raises(Injected):
            look()
    with pytest.raises(Injected):
        await clock.sleep(0)
