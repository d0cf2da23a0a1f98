"""Go back to an earlier revision of the catalog."""

from gateway.operations import Backends
from gateway.storage import polling, revisions
from gateway.storage.documents import parse
from gateway.storage.shelf import BELL


async def rollback(backends: Backends, revision: int, *, actor: str, note: str) -> bool:
    """Sell from a stored revision again; False: there is none of that number."""
    async with backends.database.transaction() as connection:
        await revisions.lock(connection)
        found = await revisions.one(connection, revision)
        if found is None:
            return False
        # a revision of an older version may not be readable, which DocumentErrors then tells
        catalog = parse(found.documents, found.number)
        leaving = backends.shelf.stock.catalog.providers.keys() - catalog.providers.keys()
        await polling.let_go(connection, leaving)
        await revisions.activate(connection, revision, actor=actor, reason=note)
    await backends.cache.ring(BELL)
    await backends.shelf.refresh()
    return True
