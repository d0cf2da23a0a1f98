"""Orders as they stand before a test judges them."""

from decimal import Decimal

from gateway.domain.orders import Progress, Standing, State

RUNS = Standing(
    id=1,
    state=State.ACTIVE,
    progress=Progress.PENDING,
    closed_from=None,
    charge=Decimal("4.05"),
    currency="USD",
    quantity=3_000,
    charged_quantity=3_000,
    start_count=None,
    remains=None,
    cost=Decimal("2.70"),
    cost_booked=Decimal("0.90"),
    cost_currency="USD",
    runs=3,
    self_run=True,
)
"""A drip-feed that we run ourselves: three runs of 1,000, the first of them sent and booked."""
ORDER = Standing(
    id=1,
    state=State.ACTIVE,
    progress=Progress.PENDING,
    closed_from=None,
    charge=Decimal("1.26"),
    currency="USD",
    quantity=1_000,
    charged_quantity=1_000,
    start_count=None,
    remains=None,
    cost=Decimal("0.90"),
    cost_booked=Decimal("0.90"),
    cost_currency="USD",
)
"""A plain order of 1,000, sent and booked, of which nothing was told yet."""
