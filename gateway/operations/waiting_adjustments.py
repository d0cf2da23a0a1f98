"""Which adjustments wait for a second operator."""

from collections.abc import Sequence

from gateway.operations import Backends
from gateway.storage import adjustments
from gateway.storage.adjustments import Adjustment

__all__ = ["Adjustment", "waiting_adjustments"]


async def waiting_adjustments(backends: Backends) -> Sequence[Adjustment]:
    """At most 500, the longest waiting first."""
    async with backends.database.reading() as connection:
        return await adjustments.waiting(connection)
