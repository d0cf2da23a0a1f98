"""Who the customers are and what they have."""

from collections.abc import Sequence

from gateway.operations import Backends
from gateway.storage import customers
from gateway.storage.customers import Customer


async def list_customers(backends: Backends) -> Sequence[Customer]:
    """All of them, the oldest first."""
    async with backends.database.reading() as connection:
        return await customers.listed(connection)
