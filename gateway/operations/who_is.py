"""Whose session a token is."""

from gateway.operations import Backends
from gateway.storage import sessions
from gateway.storage.sessions import Session

__all__ = ["Session", "who_is"]

TOKEN_CHARACTERS_MAX = 100


async def who_is(backends: Backends, token: str) -> Session | None:
    """The session, live or ended; None: nobody's. One in use lasts on, up to its limit."""
    if not token or len(token) > TOKEN_CHARACTERS_MAX:
        return None
    async with backends.database.reading() as connection:
        found = await sessions.find(connection, token)
    if found and found.live and found.again:
        async with backends.database.transaction() as connection:
            await sessions.seen(connection, token)
    return found
