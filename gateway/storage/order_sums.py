"""Each order's charge, the cost that was expected for it, and what its provider took."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.money import EXACT, LEDGER_STEP, ZERO, share_up

# nothing is reckoned but for the rows of a page: a million orders are a hundred pages
_PAGE = text("""
WITH page AS (
  SELECT id, state, provider, provider_order, currency, charge, quantity_total, charged_quantity,
         cost_currency, cost, cost_booked,
         state IN ('queued', 'sending', 'unconfirmed', 'review') AS open
    FROM orders WHERE id > :after AND (CAST(:provider AS text) IS NULL OR provider = :provider)
   ORDER BY id LIMIT :limit)
SELECT id, state, provider, provider_order, currency, charge,
       CASE state WHEN 'failed' THEN 0 ELSE net_charge(charge, quantity_total, charged_quantity)
         END AS net,
       cost_currency, cost, CASE WHEN state = 'failed' THEN 0 ELSE charged_quantity END AS part,
       quantity_total AS whole, CASE WHEN NOT open THEN cost_booked END AS taken
  FROM page ORDER BY id""")


@dataclass(frozen=True, slots=True)
class OrderSums:
    """One order. `charge` as agreed and `net` of refunds are in its currency, the rest in its
    provider's: `expected` for what was delivered, and what he took; None = not known yet.
    """

    order: int
    state: str
    provider: str
    provider_order: str | None
    currency: str
    charge: Decimal
    net: Decimal
    cost_currency: str
    expected: Decimal
    taken: Decimal | None

    @property
    def difference(self) -> Decimal:
        """What he took beyond what was expected."""
        return ZERO if self.taken is None else EXACT.subtract(self.taken, self.expected)


async def page(
    connection: AsyncConnection, provider: str | None, after: int, limit: int
) -> Sequence[OrderSums]:
    """The next orders after one, by their ids; of one provider, or of all."""
    asked = {"provider": provider, "after": after, "limit": limit}
    return [
        OrderSums(
            row.id,
            row.state,
            row.provider,
            row.provider_order,
            row.currency,
            row.charge,
            row.net,
            row.cost_currency,
            _expected(row.cost, row.part, row.whole),
            row.taken,
        )
        for row in await connection.execute(_PAGE, asked)
    ]


def _expected(cost: Decimal, part: int, whole: int) -> Decimal:
    """Of most orders nothing is left over, and of a million every step counts."""
    return cost if part == whole else share_up(cost, part, whole, LEDGER_STEP)
