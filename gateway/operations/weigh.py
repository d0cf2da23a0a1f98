"""Ask a provider for our balance there, and hold it against what we booked (money.md 7)."""

from gateway.dialects.statuses import BALANCE_UNREADABLE
from gateway.domain.catalog import Provider
from gateway.domain.equation import Equation
from gateway.domain.observations import Balance, Unclear
from gateway.operations import Backends
from gateway.storage import balances
from gateway.upstream.panels import KeyMissing


async def weigh(
    backends: Backends, provider: Provider, *, pace_seconds: int = 0
) -> Equation | None:
    """One reading, recorded; None where he does not say, or nothing is known to hold it against.

    A balance that is no number stops him, as one in another currency does (D9).
    None as well, and he is not asked, where the last reading came less than `pace_seconds` ago.
    """
    try:
        panel = backends.panels.of(provider)
    except KeyMissing:
        return None
    async with backends.database.reading() as connection:
        if pace_seconds and await balances.read_within(connection, provider.name, pace_seconds):
            return None
        began = await balances.begin(connection, provider.name)
    told = await panel.balance()
    async with backends.database.transaction() as connection:
        if isinstance(told, Balance):
            return await balances.record(connection, provider, told, began)
        if isinstance(told, Unclear) and told.why.endswith(BALANCE_UNREADABLE):
            await balances.doubt(connection, provider.name, told.why)
    return None
