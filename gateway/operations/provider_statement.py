"""A provider's account by the day, beside what his balance said."""

from collections.abc import Sequence
from datetime import date, timedelta

from gateway.domain.provider_statements import Day, Told, statement
from gateway.operations import Backends
from gateway.storage import provider_statements, reconciling

__all__ = ["Day", "provider_statement"]

DAYS_MAX = 400


async def provider_statement(
    backends: Backends, provider: str, since: date, until: date
) -> Sequence[Day] | None:
    """His days with a movement or a reading, in his currency, oldest first, at most 400 of them.

    None: the catalog has no such provider. Of the running day as far as it is tallied.
    """
    known = backends.shelf.stock.catalog.providers.get(provider)
    if known is None:
        return None
    since = max(since, until - timedelta(days=DAYS_MAX - 1))
    async with backends.database.reading() as connection:
        opening = await provider_statements.opening(connection, provider, known.currency, since)
        between = (since, until)
        moves = await provider_statements.moves(connection, provider, known.currency, between)
        read = await reconciling.days(connection, provider)
    told = {
        each.day: Told(each.balance, each.unexplained)
        for each in read
        if each.currency == known.currency and since <= each.day <= until
    }
    return statement(opening, moves, told)
