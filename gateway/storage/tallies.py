"""Reading tallies: what the pages show of the trade and of providers' accounts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.tallies import Tally

_OF_TRADE = ("held", "revenue", "refunds", "cost", "rounding", "loss", "adjustment")
# a month of a large catalog is tens of thousands of rows: they are summed where they are
_READ = text("""
SELECT account, entry, coalesce(at, :since) AS at, coalesce(provider, '') AS provider,
       coalesce(category, '') AS category, CAST(sum(transfers) AS bigint) AS transfers,
       sum(amount) AS amount, GROUPING(at) AS of_all_time, GROUPING(provider) AS of_all_providers
  FROM tallies
 WHERE span = :span AND account = ANY (:accounts) AND at >= :since AND currency = :currency
 GROUP BY account, entry, GROUPING SETS ((at), (provider), (category))""")
_SPENT = text("""
SELECT provider, currency, -sum(amount) AS spent FROM tallies
 WHERE span = 'hour' AND account = 'prepaid' AND at >= :since
   AND entry IN ('cost', 'correction', 'loss') GROUP BY 1, 2""")
_NOW = text("SELECT now()")


async def now(connection: AsyncConnection) -> datetime:
    """The time of the database, by which everything is booked."""
    at: datetime = (await connection.execute(_NOW)).scalar_one()
    return at


@dataclass(frozen=True, slots=True)
class Traded:
    """All tallies of some time, summed in three ways; each says only what it was summed by."""

    steps: Sequence[Tally]
    providers: Sequence[Tally]
    categories: Sequence[Tally]


async def of_trade(
    connection: AsyncConnection, span: str, since: datetime, currency: str
) -> Traded:
    """What was tallied of orders and their money, by the hour or the day, in one currency."""
    asked = {"span": span, "accounts": list(_OF_TRADE), "since": since, "currency": currency}
    steps: list[Tally] = []
    providers: list[Tally] = []
    categories: list[Tally] = []
    for row in await connection.execute(_READ, asked):
        of = providers if not row.of_all_providers else categories if row.of_all_time else steps
        of.append(Tally(*row[:7]))
    return Traded(steps, providers, categories)


async def spent(connection: AsyncConnection, since: datetime) -> Mapping[tuple[str, str], Decimal]:
    """What each provider took since an hour began, by his name and currency."""
    found = await connection.execute(_SPENT, {"since": since})
    return {(row.provider, row.currency): row.spent for row in found}
