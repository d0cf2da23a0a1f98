"""Change documents as a form says; nothing is stored or applied by it."""

import asyncio
from collections.abc import Sequence

from gateway.domain.edits import CannotEdit, Edit
from gateway.operations import Backends
from gateway.storage.documents import Documents
from gateway.storage.documents_edits import edited

__all__ = ["CannotEdit", "Documents", "edit"]


async def edit(_backends: Backends, documents: Documents, edits: Sequence[Edit]) -> Documents:
    """The documents with these edits, one after the other; all else keeps its bytes.

    Raises `CannotEdit`, and then nothing was changed. Whether the result describes a catalog is
    what a preview tells.
    """

    def made() -> Documents:
        found = documents
        for each in edits:
            found = edited(found, each)
        return found

    # ten thousand tables take their time; customers are answered meanwhile
    return await asyncio.to_thread(made)
