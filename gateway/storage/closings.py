"""What closing a discrepancy goes by, and the entry that would name it (money.md 7)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain import postings
from gateway.domain.catalog import Catalog
from gateway.domain.closing import MAY_BE_BOOKED, Case, Into
from gateway.domain.money import ZERO, plain
from gateway.domain.postings import CostTerms, Entry, Unexplained
from gateway.domain.pricing import conversion_of
from gateway.domain.targets import Class
from gateway.storage import balances, discrepancies, suspense
from gateway.storage.discrepancies import Discrepancy

_MARK_CHARACTERS = 32

_OF_ORDER = text("""
SELECT provider, cost_currency, currency, conversion FROM orders WHERE id = :order""")
_TRANSFERS = text("""
SELECT d.kind || coalesce(' ' || d.provider, '') AS debit,
       c.kind || coalesce(' ' || c.provider, '') AS credit, t.amount, t.currency
  FROM transfers t JOIN accounts d ON d.id = t.debit_id JOIN accounts c ON c.id = t.credit_id
 WHERE t.entry_id = :entry ORDER BY t.leg""")


@dataclass(frozen=True, slots=True)
class Moved:
    """One transfer, with accounts by their kinds and providers."""

    debit: str
    credit: str
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Closing:
    """An open discrepancy, what of it was set aside, and what its money is worth.

    `terms` None: none of its class is booked.
    """

    found: Discrepancy
    aside: Decimal
    terms: CostTerms | None

    @property
    def case(self) -> Case:
        """What decides how it may be closed."""
        found = self.found
        return Case(
            Class(found.kind),
            found.difference,
            found.age,
            of_order=found.order is not None,
            entry=found.entry is not None and not self.aside,
            aside=bool(self.aside),
        )

    @property
    def mark(self) -> str:
        """What an entry would be made of: another mark means that it would be another entry."""
        found, terms = self.found, self.terms
        amounts = (found.difference, self.aside, terms and terms.conversion)
        spelled = [None if each is None else plain(each) for each in amounts]
        made_of = (found.id, found.kind, found.entry, *spelled)
        return hashlib.sha256(repr(made_of).encode()).hexdigest()[:_MARK_CHARACTERS]

    def entry(self, into: Into, note: str) -> Entry:
        """What names it, where its class may be booked so."""
        found, terms = self.found, self.terms
        if terms is None:
            raise ValueError(f"{found.kind} is never booked")
        if found.order is not None:
            expected, seen = found.expected or ZERO, found.seen or ZERO
            return postings.given_up(terms, seen, expected, f"given_up:{found.id}", note)
        amount = (found.difference or ZERO).copy_negate()
        open_ = Unexplained(found.provider, terms.currency, amount, self.aside)
        if into is Into.SUSPENSE:
            return postings.set_aside(open_, f"suspend:{found.id}", note)
        kind = "loss" if into is Into.LOSS else "adjust"
        return postings.written_off(open_, terms, kind, f"written_off:{found.id}", note)


async def read(
    connection: AsyncConnection, catalog: Catalog, number: int, *, lock: bool = False
) -> Closing | None:
    """None where none is open of that number. To `lock` it, its order must be locked before."""
    found = await discrepancies.find(connection, number, lock=lock)
    if found is None:
        return None
    aside = await suspense.aside(connection, number)
    if Class(found.kind) not in MAY_BE_BOOKED:
        return Closing(found, aside, None)
    if found.order is not None:
        row = (await connection.execute(_OF_ORDER, {"order": found.order})).one()
        return Closing(found, aside, CostTerms(*row))
    return Closing(found, aside, await _of_provider(connection, catalog, found.provider))


async def moved(connection: AsyncConnection, entry: int) -> Sequence[Moved]:
    """The transfers of a journal entry, in their order."""
    rows = await connection.execute(_TRANSFERS, {"entry": entry})
    return [Moved(row.debit, row.credit, row.amount, row.currency) for row in rows]


def foreseen(entry: Entry) -> Sequence[Moved]:
    """The same of one that is not posted yet."""

    def named(account: postings.Account) -> str:
        return f"{account.kind} {account.provider}" if account.provider else account.kind

    return [
        Moved(named(leg.debit), named(leg.credit), leg.amount, leg.debit.currency)
        for leg in entry.legs
    ]


async def _of_provider(connection: AsyncConnection, catalog: Catalog, provider: str) -> CostTerms:
    """What his money is worth today; where nobody can say, it stays in his currency."""
    house, conversion = catalog.markup.currency, conversion_of(catalog, provider)
    read = await balances.equation(connection, provider)
    currency = read.currency if read else house
    if conversion is None or catalog.providers[provider].currency != currency:
        return CostTerms(provider, currency, currency, Decimal(1))
    return CostTerms(provider, currency, house, conversion)
