"""Reading tallies: what the pages show of the trade and of providers' accounts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.tallies import Tally

_OF_TRADE = ("held", "revenue", "refunds", "cost", "rounding", "loss", "adjustment")
_READ = text("""
SELECT account, entry, at, provider, category, transfers, amount FROM tallies
 WHERE span = :span AND account = ANY (:accounts) AND at >= :since AND currency = :currency""")
_SPENT = text("""
SELECT provider, currency, -sum(amount) AS spent FROM tallies
 WHERE span = 'hour' AND account = 'prepaid' AND at >= :since
   AND entry IN ('cost', 'correction', 'loss') GROUP BY 1, 2""")
_NOW = text("SELECT now()")


async def now(connection: AsyncConnection) -> datetime:
    """The time of the database, by which everything is booked."""
    at: datetime = (await connection.execute(_NOW)).scalar_one()
    return at


async def of_trade(
    connection: AsyncConnection, span: str, since: datetime, currency: str
) -> Sequence[Tally]:
    """What was tallied of orders and their money, by the hour or the day, in one currency."""
    asked = {"span": span, "accounts": list(_OF_TRADE), "since": since, "currency": currency}
    return [Tally(*row) for row in await connection.execute(_READ, asked)]


async def spent(connection: AsyncConnection, since: datetime) -> Mapping[tuple[str, str], Decimal]:
    """What each provider took since an hour began, by his name and currency."""
    found = await connection.execute(_SPENT, {"since": since})
    return {(row.provider, row.currency): row.spent for row in found}
