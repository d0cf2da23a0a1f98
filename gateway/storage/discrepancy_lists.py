"""Discrepancies for reading: pages of open and closed ones, sums of the open ones by class."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.needs import LASTING_FOR
from gateway.domain.targets import difference_of

# what is asked for alone stands in the statement, so that each has the index that fits
_PAGE = """
SELECT id, class AS kind, provider, order_id, expected, seen, note, opened_at,
       coalesce(closed_at, now()) - opened_at AS age, closed_at, closed_by, close_note, entry_id
  FROM discrepancies
 WHERE (CAST(:before AS bigint) IS NULL OR id < :before) {conditions}
 ORDER BY id DESC LIMIT :limit"""
_CONDITIONS = {
    "kind": "class = :kind",
    "provider": "provider = :provider",
    "order": "order_id = :order",
    "older_than": "opened_at < now() - CAST(:older_than AS interval)",
}
_SUMS = text("""
SELECT class AS kind, provider, count(*) AS count,
       count(*) FILTER (WHERE opened_at < now() - CAST(:lasting AS interval)) AS lasting,
       coalesce(sum(abs(seen - expected)), 0) AS amount,
       count(*) FILTER (WHERE seen IS NULL OR expected IS NULL) AS unknown,
       bool_or(order_id IS NULL) AS whole, min(opened_at) AS since, max(note) AS note
  FROM discrepancies WHERE closed_at IS NULL GROUP BY 1, 2 ORDER BY length(class), 1, 2""")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which discrepancies: of a class, a provider, an order; open ones, closed ones or both."""

    kind: str | None = None
    provider: str | None = None
    order: int | None = None
    is_open: bool | None = None
    older_than: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """An open or closed one; amounts as `Discrepancy` has them. `age`: until it was closed.

    `closed_by` None: it closed itself, or is open.
    """

    id: int
    kind: str
    provider: str
    order: int | None
    expected: Decimal | None
    seen: Decimal | None
    note: str
    opened_at: datetime
    age: timedelta
    closed_at: datetime | None
    closed_by: str | None
    close_note: str | None
    entry: int | None

    @property
    def difference(self) -> Decimal | None:
        """What is seen less what is expected."""
        return difference_of(self.expected, self.seen)


@dataclass(frozen=True, slots=True)
class OpenSum:
    """The open ones of a class and provider; `lasting`: open for longer than seven days.

    `amount`: the sum of the differences without their signs, in the provider's currency;
    `unknown`: so many have none. `whole`: one is of the provider himself, not of an order of his.
    """

    kind: str
    provider: str
    count: int
    lasting: int
    amount: Decimal
    unknown: int
    whole: bool
    since: datetime
    note: str


async def page(
    connection: AsyncConnection, wanted: Wanted, before: int | None, limit: int
) -> Sequence[Line]:
    """The latest first; `before` an id."""
    asked = {
        "kind": wanted.kind,
        "provider": wanted.provider,
        "order": wanted.order,
        "older_than": wanted.older_than,
    }
    asked = {name: value for name, value in asked.items() if value is not None}
    conditions = [_CONDITIONS[name] for name in asked]
    if wanted.is_open is not None:
        conditions.append(f"closed_at IS {'' if wanted.is_open else 'NOT '}NULL")
    query = _PAGE.format(conditions="".join(f"AND {each} " for each in conditions))
    found = await connection.execute(text(query), asked | {"before": before, "limit": limit})
    return [Line(*row) for row in found]


async def open_sums(connection: AsyncConnection) -> Sequence[OpenSum]:
    """By class and provider."""
    rows = await connection.execute(_SUMS, {"lasting": LASTING_FOR})
    return [OpenSum(*row) for row in rows]
