"""Tell a customer what he may still spend."""

from gateway.domain.callers import Caller
from gateway.domain.observations import Balance
from gateway.operations import Backends
from gateway.storage import customers


async def balance(backends: Backends, caller: Caller) -> Balance:
    """What `add` may still hold, in house currency."""
    async with backends.database.reading() as connection:
        amount = await customers.available(connection, caller.customer, caller.currency)
    return Balance(amount, caller.currency)
