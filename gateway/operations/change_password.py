"""An operator takes another password of his own."""

from gateway.domain.operators import Actor
from gateway.operations import Backends
from gateway.storage import deeds, operators, passwords, sessions
from gateway.storage.deeds import Deed


async def change_password(backends: Backends, actor: Actor, old: str, new: str) -> str:
    """Empty when done, else why not. All his sessions end, this one included."""
    if wrong := passwords.why_not(new):
        return wrong
    async with backends.database.transaction() as connection:
        if not await sessions.tries_left(connection, actor.name, actor.address):
            return "too many tries: wait a quarter of an hour"
        found = await operators.by_name(connection, actor.name)
    if found is None or not await passwords.fits(found.password, old):
        return "the old password is another one"
    stored = await passwords.hashed(new)
    async with backends.database.transaction() as connection:
        await sessions.forgive(connection, actor.name, actor.address)
        await operators.replace_secrets(connection, found.id, stored, found.seed, found.step)
        await sessions.end_all(connection, found.id)
        await deeds.record(connection, actor, Deed("change password", f"operator:{found.name}"))
    return ""
