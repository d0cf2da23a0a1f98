"""Who calls: the customer behind a key."""

from gateway.domain.callers import Caller
from gateway.operations import Backends
from gateway.storage import customers, keys


async def identify(backends: Backends, key: str) -> Caller | None:
    """The enabled customer behind a live key; None for every other key, whatever its fault."""
    if not keys.looks_right(key):
        return None
    async with backends.database.reading() as connection:
        owner = await customers.by_key(connection, keys.digest(key, backends.secret))
    if owner is None:
        return None
    return Caller(
        owner.id,
        owner.name,
        owner.group,
        owner.currency,
        owner.dialect,
        owner.calls_per_second,
        owner.adds_per_second,
    )
