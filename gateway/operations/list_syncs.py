"""How readings of a provider's list went."""

from collections.abc import Sequence

from gateway.operations import Backends
from gateway.storage import histories
from gateway.storage.histories import SyncLine

__all__ = ["SyncLine", "list_syncs"]

PAGE = 50


async def list_syncs(
    backends: Backends, provider: str, *, before: int | None = None, limit: int = PAGE
) -> Sequence[SyncLine]:
    """Those that were not as usual, the latest first; the next page is `before` the last id."""
    async with backends.database.reading() as connection:
        return await histories.syncs(connection, provider, before, limit)
