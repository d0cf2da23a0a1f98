"""Which lanes of a provider are taken, by the attempts under way and in doubt."""

from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain import lanes as rules
from gateway.domain.lanes import Lanes, Under
from gateway.storage.investigations import ATTEMPT_SECONDS_MAX

_UNDER = text("""
SELECT a.cost, now() - a.started_at AS since, a.outcome = 'uncertain' AS in_doubt
  FROM attempts a WHERE a.outcome = 'open' AND a.provider = :provider
UNION ALL
SELECT a.cost, now() - a.started_at, true FROM attempts a JOIN orders o ON o.id = a.order_id
 WHERE a.outcome = 'uncertain' AND a.provider = :provider
   AND a.ended_at > now() - make_interval(secs => :seconds)
   AND o.state IN ('unconfirmed', 'active')
UNION ALL
SELECT NULL, NULL, NULL WHERE EXISTS (SELECT FROM investigations
 WHERE provider = :provider AND looked_at > now() - CAST(:strict_for AS interval))""")


async def load(connection: AsyncConnection, provider: str, late_seconds: int) -> Lanes:
    """The lanes of one provider as they are now."""
    late = timedelta(seconds=late_seconds)
    seconds = late_seconds + rules.GRACE // timedelta(seconds=1) + ATTEMPT_SECONDS_MAX
    asked = {"provider": provider, "seconds": seconds, "strict_for": rules.STRICT_FOR}
    found = (await connection.execute(_UNDER, asked)).all()
    under = [Under(row.cost, row.since, row.in_doubt) for row in found if row.cost is not None]
    return rules.lanes(under, late, doubted_lately=len(under) < len(found))
