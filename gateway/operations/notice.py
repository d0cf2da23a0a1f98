"""Notice when the database is an earlier state of itself, before anything is sent (money.md 8)."""

from gateway.operations import Backends
from gateway.storage import restored
from gateway.storage.restored import Identity

HORIZON = "horizon"
KEPT_SECONDS = 30 * 24 * 3_600
ELSEWHERE = "this is another database, or a copy of it, than the one that was worked with last"
BEHIND = "the database has forgotten what had happened in it: a backup was restored"


async def notice(backends: Backends) -> str:
    """Why nothing is sent from now on; empty when all is as it was.

    A dump, a base backup that was played forward and a promoted standby are told by the database
    itself. A copy of its files is told by what Redis remembers, so not when that is gone, too.
    """
    remembered = await backends.cache.get(HORIZON)
    async with backends.database.transaction() as connection:
        found = await restored.identity(connection)
        why = _why(found, int(remembered) if remembered and remembered.isdigit() else 0)
        if why:
            await restored.quarantine(connection, why)
        await restored.adopt(connection, found)
        still = await restored.unreleased(connection)
    await backends.cache.put(HORIZON, b"%d" % found.horizon, KEPT_SECONDS)
    return still.reason if still else ""


def _why(found: Identity, remembered: int) -> str:
    if found.known and found.known != found.cluster:
        return ELSEWHERE
    return BEHIND if remembered > found.horizon else ""
