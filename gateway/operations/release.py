"""Let sending begin again after a backup was restored: an operator says so (money.md 8, F18)."""

from gateway.operations import Backends
from gateway.storage import restored


async def release(backends: Backends, *, operator: str, note: str) -> bool:
    """Whether there was anything to release. What is in doubt stays so until it is resolved."""
    async with backends.database.transaction() as connection:
        return await restored.release(connection, operator, note)
