"""Give a customer another key."""

from gateway.operations import Backends
from gateway.storage import customers, keys


async def new_key(
    backends: Backends, name: str, *, dialect: str | None = None, revoke: bool = False
) -> str | None:
    """A fresh key, shown this once; with `revoke` all older ones end. None: no such customer.

    Without a dialect it is spoken to as the customer's latest key is.
    """
    key = keys.new_key()
    async with backends.database.transaction() as connection:
        found = await customers.listed(connection, name)
        if not found:
            return None
        spoken = dialect or await customers.latest_dialect(connection, found[0].id) or "standard"
        if revoke:
            await customers.revoke_keys(connection, found[0].id)
        digest = keys.digest(key, backends.secret)
        await customers.add_key(connection, found[0].id, digest, keys.hint(key), spoken)
    return key
