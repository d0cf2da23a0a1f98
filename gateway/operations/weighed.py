"""What of a provider's balance was unexplained, by the day."""

from collections.abc import Sequence

from gateway.operations import Backends
from gateway.storage import reconciling
from gateway.storage.reconciling import Day


async def weighed(backends: Backends, provider: str) -> Sequence[Day]:
    """His days with a reading, oldest first; none where nothing is known to hold him against."""
    async with backends.database.reading() as connection:
        return await reconciling.days(connection, provider)
