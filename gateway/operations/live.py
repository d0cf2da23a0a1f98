"""Show that this worker lives, and hear what wakes it."""

import asyncio
from collections.abc import Callable

from gateway.operations import Backends
from gateway.storage import leases, wakeups

LOOK_SECONDS = 2


async def live(
    backends: Backends,
    name: str,
    worker: int | None,
    *,
    registered: Callable[[int], None],
    heard: Callable[[str], None],
) -> None:
    """Hold this worker's lock and listen until the connection is lost, which raises `Unreachable`.

    `registered` is called with the worker's number once the lock is held: from then on its attempts
    are nobody else's business. A worker that comes back keeps its number.
    """
    async with backends.database.dedicated() as connection:
        number = worker or await leases.register(connection, name)
        await leases.stay_alive(connection, number)
        await wakeups.listen(connection, heard)
        registered(number)
        while not connection.is_closed():
            await asyncio.sleep(LOOK_SECONDS)
            await leases.ping(connection)
