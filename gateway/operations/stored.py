"""The documents of a revision, for editing them, downloading them, or going back to them."""

from gateway.operations import Backends
from gateway.storage import revisions
from gateway.storage.documents import Documents
from gateway.storage.revisions import Revision

__all__ = ["Documents", "Revision", "stored"]


async def stored(backends: Backends, revision: int | None = None) -> Revision | None:
    """A revision's number and texts, of the active one unless another is named; None: no such."""
    async with backends.database.reading() as connection:
        if revision is None:
            return await revisions.active(connection)
        return await revisions.one(connection, revision)
