"""Charge, expected cost and the provider's charge of each order (money.md 7)."""

from collections.abc import AsyncGenerator, Sequence

from gateway.operations import Backends
from gateway.storage import order_sums as storage
from gateway.storage.order_sums import OrderSums

PAGE = 10_000


async def order_sums(
    backends: Backends, provider: str | None = None, *, differing: bool = True
) -> AsyncGenerator[Sequence[OrderSums]]:
    """A page at a time, by their ids; of all, or of those that cost other than expected."""
    after = 0
    while True:
        async with backends.database.reading() as connection:
            page = await storage.page(connection, provider, after, PAGE)
        yield [each for each in page if each.difference or not differing]
        if len(page) < PAGE:
            return
        after = page[-1].order
