"""How the documents of two revisions differ, line by line."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from gateway.domain.differences import Difference, Hunk, difference
from gateway.operations import Backends
from gateway.storage import revisions
from gateway.storage.documents import DocumentErrors, Documents, read_folder

__all__ = ["Difference", "DocumentErrors", "Hunk", "compare"]


async def compare(
    backends: Backends, before: int, after: int | Documents | Path
) -> Mapping[str, Difference] | None:
    """By file, only those that differ; None where there is no such revision.

    `after` may be documents that no revision has: what somebody is editing, or a folder's. Raises
    DocumentErrors where that cannot be read.
    """
    if isinstance(after, Path):
        after = await asyncio.to_thread(read_folder, after)
    async with backends.database.reading() as connection:
        old = await revisions.one(connection, before)
        if isinstance(after, int):
            found = await revisions.one(connection, after)
            new = found.documents if found else None
        else:
            new = after
    if old is None or new is None:
        return None
    # documents of megabytes take their time; customers are answered meanwhile
    return await asyncio.to_thread(_differences, old.documents, new)


def _differences(old: Documents, new: Documents) -> dict[str, Difference]:
    files = dict.fromkeys((*old.texts, *new.texts))
    pairs = ((file, old.texts.get(file, ""), new.texts.get(file, "")) for file in files)
    return {file: difference(before, after) for file, before, after in pairs if before != after}
