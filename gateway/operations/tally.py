"""Count what moved in the ledger, so that pages read hours and days in place of transfers."""

from gateway.operations import Backends
from gateway.storage import leases, tallying

BATCHES_MAX = 50


async def tally(
    backends: Backends, *, batches: int = BATCHES_MAX, rows: int = tallying.BATCH_ROWS
) -> int:
    """Count what nobody has counted yet, unless another worker is at it; how many transfers.

    At most so many batches of about so many transfers, each counted for good by itself: what is
    left, as when a large ledger is counted first, waits for the next round.
    """
    services = backends.shelf.stock.catalog.services

    def category_of(service: int) -> str:
        return services[service].category if service in services else ""

    counted = 0
    for _ in range(batches):
        async with backends.database.transaction() as connection:
            if not await leases.leads(connection, tallying.TALLY):
                break
            more = await tallying.count(connection, category_of, rows)
        counted += more
        if not more:
            break
    return counted
