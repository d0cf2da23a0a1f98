"""An operator closes a discrepancy: by a note, or by an entry that names it (money.md 7)."""

from typing import Any

from gateway.domain.closing import OUR_BUGS, Into, why_not
from gateway.domain.money import plain
from gateway.domain.operators import Actor
from gateway.domain.targets import Class
from gateway.operations import Backends
from gateway.storage import closings, deeds, discrepancies, ledger, settling, watching
from gateway.storage.deeds import Deed
from gateway.storage.discrepancies import Discrepancy
from gateway.storage.ledger import Posting

__all__ = ["Into", "close_discrepancy"]

CHANGED = "it has changed since it was shown"


async def close_discrepancy(
    backends: Backends,
    number: int,
    *,
    actor: Actor,
    note: str,
    into: Into | None = None,
    mark: str = "",
) -> str:
    """Close it, or set its amount aside, which leaves it open; empty when done, else why not.

    Our own bugs close once what found them finds nothing more. `mark`: of what was shown before;
    where another entry would be posted by now, nothing is.
    """
    catalog = backends.shelf.stock.catalog
    async with backends.database.transaction() as connection:
        known = await discrepancies.find(connection, number)
        # an order is locked before what is odd about it, as everywhere
        orders = [known.order] if known and known.order is not None else []
        await settling.lock(connection, orders)
        closing = await closings.read(connection, catalog, number, lock=True)
        if closing is None:
            return f"there is no open discrepancy {number}"
        found = closing.found
        if refused := why_not(closing.case, into):
            return refused
        if mark and mark != closing.mark:
            return CHANGED
        if Class(found.kind) in OUR_BUGS and not await watching.is_mended(connection, found):
            return f"{found.kind}: what found it still finds it"
        entry = None
        if into is not None:
            posting = Posting(closing.entry(into, note), found.order)
            (entry,) = await ledger.post(connection, [posting], actor=actor.name)
        if into is Into.SUSPENSE and entry is not None:
            await discrepancies.name(connection, number, entry)
        else:
            await discrepancies.close(connection, number, by=actor.name, note=note, entry=entry)
        await deeds.record(connection, actor, _deed(found, into, entry, note))
    return ""


def _deed(found: Discrepancy, into: Into | None, entry: int | None, note: str) -> Deed:
    told = {"expected": found.expected, "seen": found.seen}
    before: dict[str, Any] = {"class": found.kind, "provider": found.provider, "order": found.order}
    before |= {name: None if amount is None else plain(amount) for name, amount in told.items()}
    what = "set discrepancy aside" if into is Into.SUSPENSE else "close discrepancy"
    after = {"into": into and str(into), "entry": entry}
    return Deed(what, f"discrepancy:{found.id}", before, after, note)
