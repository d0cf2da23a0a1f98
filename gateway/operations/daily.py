"""Account to a customer by the day, to the last digit (money.md 7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from gateway.domain.statements import Day, days
from gateway.operations import Backends
from gateway.storage import customers, invariants, statements


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
        found = await customers.listed(connection, name)
        if not found:
            return None
        customer, currency = found[0].id, found[0].currency
        balance = await customers.available(connection, customer, currency)
        return Daily(days(await statements.days(connection, customer, currency)), balance)
