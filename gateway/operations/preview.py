"""What edited documents would change, for whoever is still editing them (pages.md)."""

import asyncio
from dataclasses import dataclass

from gateway.domain.catalog import Buyer, Catalog
from gateway.domain.plans import Change, Plan, compare
from gateway.domain.routing import Offers
from gateway.domain.sides import RuleMargins, Side, side
from gateway.operations import Backends
from gateway.storage import customers, offers
from gateway.storage.documents import DocumentError, DocumentErrors, Documents, parse
from gateway.storage.kept import Superseded
from gateway.storage.reckoning import reckoned
from gateway.storage.shelf import Stock

__all__ = ["DocumentError", "DocumentErrors", "Preview", "RuleMargins", "Superseded", "preview"]

DAYS = 7


@dataclass(frozen=True, slots=True)
class Preview:
    """A plan against revision `base`; `changes`: the worst first; `rules`: as they would rate.

    `currency` is the house's by the edited documents; `ordered`: how many customers whose own
    rates change ordered a service that changes within `DAYS` days; `left_without`: how many
    customers at all then ordered one that goes off sale.
    """

    base: int
    plan: Plan
    changes: tuple[Change, ...]
    rules: tuple[RuleMargins, ...]
    ordered: int
    left_without: int
    currency: str


async def preview(backends: Backends, documents: Documents, *, operator: str) -> Preview:
    """Against the active revision and today's offers; one at a time in a process.

    Raises DocumentErrors with all that is wrong, and `Superseded` when the same operator has asked
    anew, or too many others wait.
    """
    async with backends.turns.of(operator):
        await backends.shelf.refresh()
        stock = backends.shelf.stock
        after = await _read(stock, documents)
        missing = sorted(after.providers.keys() - stock.catalog.providers.keys())
        async with backends.database.reading() as connection:
            known = await offers.load(connection, missing) if missing else []
            buyers = await customers.buyers(connection)
        before = await reckoned(backends.kept, stock) if stock.catalog.number else None
        listed = {**stock.offers, **{each.ref: each for each in known}} if known else stock.offers
        alone = [Buyer(each.name, each.group) for each in buyers]
        found, will = await asyncio.to_thread(_compared, before, after, listed, alone)
        changes = (*found.changed, *found.gone)
        services = [each.id for each in changes]
        off_sale = [each.id for each in changes if each.before and not each.after]
        touched = set(found.customers)
        ids = [each.id for each in buyers if each.name in touched]
        async with backends.database.reading() as connection:
            ordered = await customers.ordered(connection, ids, services, days=DAYS)
            everybody = [each.id for each in buyers]
            without = await customers.ordered(connection, everybody, off_sale, days=DAYS)
    number, currency = stock.catalog.number, after.markup.currency
    return Preview(number, found, found.by_risk, will.by_rule(), ordered, without, currency)


async def _read(stock: Stock, documents: Documents) -> Catalog:
    if documents.sha256 == stock.sha256:
        return stock.catalog
    # ten thousand services take their time; customers are answered meanwhile
    return await asyncio.to_thread(parse, documents)


def _compared(
    before: Side | None, after: Catalog, listed: Offers, buyers: list[Buyer]
) -> tuple[Plan, Side]:
    will = side(after, listed, like=before)
    return compare(before, will, buyers), will
