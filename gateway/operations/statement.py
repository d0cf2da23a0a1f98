"""Account to a customer for every movement of his balance."""

from collections.abc import Sequence

from gateway.operations import Backends
from gateway.storage import customers, customers_listed
from gateway.storage.customers import Line


async def statement(backends: Backends, name: str) -> Sequence[Line] | None:
    """Each movement and what the balance came to, oldest first; None: no such customer."""
    async with backends.database.reading() as connection:
        found = await customers_listed.find(connection, name)
        if found is None:
            return None
        return await customers.statement(connection, found.id, found.currency)
