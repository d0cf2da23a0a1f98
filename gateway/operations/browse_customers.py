"""Look for customers, one page at a time."""

from gateway.operations import Backends
from gateway.storage import customers_listed
from gateway.storage.customers_listed import CustomersAsked, CustomersPage, Listed, Sort

__all__ = ["CustomersAsked", "CustomersPage", "Listed", "Sort", "browse_customers"]


async def browse_customers(backends: Backends, asked: CustomersAsked) -> CustomersPage:
    """The customers that fit, and how many do."""
    async with backends.database.reading() as connection:
        return await customers_listed.page(connection, asked)
