"""What became of a provider's rates, and how readings of its list went."""

from collections.abc import Sequence

from gateway.admin.grids import ROWS, Cell, Column, Grid, Row
from gateway.admin.visits import Visit, whole
from gateway.domain.catalog import Provider
from gateway.operations.list_rate_changes import RateChange, list_rate_changes
from gateway.operations.list_syncs import SyncLine, list_syncs

RATES_BEFORE = "rates_before"
SYNCS_BEFORE = "syncs_before"


async def histories(visit: Visit, provider: Provider, path: str) -> Sequence[Grid]:
    """Two tables, the latest first, each with a place of its own in the address bar."""
    before = whole(visit.query.one(RATES_BEFORE))
    rates = await list_rate_changes(visit.backends, provider.name, before=before, limit=ROWS + 1)
    before = whole(visit.query.one(SYNCS_BEFORE))
    syncs = await list_syncs(visit.backends, provider.name, before=before, limit=ROWS + 1)
    return (
        Grid(
            "Changes of rates",
            (
                Column("at"),
                Column("offer"),
                Column("name"),
                Column("old rate", right=True, unit=provider.currency),
                Column("new rate", right=True, unit=provider.currency),
            ),
            [_rate(each) for each in rates[:ROWS]],
            visit.query,
            path,
            later={RATES_BEFORE: str(rates[ROWS - 1].id)} if len(rates) > ROWS else {},
            keyed=RATES_BEFORE,
            empty="No rate has changed since they are watched.",
            exports=False,
        ),
        Grid(
            "Readings of its list that were not as usual",
            (
                Column("at"),
                Column("how it went"),
                Column("times", right=True),
                Column("listed", right=True),
                Column("new", right=True),
                Column("changed", right=True),
                Column("gone", right=True),
                Column("quarantined", right=True),
                Column("mended"),
            ),
            [_sync(each) for each in syncs[:ROWS]],
            visit.query,
            path,
            later={SYNCS_BEFORE: str(syncs[ROWS - 1].id)} if len(syncs) > ROWS else {},
            keyed=SYNCS_BEFORE,
            empty="Every reading was as usual.",
            exports=False,
        ),
    )


def _rate(change: RateChange) -> Row:
    dearer = change.new > change.old
    return (
        change.at,
        change.offer,
        change.name,
        change.old,
        Cell(change.new, tone="doubt" if dearer else "", mark="dearer" if dearer else "cheaper"),
    )


def _sync(line: SyncLine) -> Row:
    mended = ", ".join(f"{name} {times}" for name, times in line.repairs.items())
    return (
        line.last_at,
        Cell(
            line.odd or None, tone="" if line.well else "loss", mark="" if line.well else "failed"
        ),
        line.times,
        line.listed,
        line.appeared,
        line.changed,
        line.vanished,
        line.quarantined,
        mended or None,
    )
