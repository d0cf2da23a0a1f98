"""Hold our books against what the providers say (money.md 7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from gateway.domain.money import EXACT, ZERO
from gateway.operations import Backends
from gateway.storage import discrepancies, reconciling
from gateway.storage.discrepancies import Discrepancy
from gateway.storage.reconciling import ProviderBooks

__all__ = ["Discrepancy", "ProviderBooks", "Reconciled", "reconcile"]


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Open discrepancies, and for each provider what was booked and what he says."""

    discrepancies: Sequence[Discrepancy]
    providers: Sequence[ProviderBooks]

    @property
    def open_amount(self) -> Decimal:
        """The sum of what is open, where an amount is known."""
        total = ZERO
        for each in self.discrepancies:
            total = EXACT.add(total, abs(each.difference or ZERO))
        return total


async def reconcile(backends: Backends) -> Reconciled:
    """One consistent view of both."""
    async with backends.database.reading() as connection:
        return Reconciled(
            await discrepancies.listed(connection), await reconciling.providers(connection)
        )
