"""What the trade came to lately: over time, by provider and by category."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.domain.tallies import SPANS, Trade, Window, begin_of, by, series, trade
from gateway.operations import Backends
from gateway.storage import tallies

__all__ = ["Overview", "Trade", "Window", "overview"]


@dataclass(frozen=True, slots=True)
class Overview:
    """The trade of a window, in house currency; steps begin on the hour or the day, in UTC.

    `steps`: oldest first, empty ones too. `providers` and `categories`: losses first; what was
    placed belongs to no provider, so that his row has no `orders`. `revision`: the active one.
    """

    window: Window
    since: datetime
    now: datetime
    currency: str
    total: Trade
    steps: Sequence[tuple[datetime, Trade]]
    providers: Sequence[tuple[str, Trade]]
    categories: Sequence[tuple[str, Trade]]
    revision: int


async def overview(backends: Backends, window: Window = Window.DAY) -> Overview:
    """As it was tallied last, some seconds ago."""
    catalog = backends.shelf.stock.catalog
    currency = catalog.markup.currency
    span = SPANS[window][0]
    async with backends.database.reading() as connection:
        now = await tallies.now(connection)
        since = begin_of(window, now)
        found = await tallies.of_trade(connection, span, since, currency)
    of_providers = [each for each in found.providers if each.account != "held"]
    return Overview(
        window=window,
        since=since,
        now=now,
        currency=currency,
        total=trade(found.steps),
        steps=series(window, now, found.steps),
        providers=by(lambda each: each.provider, of_providers),
        categories=by(lambda each: each.category, found.categories),
        revision=catalog.number,
    )
