"""An operator's session ends, or all of his."""

from gateway.domain.operators import Actor
from gateway.operations import Backends
from gateway.storage import deeds, sessions
from gateway.storage.deeds import Deed


async def sign_out(backends: Backends, token: str, *, actor: Actor, everywhere: bool) -> None:
    """Nobody can go on with it; a session that is not there stays so."""
    async with backends.database.transaction() as connection:
        found = await sessions.find(connection, token)
        if found is None:
            return
        if everywhere:
            await sessions.end_all(connection, found.operator)
        else:
            await sessions.end(connection, token)
        what = "sign out everywhere" if everywhere else "sign out"
        await deeds.record(connection, actor, Deed(what, f"operator:{found.name}"))
