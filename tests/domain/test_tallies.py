"""What tallies come to."""

from datetime import UTC, datetime
from decimal import Decimal

from gateway.domain.tallies import (
    Tally,
    Trade,
    Window,
    begin_of,
    by,
    days_left,
    series,
    share_percent,
    trade,
)

NOW = datetime(2026, 3, 1, 14, 25, tzinfo=UTC)
HOUR = datetime(2026, 3, 1, 13, tzinfo=UTC)


def tally(account: str, entry: str, amount: str, provider: str = "acme", times: int = 1) -> Tally:
    return Tally(account, entry, HOUR, provider, "Likes", times, Decimal(amount))


LIVED = (
    tally("held", "hold", "-9", "", 3),
    tally("revenue", "capture", "-6", times=2),
    tally("refunds", "refund", "1"),
    tally("refunds", "recharge", "-0.5"),
    tally("cost", "cost", "4", times=2),
    tally("cost", "correction", "-1"),
    tally("rounding", "correction", "0.25"),
    tally("loss", "loss", "3", "beta"),
    tally("adjustment", "adjust", "0.1", ""),
)


def test_each_account_is_read_with_its_sign() -> None:
    sums = trade(LIVED)
    assert sums == Trade(
        3, 2, Decimal(6), Decimal("0.5"), Decimal("3.25"), Decimal(3), Decimal("0.1")
    )
    assert sums.margin == Decimal("-0.75")
    assert sums.margin_percent == Decimal("-13.64")
    assert Trade().margin_percent is None


def test_empty_steps_are_there() -> None:
    told = series(Window.DAY, NOW, LIVED)
    assert (len(told), told[0][0], told[-1][0].hour) == (24, begin_of(Window.DAY, NOW), 14)
    assert [each.orders for _, each in told][-3:] == [0, 3, 0]
    assert begin_of(Window.WEEK, NOW) == datetime(2026, 2, 23, tzinfo=UTC)
    assert len(series(Window.MONTH, NOW, ())) == 30


def test_losses_come_first_then_what_earns_most() -> None:
    earns = (tally("revenue", "capture", "-9", "gamma"), tally("revenue", "capture", "-1", "delta"))
    found = by(lambda each: each.provider, (*LIVED, *earns))
    assert [name for name, _ in found] == ["beta", "gamma", "acme", "delta", ""]


def test_how_long_a_balance_lasts() -> None:
    assert days_left(Decimal(10), Decimal(14), 7) == Decimal("5.0")
    assert days_left(Decimal(-1), Decimal(1), 1) == 0
    assert days_left(Decimal(10), Decimal(0), 1) is None
    assert days_left(None, Decimal(1), 1) is None
    assert share_percent(1, 3) == Decimal("33.33")
    assert share_percent(0, 0) is None
