"""Give all customers that fit a filter, for a file."""

from collections.abc import AsyncGenerator

from gateway.operations import Backends
from gateway.storage import customers_listed
from gateway.storage.customers_listed import CustomersAsked, Listed

__all__ = ["CustomersAsked", "Listed", "export_customers"]


async def export_customers(backends: Backends, asked: CustomersAsked) -> AsyncGenerator[Listed]:
    """One after another by id, whatever page and order are asked for; ends with the last one."""
    last = 0
    while True:
        async with backends.database.reading() as connection:
            found = await customers_listed.after(connection, asked, last)
        for customer in found:
            yield customer
        if len(found) < customers_listed.PAGE_MAX:
            return
        last = found[-1].id
