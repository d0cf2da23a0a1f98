"""Offers that are not simply listed, and what changed in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.catalog import OfferRef, OfferState
from gateway.domain.money import plain

_COLUMNS = "provider, offer, name, category, kind, state, note, rate, rate_waiting, seen_at"
_HELD = text(f"""
SELECT {_COLUMNS} FROM offers
 WHERE provider = :provider AND (state <> 'listed' OR rate_waiting IS NOT NULL)
 ORDER BY seen_at DESC, length(offer), offer LIMIT :limit""")  # noqa: S608  a constant
_WAITING = text(f"""
SELECT {_COLUMNS} FROM offers
 WHERE provider = :provider AND offer = ANY (:offers)
   AND (state = 'quarantined' OR rate_waiting IS NOT NULL) ORDER BY offer""")  # noqa: S608  a constant
_LOCKED = text(f"{_WAITING} FOR UPDATE")


@dataclass(frozen=True, slots=True)
class HeldOffer:
    """An offer that is not simply listed. `note`: what changed, as in `name was 'x', is 'y'`.

    The rate is the last good one, in the provider's currency; `rate_waiting`: what it became.
    `seen_at`: when it last stood in the list.
    """

    ref: OfferRef
    name: str
    category: str
    kind_word: str
    state: OfferState
    note: str
    rate: Decimal
    rate_waiting: Decimal | None
    seen_at: datetime

    @property
    def seen(self) -> str:
        """A fingerprint of what somebody agrees to: another one, and it is another thing."""
        told = (self.name, self.category, self.kind_word, self.state, self.note)
        shown = (*told, plain(self.rate), self.rate_waiting and plain(self.rate_waiting))
        return sha256(repr(shown).encode()).hexdigest()


async def listed(connection: AsyncConnection, provider: str, limit: int) -> list[HeldOffer]:
    """Those of a provider, the latest seen first."""
    found = await connection.execute(_HELD, {"provider": provider, "limit": limit})
    return [_read(row) for row in found]


async def waiting(
    connection: AsyncConnection, provider: str, offers: Sequence[str], *, lock: bool = False
) -> list[HeldOffer]:
    """Those of these that wait for an agreement; `lock`: nobody else changes them meanwhile."""
    asked = {"provider": provider, "offers": list(offers)}
    found = await connection.execute(_LOCKED if lock else _WAITING, asked)
    return [_read(row) for row in found]


def _read(row: Row[Any]) -> HeldOffer:
    return HeldOffer(
        OfferRef(row.provider, row.offer),
        row.name,
        row.category,
        row.kind,
        OfferState(row.state),
        row.note,
        row.rate,
        row.rate_waiting,
        row.seen_at,
    )
