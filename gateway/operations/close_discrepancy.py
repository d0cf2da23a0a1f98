"""An operator closes a discrepancy: by a note, or by an entry that names it (money.md 7)."""

from decimal import Decimal
from typing import Any

from gateway.domain import postings
from gateway.domain.closing import OUR_BUGS, Case, Into, why_not
from gateway.domain.money import ZERO, plain
from gateway.domain.operators import Actor
from gateway.domain.postings import CostTerms, Entry, Unexplained
from gateway.domain.pricing import conversion_of
from gateway.domain.targets import Class
from gateway.operations import Backends
from gateway.storage import balances, deeds, discrepancies, ledger, settling, suspense, watching
from gateway.storage.database import Connection
from gateway.storage.deeds import Deed
from gateway.storage.discrepancies import Discrepancy
from gateway.storage.ledger import Posting
from gateway.storage.settling import Locked


async def close_discrepancy(
    backends: Backends, number: int, *, actor: Actor, note: str, into: Into | None = None
) -> str:
    """Close it, or set its amount aside, which leaves it open; empty when done, else why not.

    Our own bugs close once what found them finds nothing more.
    """
    async with backends.database.transaction() as connection:
        known = await discrepancies.find(connection, number)
        # an order is locked before what is odd about it, as everywhere
        orders = [known.order] if known and known.order is not None else []
        locked = await settling.lock(connection, orders)
        found = await discrepancies.find(connection, number, lock=True)
        if found is None:
            return f"there is no open discrepancy {number}"
        kind, aside = Class(found.kind), await suspense.aside(connection, number)
        case = Case(
            kind,
            found.difference,
            found.age,
            of_order=found.order is not None,
            entry=found.entry is not None and not aside,
            aside=bool(aside),
        )
        if refused := why_not(case, into):
            return refused
        if kind in OUR_BUGS and not await watching.is_mended(connection, found):
            return f"{kind}: what found it still finds it"
        entry = None
        if into is not None:
            booked = (
                await _of_provider(backends, connection, found, into, note)
                if found.order is None
                else _of_order(found, locked[found.order], note)
            )
            posting = Posting(booked, found.order)
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


def _of_order(found: Discrepancy, order: Locked, note: str) -> Entry:
    expected, seen = found.expected or ZERO, found.seen or ZERO
    return postings.given_up(order.terms, seen, expected, f"given_up:{found.id}", note)


async def _of_provider(
    backends: Backends, connection: Connection, found: Discrepancy, into: Into, note: str
) -> Entry:
    terms = await _terms(backends, connection, found.provider)
    amount = (found.difference or ZERO).copy_negate()
    aside = await suspense.aside(connection, found.id)
    open_ = Unexplained(found.provider, terms.currency, amount, aside)
    if into is Into.SUSPENSE:
        return postings.set_aside(open_, f"suspend:{found.id}", note)
    kind = "loss" if into is Into.LOSS else "adjust"
    return postings.written_off(open_, terms, kind, f"written_off:{found.id}", note)


async def _terms(backends: Backends, connection: Connection, provider: str) -> CostTerms:
    """What his money is worth today; where nobody can say, it stays in his currency."""
    catalog = backends.shelf.stock.catalog
    house, conversion = catalog.markup.currency, conversion_of(catalog, provider)
    read = await balances.equation(connection, provider)
    currency = read.currency if read else house
    if conversion is None or catalog.providers[provider].currency != currency:
        return CostTerms(provider, currency, currency, Decimal(1))
    return CostTerms(provider, currency, house, conversion)
