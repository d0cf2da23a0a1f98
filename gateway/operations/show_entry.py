"""Show one journal entry: what moved, from where to where, and who moved it."""

from gateway.operations import Backends
from gateway.storage import entries
from gateway.storage.entries import EntryFacts, Moved, Side

__all__ = ["EntryFacts", "Moved", "Side", "show_entry"]


async def show_entry(backends: Backends, entry: int) -> EntryFacts | None:
    """None: there is no such entry."""
    async with backends.database.reading() as connection:
        return await entries.find(connection, entry)
