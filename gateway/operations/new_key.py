"""Give a customer another key."""

from gateway.operations import Backends
from gateway.storage import customers, keys


async def new_key(
    backends: Backends, name: str, *, dialect: str = "standard", revoke: bool = False
) -> str | None:
    """A fresh key, shown this once; with `revoke` all older ones end. None: no such customer."""
    key = keys.new_key()
    async with backends.database.transaction() as connection:
        found = await customers.listed(connection, name)
        if not found:
            return None
        if revoke:
            await customers.revoke_keys(connection, found[0].id)
        digest = keys.digest(key, backends.secret)
        await customers.add_key(connection, found[0].id, digest, keys.hint(key), dialect)
    return key
