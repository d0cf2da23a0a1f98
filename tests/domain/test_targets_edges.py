"""The figures of money.md 7, and the last of what is still no discrepancy."""

from datetime import timedelta
from decimal import Decimal

from gateway.domain.observations import Observation, Word
from gateway.domain.targets import (
    EQUAL_AGAIN_AFTER,
    ROUNDING_MAX,
    STUCK_AFTER,
    VANISHED_GRACE,
    VANISHED_TIMES,
    Class,
    Finding,
    Target,
    Wait,
    delivered,
    target,
)
from tests.domain.standings import ORDER


def test_the_figures() -> None:
    assert Decimal("0.0001") == ROUNDING_MAX
    assert timedelta(minutes=10) == EQUAL_AGAIN_AFTER
    assert timedelta(hours=72) == STUCK_AFTER
    assert timedelta(hours=1) == VANISHED_GRACE
    assert VANISHED_TIMES == 3


def test_pending_for_three_days_without_a_change_is_stuck() -> None:
    seen = Observation(Word.PENDING)
    found = target(ORDER, seen, STUCK_AFTER)
    assert isinstance(found, Target)
    assert found.findings == (Finding(Class.STUCK, "Pending without any change for 72 hours"),)
    early = target(ORDER, seen, STUCK_AFTER - timedelta(seconds=1))
    assert isinstance(early, Target)
    assert early.findings == ()


def test_a_cancel_with_a_rest_is_believed_at_once_unless_the_rate_is_flat() -> None:
    half = Observation(Word.CANCELED, Decimal("0.4"), remains=400)
    assert delivered(1_000, half, timedelta()) == 600
    assert delivered(1_000, half, timedelta(), flat=True) == Wait()
    assert delivered(1_000, half, EQUAL_AGAIN_AFTER, flat=True) == 0
