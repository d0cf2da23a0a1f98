"""Prove the books: every invariant, and how many rows break it."""

from gateway.operations import Backends
from gateway.storage import invariants


async def verify(backends: Backends) -> dict[str, int]:
    """Rows found by the name of each invariant, in one consistent view; all must be 0."""
    async with backends.database.reading() as connection:
        await invariants.freeze(connection)
        return {name: await invariants.count(connection, name) for name in invariants.INVARIANTS}
