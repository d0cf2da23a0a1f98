"""Whether the documents in a folder are those that are sold from."""

import asyncio
from pathlib import Path

from gateway.domain.drifting import Drift, drifted
from gateway.operations import Backends
from gateway.storage import revisions
from gateway.storage.documents import DocumentErrors, parse, read_folder

__all__ = ["DocumentErrors", "Drift", "drift"]


async def drift(backends: Backends, folder: Path) -> Drift:
    """Against the active revision. Raises DocumentErrors where the folder cannot be read."""
    found = await asyncio.to_thread(read_folder, folder)
    async with backends.database.reading() as connection:
        active = await revisions.active(connection)
        known = await revisions.with_texts(connection, found.sha256)
    if active and active.documents.sha256 == found.sha256:
        return Drift((), active.number)
    texts = active.documents.texts if active else dict[str, str]()
    files = tuple(
        file for file in {**texts, **found.texts} if texts.get(file) != found.texts.get(file)
    )
    before = backends.shelf.stock.catalog

    def reckoned() -> Drift:
        return drifted(before, parse(found), files, known)

    return await backends.kept.get("drift", (before.number, found.sha256), reckoned)
