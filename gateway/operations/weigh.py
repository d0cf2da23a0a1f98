"""Ask a provider for our balance there, and hold it against what we booked (money.md 7)."""

from gateway.dialects.statuses import BALANCE_UNREADABLE
from gateway.domain.catalog import Provider
from gateway.domain.equation import Equation
from gateway.domain.observations import Unclear
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
    if pace_seconds:
        async with backends.database.reading() as connection:
            if await balances.read_within(connection, provider.name, pace_seconds):
                return None
    weighed = await balances.weigh(backends.database, provider, panel.balance)
    told = weighed.told
    if isinstance(told, Unclear) and told.why.endswith(BALANCE_UNREADABLE):
        async with backends.database.transaction() as connection:
            await balances.doubt(connection, provider.name, told.why)
    return weighed.equation
