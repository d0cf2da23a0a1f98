"""Which revisions of the catalog there were."""

from collections.abc import Sequence

from gateway.operations import Backends
from gateway.storage import revisions
from gateway.storage.revisions import RevisionLine

__all__ = ["RevisionLine", "history"]


async def history(
    backends: Backends, limit: int, before: int | None = None
) -> Sequence[RevisionLine]:
    """The latest revisions, the newest first; `before`: the page below that number."""
    async with backends.database.reading() as connection:
        return await revisions.history(connection, limit, before)
