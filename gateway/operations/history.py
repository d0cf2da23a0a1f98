"""Which revisions of the catalog there were."""

from collections.abc import Sequence

from gateway.operations import Backends
from gateway.storage import revisions
from gateway.storage.revisions import RevisionLine


async def history(backends: Backends, limit: int) -> Sequence[RevisionLine]:
    """The latest revisions, the newest first."""
    async with backends.database.reading() as connection:
        return await revisions.history(connection, limit)
