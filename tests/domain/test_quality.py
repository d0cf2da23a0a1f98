"""When delivery began."""

import pytest

from gateway.domain.orders import Progress, State
from gateway.domain.quality import has_started


@pytest.mark.parametrize(
    ("state", "progress", "start_count", "started"),
    [
        (State.ACTIVE, Progress.PENDING, None, False),
        (State.ACTIVE, Progress.PROCESSING, 0, False),
        (State.ACTIVE, Progress.PENDING, 5, True),
        (State.ACTIVE, Progress.IN_PROGRESS, None, True),
        (State.COMPLETED, None, None, True),
        (State.PARTIAL, None, None, True),
        (State.CANCELED, None, 5, False),
    ],
)
def test_what_shows_that_delivery_began(
    state: State, progress: Progress | None, start_count: int | None, *, started: bool
) -> None:
    assert has_started(state, progress, start_count) is started
