"""Measure how well offers serve, a few days at a time."""

from gateway.operations import Backends
from gateway.storage import leases, quality


async def measure(backends: Backends) -> int:
    """Count the days that are due, unless another worker is at it; how many were."""
    async with backends.database.reading() as connection:
        due = await quality.due(connection)
    counted = 0
    for day in due:
        async with backends.database.transaction() as connection:
            if not await leases.leads(connection, quality.MEASURE):
                return counted
            await quality.count_day(connection, day)
        counted += 1
    async with backends.database.transaction() as connection:
        if await leases.leads(connection, quality.MEASURE):
            await quality.sum_up(connection)
    return counted
