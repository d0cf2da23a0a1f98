"""Which attempts the database knows, for replies that were written down elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.catalog import OfferRef
from gateway.storage.claims import AttemptKey

_KNOWN = text("""
SELECT a.order_id, a.number, a.run FROM attempts a JOIN orders o ON o.id = a.order_id
  JOIN unnest(CAST(:orders AS bigint[]), CAST(:numbers AS integer[]), CAST(:runs AS integer[]),
    CAST(:providers AS text[]), CAST(:offers AS text[]), CAST(:links AS text[]))
    AS sent (order_id, number, run, provider, offer, link)
    ON (a.order_id, a.number, a.run, a.provider, a.offer, o.link)
     = (sent.order_id, sent.number, sent.run, sent.provider, sent.offer, sent.link)""")


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent as an attempt: to which offer, and for which link."""

    key: AttemptKey
    ref: OfferRef
    link: str


async def known(connection: AsyncConnection, sent: Sequence[Sent]) -> set[AttemptKey]:
    """Those that are on record with the same offer and link.

    A database that was restored from a backup gives the numbers of orders that it has forgotten
    to others: a number alone does not say that a reply is theirs.
    """
    asked = {
        "orders": [each.key.order for each in sent],
        "numbers": [each.key.number for each in sent],
        "runs": [each.key.run for each in sent],
        "providers": [each.ref.provider for each in sent],
        "offers": [each.ref.offer for each in sent],
        "links": [each.link for each in sent],
    }
    found = await connection.execute(_KNOWN, asked)
    return {AttemptKey(row.order_id, row.number, row.run) for row in found}
