"""Show what waits for a second operator."""

from gateway.operations import Backends
from gateway.storage import waiting
from gateway.storage.goodwill import Goodwill
from gateway.storage.waiting import Waiting, WaitingDecision

__all__ = ["Goodwill", "Waiting", "WaitingDecision", "list_waiting"]


async def list_waiting(backends: Backends) -> Waiting:
    """Decisions about orders in doubt, and refunds; oldest first."""
    async with backends.database.reading() as connection:
        return await waiting.waiting(connection)
