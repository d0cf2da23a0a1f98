"""Account to a customer for every movement of his balance."""

from collections.abc import Sequence

from gateway.operations import Backends
from gateway.storage import customers
from gateway.storage.customers import Line


async def statement(backends: Backends, name: str) -> Sequence[Line] | None:
    """Each movement and what the balance came to, oldest first; None: no such customer."""
    async with backends.database.reading() as connection:
        found = await customers.listed(connection, name)
        if not found:
            return None
        return await customers.statement(connection, found[0].id, found[0].currency)
