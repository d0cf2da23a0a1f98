"""The open discrepancies by class: how many, since when, what they come to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from gateway.domain.catalog import Catalog
from gateway.domain.closing import CLOSED_BY
from gateway.domain.money import EXACT, LEDGER_STEP, round_up, total
from gateway.domain.pricing import conversion_of
from gateway.domain.targets import Class
from gateway.operations import Backends
from gateway.storage import discrepancy_lists
from gateway.storage.discrepancy_lists import OpenSum

__all__ = ["ClassSum", "OpenSum", "sum_discrepancies"]


OF_HOUSE = frozenset({Class.NET, Class.BALANCE})
"""Classes whose amounts are of customers' accounts, whichever provider they name."""


@dataclass(frozen=True, slots=True)
class ClassSum:
    """One class. `amount` in house currency; `unknown`: so many have none that is known in it.

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
    by_class = {kind: [each for each in sums if each.kind == kind] for kind in Class}
    return [_sum(catalog, kind, of) for kind, of in by_class.items() if of]


def _sum(catalog: Catalog, kind: Class, of: Sequence[OpenSum]) -> ClassSum:
    count = sum(each.count for each in of)
    known = [
        (each.count - each.unknown, amount)
        for each in of
        if (amount := _in_house(catalog, each)) is not None
    ]
    return ClassSum(
        kind=kind,
        count=count,
        lasting=sum(each.lasting for each in of),
        amount=total(amount for _, amount in known),
        unknown=count - sum(number for number, _ in known),
        since=min(each.since for each in of),
        closed_by=CLOSED_BY[kind],
        providers=of,
    )


def _in_house(catalog: Catalog, each: OpenSum) -> Decimal | None:
    """None where the markup does not convert it, as of a provider who left the catalog."""
    if each.kind in OF_HOUSE:
        return each.amount
    conversion = conversion_of(catalog, each.provider)
    if conversion is None:
        return None
    return round_up(EXACT.multiply(each.amount, conversion), LEDGER_STEP)
