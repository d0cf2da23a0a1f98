"""The overview's charts: orders, and what they brought and cost, step by step."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from gateway.admin.charts import Chart, Series, chart
from gateway.domain.money import EXACT, plain
from gateway.domain.tallies import SPANS
from gateway.operations.overview import Overview, Trade


def charts(told: Overview) -> Sequence[Chart]:
    """One of orders, one of money."""
    span = SPANS[told.window][0]
    steps = [step_of(told, at) for at, _ in told.steps]
    trades = [trade for _, trade in told.steps]
    counts = [Decimal(each.orders) for each in trades]
    orders = Series("orders", "orders", counts, [str(each.orders) for each in trades])
    return (
        chart(f"Orders by the {span}", steps, [orders], _orders_in_words(steps, trades)),
        chart(
            f"Charge, cost and margin by the {span}, {told.currency}",
            steps,
            [
                _money("charge", [_kept(each) for each in trades], told.currency),
                _money("cost", [_spent(each) for each in trades], told.currency),
                _money("margin", [each.margin for each in trades], told.currency),
            ],
            _money_in_words(told.total, told.currency),
        ),
    )


def step_of(told: Overview, at: datetime) -> str:
    """How a step is named: an hour or a day."""
    return f"{at:%m-%d %H:%M}" if SPANS[told.window][0] == "hour" else f"{at:%Y-%m-%d}"


def _money(label: str, amounts: Sequence[Decimal], currency: str) -> Series:
    return Series(label, label, amounts, [f"{plain(each)} {currency}" for each in amounts])


def _orders_in_words(steps: Sequence[str], trades: Sequence[Trade]) -> str:
    whole = sum(each.orders for each in trades)
    if not whole:
        return "no orders."
    most, step = max((each.orders, step) for each, step in zip(trades, steps, strict=True))
    return f"{whole:,} in all, at most {most:,} ({step})."


def _money_in_words(total: Trade, currency: str) -> str:
    kept, spent, margin = (plain(each) for each in (_kept(total), _spent(total), total.margin))
    return f"charged and kept {kept}, cost with losses {spent}, margin {margin} {currency} in all."


def _kept(trade: Trade) -> Decimal:
    return EXACT.subtract(trade.charge, trade.refunds)


def _spent(trade: Trade) -> Decimal:
    return EXACT.add(trade.cost, trade.losses)
