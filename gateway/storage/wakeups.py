"""Wake-ups by NOTIFY: who listens starts at once, who missed it polls (performance.md).

Sent outside the accepting transaction, as a NOTIFY inside one makes all commits queue for one lock.
"""

import asyncio
from collections.abc import Callable

import asyncpg
import structlog
from sqlalchemy import text

from gateway.storage.database import Database

log = structlog.get_logger()

QUEUED = "gateway_queued"

_NOTIFY = text("SELECT pg_notify(:channel, :payload)")


class Waker:
    """Sends wake-ups from one task: many asked for meanwhile become one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._due: set[str] = set()
        self._asked = asyncio.Event()

    def wake(self, payload: str) -> None:
        """Ask for a wake-up of the senders to `payload`, a provider's name. Never waits."""
        self._due.add(payload)
        self._asked.set()

    async def run(self) -> None:
        """Send what was asked for, until cancelled. A wake-up that fails is not repeated."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            due, self._due = self._due, set()
            try:
                async with self._database.transaction() as connection:
                    for payload in due:
                        await connection.execute(_NOTIFY, {"channel": QUEUED, "payload": payload})
            except Exception as error:
                # whatever it was: who is not woken looks by himself, but the next must be woken
                log.exception("not woken", error=repr(error))
                await asyncio.sleep(1)


async def listen(
    connection: "asyncpg.Connection[asyncpg.Record]", heard: Callable[[str], None]
) -> None:
    """Call `heard(provider)` for every wake-up on this connection while it lives."""

    def receive(_connection: object, _process: int, _channel: str, payload: object) -> None:
        heard(str(payload))

    await connection.add_listener(QUEUED, receive)
