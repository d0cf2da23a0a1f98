"""Everything that operators want to know of one customer."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.domain.catalog import Buyer, Rule
from gateway.domain.own_rules import own_rules
from gateway.operations import Backends
from gateway.storage import adjustments, customer_keys, customers_listed
from gateway.storage.adjustments import Adjustment
from gateway.storage.customer_keys import KeyFacts
from gateway.storage.customers_listed import Listed, OwnLimits, Sums

__all__ = [
    "Adjustment",
    "CustomerFacts",
    "KeyFacts",
    "Listed",
    "OwnLimits",
    "Sums",
    "show_customer",
]


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """A customer, his account in sums, what he may do, and his keys without themselves.

    `rules`: those of the active revision that name him or his group, in their order.
    """

    customer: Listed
    sums: Sums
    limits: OwnLimits
    keys: Sequence[KeyFacts]
    adjustments: Sequence[Adjustment]
    rules: Sequence[Rule]


async def show_customer(backends: Backends, customer: int) -> CustomerFacts | None:
    """None: there is no such customer."""
    async with backends.database.reading() as connection:
        found = await customers_listed.find(connection, customer)
        if found is None:
            return None
        markup = backends.shelf.stock.catalog.markup
        return CustomerFacts(
            found,
            await customers_listed.sums(connection, found),
            await customers_listed.limits(connection, customer),
            await customer_keys.listed(connection, customer),
            await adjustments.of(connection, customer),
            own_rules(markup, Buyer(found.name, found.group)),
        )
