"""The overview's tables; each figure leads to what made it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from urllib.parse import quote

from gateway.admin import subjects
from gateway.admin.grids import Cell, Column, Grid, Row
from gateway.admin.overview_charts import step_of
from gateway.admin.visits import Visit
from gateway.domain.money import EXACT
from gateway.domain.tallies import SPANS, together
from gateway.domain.targets import Class
from gateway.operations.overview import Overview, Trade
from gateway.operations.provider_health import Gate, Health
from gateway.operations.sum_discrepancies import ClassSum

CATEGORIES_SHOWN = 30
SOON_DAYS = Decimal(1)
HOURS_A_DAY = Decimal(24)


def by_step(visit: Visit, told: Overview) -> Grid:
    """The figures of the charts, the latest first."""
    name, length, _ = SPANS[told.window]
    columns = [Column(name), Column("orders", right=True), *_trade_columns(told.currency)]
    rows: list[Row] = []
    for at, trade in reversed(told.steps):
        link = subjects.orders(at, at + length) if trade.orders else ""
        rows.append((step_of(told, at), Cell(f"{trade.orders:,}", href=link), *_trade(trade)))
    return _grid(visit, f"The same by the {name}", columns, rows, "Nothing in this time.")


def by_provider(visit: Visit, told: Overview) -> Grid:
    """What each provider brought, losses first."""
    rows: list[Row] = []
    for provider, trade in told.providers:
        link = subjects.books_of(provider) if provider else ""
        named = Cell(provider or "of no provider", href=link)
        taken = subjects.orders(told.since, provider=provider) if provider else ""
        rows.append((named, *_trade(trade, taken=taken, cost=link)))
    columns = [Column("provider"), *_trade_columns(told.currency)]
    empty = "No provider has taken anything in this time."
    return _grid(visit, "Margin by provider", columns, rows, empty)


def by_category(visit: Visit, told: Overview) -> Grid:
    """What each category brought, losses first; the rest of many in one row, and in the file."""
    rows = categories(told.categories[:CATEGORIES_SHOWN])
    rest = told.categories[CATEGORIES_SHOWN:]
    if rest:
        trade = together([each for _, each in rest])
        rows = [*rows, (f"{len(rest):,} more", f"{trade.orders:,}", *_trade(trade))]
    columns = category_columns(told.currency)
    grid = _grid(visit, "Margin by category", columns, rows, "Nothing was sold in this time.")
    return replace(grid, exports=True)


def category_columns(currency: str) -> Sequence[Column]:
    """As `categories` fills them."""
    return (Column("category"), Column("orders", right=True), *_trade_columns(currency))


def categories(found: Sequence[tuple[str, Trade]]) -> Sequence[Row]:
    """A row for each."""
    rows: list[Row] = []
    for category, trade in found:
        link = f"/services?category={quote(category, safe='')}" if category else ""
        named = Cell(category or "of no category", href=link)
        rows.append((named, f"{trade.orders:,}", *_trade(trade)))
    return rows


def health(visit: Visit, providers: Sequence[Health], now: datetime) -> Grid:
    """How each provider does."""
    columns = [
        Column("provider"),
        Column("health"),
        Column("add p50", right=True),
        Column("attempts", right=True),
        Column("refused", right=True),
        Column("uncertain", right=True),
        Column("balance", right=True),
        Column("currency"),
        Column("lasts", right=True),
        Column("unexplained", right=True),
    ]
    rows = [_health(each, now) for each in providers]
    empty = "No provider yet: the documents name none."
    return _grid(visit, "Providers, attempts of the last 24 hours", columns, rows, empty)


def by_class(visit: Visit, sums: Sequence[ClassSum]) -> Grid:
    """Open discrepancies, D1 first."""
    columns = [
        Column("class"),
        Column("open", right=True),
        Column("over 7 days", right=True),
        Column("amount", right=True, unit="house currency"),
        Column("without one", right=True),
        Column("oldest"),
        Column("closed by"),
    ]
    rows = [_class(each) for each in sums]
    return _grid(visit, "Open discrepancies", columns, rows, "None is open: the books agree.")


def named(kind: Class) -> str:
    """A class with what it means: `D4 refund owed`."""
    return f"{kind} {kind.name.lower().replace('_', ' ')}"


def _class(each: ClassSum) -> Row:
    link = subjects.discrepancies(kind=each.kind)
    lasting = subjects.discrepancies(kind=each.kind, age="7d") if each.lasting else ""
    return (
        Cell(named(each.kind), href=link),
        Cell(f"{each.count:,}", href=link),
        Cell(f"{each.lasting:,}", href=lasting),
        Cell(each.amount, href=link) if each.unknown < each.count else None,
        each.unknown,
        each.since,
        each.closed_by,
    )


def _health(each: Health, now: datetime) -> Row:
    gate, quoted = each.gate, quote(each.name, safe="")
    milliseconds = each.recent.p50_milliseconds
    soon = each.days_left is not None and each.days_left < SOON_DAYS
    return (
        Cell(each.name, href=f"/providers/{quoted}"),
        _state(gate, now),
        None if milliseconds is None else f"{milliseconds:,} ms",
        Cell(f"{each.recent.attempts:,}", href=f"/orders?provider={quoted}"),
        Cell(each.refused_percent, share=True),
        Cell(each.uncertain_percent, share=True),
        Cell(gate.balance, href=subjects.books_of(each.name)),
        gate.balance_currency or each.currency,
        Cell(_lasts(each.days_left), tone="doubt" if soon else "", mark="soon" if soon else ""),
        Cell(each.unexplained, href=subjects.books_of(each.name)),
    )


def _state(gate: Gate, now: datetime) -> Cell:
    """What keeps orders from him, the worst of it."""
    if gate.stopped:
        return Cell(gate.stopped, tone="loss", mark="stopped")
    if gate.breaker_until is not None:
        mark = "breaker open" if gate.breaker_until > now else "breaker tries one"
        return Cell(gate.breaker_reason or None, tone="loss", mark=mark)
    if gate.paused_until is not None and gate.paused_until > now:
        return Cell(gate.pause_reason or None, tone="ended", mark="paused")
    if gate.sync_error:
        return Cell(gate.sync_error, tone="doubt", mark="list not read")
    if gate.synced_at is None:
        return Cell(None, tone="doubt", mark="not read yet")
    return Cell(None, tone="settled", mark="ok")


def _lasts(days: Decimal | None) -> str | None:
    if days is None:
        return None
    if days < SOON_DAYS:
        return f"{int(EXACT.multiply(days, HOURS_A_DAY))} h"
    return f"{int(days):,} d"


def _trade_columns(currency: str) -> Sequence[Column]:
    return (
        Column("confirmed", right=True),
        Column("charge", right=True, unit=currency),
        Column("refunds", right=True),
        Column("cost", right=True),
        Column("losses", right=True),
        Column("margin", right=True),
        Column("of it", right=True),
    )


def _trade(trade: Trade, *, taken: str = "", cost: str = "") -> Row:
    lost = trade.margin < 0
    return (
        Cell(f"{trade.confirmed:,}", href=taken),
        trade.charge,
        trade.refunds,
        Cell(trade.cost, href=cost),
        trade.losses,
        Cell(trade.margin, tone="loss" if lost else "", mark="loss" if lost else ""),
        Cell(trade.margin_percent, share=True),
    )


def _grid(
    visit: Visit, name: str, columns: Sequence[Column], rows: Sequence[Row], empty: str
) -> Grid:
    return Grid(name, columns, rows, visit.query, "/", empty=empty, exports=False)
