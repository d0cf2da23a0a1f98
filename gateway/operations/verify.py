"""Prove the books: every invariant, and how many rows break it."""

import asyncio
from collections import deque

from gateway.operations import Backends
from gateway.storage import invariants
from gateway.storage.database import Connection


async def verify(backends: Backends) -> dict[str, int]:
    """Rows found by the name of each invariant, in one consistent view; all must be 0.

    Two are counted at a time, each by a connection of its own.
    """
    left = deque(invariants.LONGEST_FIRST)
    found: dict[str, int] = {}
    async with backends.database.reading() as first, backends.database.reading() as second:
        await invariants.join(second, await invariants.freeze(first))
        counting = [asyncio.create_task(_count(each, left, found)) for each in (first, second)]
        try:
            await asyncio.gather(*counting)
        finally:
            for each in counting:
                each.cancel()
            await asyncio.gather(*counting, return_exceptions=True)
    return {name: found[name] for name in invariants.INVARIANTS}


async def _count(connection: Connection, left: deque[str], found: dict[str, int]) -> None:
    while left:
        name = left.popleft()
        found[name] = await invariants.count(connection, name)
