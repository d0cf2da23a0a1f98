"""Account to a customer by the day, to the last digit (money.md 7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from gateway.domain.statements import Day, days
from gateway.operations import Backends
from gateway.storage import customers, customers_listed, invariants, statements


@dataclass(frozen=True, slots=True)
class Daily:
    """The days, and what the action `balance` answers at the same moment."""

    days: Sequence[Day]
    balance: Decimal

    @property
    def adds_up(self) -> bool:
        """Whether the last day closes with the balance."""
        return (self.days[-1].closing if self.days else Decimal(0)) == self.balance


async def daily(backends: Backends, name: str) -> Daily | None:
    """One consistent view; None: no such customer."""
    async with backends.database.reading() as connection:
        await invariants.freeze(connection)
        found = await customers_listed.find(connection, name)
        if found is None:
            return None
        customer, currency = found.id, found.currency
        balance = await customers.available(connection, customer, currency)
        return Daily(days(await statements.days(connection, customer, currency)), balance)
