"""The open discrepancies by class: how many, since when, what they come to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from gateway.domain.closing import CLOSED_BY
from gateway.domain.money import EXACT, LEDGER_STEP, ZERO, round_up, total
from gateway.domain.pricing import conversion_of
from gateway.domain.targets import Class
from gateway.operations import Backends
from gateway.storage import discrepancy_lists
from gateway.storage.discrepancy_lists import OpenSum

__all__ = ["ClassSum", "OpenSum", "sum_discrepancies"]


@dataclass(frozen=True, slots=True)
class ClassSum:
    """One class. `amount` in house currency; `unknown`: so many have none that is known.

    `lasting`: open for longer than seven days. `closed_by`: in words.
    """

    kind: Class
    count: int
    lasting: int
    amount: Decimal
    unknown: int
    since: datetime
    closed_by: str
    providers: Sequence[OpenSum]


async def sum_discrepancies(backends: Backends) -> Sequence[ClassSum]:
    """By class, D1 first; those without an open one are absent."""
    catalog = backends.shelf.stock.catalog
    async with backends.database.reading() as connection:
        sums = await discrepancy_lists.open_sums(connection)

    def in_house(each: OpenSum) -> Decimal:
        # of a provider who left the catalog, or of our own accounts, it is as it stands
        conversion = conversion_of(catalog, each.provider) if _is_listed(each) else None
        if conversion is None:
            return each.amount
        return round_up(EXACT.multiply(each.amount, conversion), LEDGER_STEP)

    def _is_listed(each: OpenSum) -> bool:
        return each.provider in catalog.providers

    found: list[ClassSum] = []
    for kind in Class:
        of = [each for each in sums if each.kind == kind]
        if of:
            found.append(
                ClassSum(
                    kind=kind,
                    count=sum(each.count for each in of),
                    lasting=sum(each.lasting for each in of),
                    amount=total(map(in_house, of)) or ZERO,
                    unknown=sum(each.unknown for each in of),
                    since=min(each.since for each in of),
                    closed_by=CLOSED_BY[kind],
                    providers=of,
                )
            )
    return found
