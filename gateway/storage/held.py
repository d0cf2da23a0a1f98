"""Offers that are not simply listed, and what changed in them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.catalog import OfferRef, OfferState

_HELD = text("""
SELECT offer, name, category, state, note, rate, rate_waiting, seen_at FROM offers
 WHERE provider = :provider AND (state <> 'listed' OR rate_waiting IS NOT NULL)
 ORDER BY seen_at DESC, length(offer), offer LIMIT :limit""")


@dataclass(frozen=True, slots=True)
class HeldOffer:
    """An offer that is not simply listed. `note`: what changed, as in `name was 'x', is 'y'`.

    The rate is the last good one, in the provider's currency; `rate_waiting`: what it became.
    `seen_at`: when it last stood in the list.
    """

    ref: OfferRef
    name: str
    category: str
    state: OfferState
    note: str
    rate: Decimal
    rate_waiting: Decimal | None
    seen_at: datetime


async def listed(connection: AsyncConnection, provider: str, limit: int) -> list[HeldOffer]:
    """Those of a provider, the latest seen first."""
    found = await connection.execute(_HELD, {"provider": provider, "limit": limit})
    return [
        HeldOffer(
            OfferRef(provider, row.offer),
            row.name,
            row.category,
            OfferState(row.state),
            row.note,
            row.rate,
            row.rate_waiting,
            row.seen_at,
        )
        for row in found
    ]
