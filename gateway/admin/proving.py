"""The ledger's invariants, counted while somebody waits."""

from starlette.responses import Response

from gateway.admin.grids import Cell, Column, Grid
from gateway.admin.reconciliation import PATH
from gateway.admin.rendering import page
from gateway.admin.visits import Page, Stop, Visit
from gateway.domain.operators import Right
from gateway.operations.verify import verify

PROOF = f"{PATH}/verify"


async def show(visit: Visit) -> Response:
    """What it is; with `now` in the address bar, what it finds, one proof at a time."""
    if visit.query.one("now") != "1":
        return page(visit, "verify.html", grid=None, broken=0)
    if visit.backends.proving.locked():
        raise Stop(
            "Somebody is having the ledger proved at this moment.",
            then="Try again in a minute: two proofs at once would take as long as both.",
            back=PROOF,
        )
    async with visit.backends.proving:
        found = await verify(visit.backends)
    rows = [
        (name, Cell(rows, tone="loss" if rows else "settled", mark="broken" if rows else "holds"))
        for name, rows in sorted(found.items(), key=lambda each: -each[1])
    ]
    columns = (Column("invariant"), Column("rows that break it", right=True))
    grid = Grid("Invariants", columns, rows, visit.query, PROOF, exports=False)
    return page(visit, "verify.html", grid=grid, broken=sum(found.values()))


PAGES = (Page("GET", PROOF, Right.LOOK, show),)
