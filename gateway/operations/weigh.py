"""Ask a provider for our balance there, and hold it against what we booked (money.md 7)."""

from gateway.domain.catalog import Provider
from gateway.domain.equation import Equation
from gateway.domain.observations import Balance
from gateway.operations import Backends
from gateway.storage import balances
from gateway.upstream.panels import KeyMissing


async def weigh(backends: Backends, provider: Provider) -> Equation | None:
    """One reading, recorded; None where he does not say, or nothing is known to hold it against."""
    try:
        panel = backends.panels.of(provider)
    except KeyMissing:
        return None
    async with backends.database.reading() as connection:
        began = await balances.begin(connection, provider.name)
    told = await panel.balance()
    if not isinstance(told, Balance):
        return None
    async with backends.database.transaction() as connection:
        return await balances.record(connection, provider, told, began)
