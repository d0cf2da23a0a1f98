"""The overview: the trade, the open orders, the providers, and what needs somebody."""

from datetime import UTC, datetime
from decimal import Decimal

from gateway.domain.operators import Actor
from gateway.operations.fund import fund
from gateway.operations.needs import Kind, needs
from gateway.operations.open_orders import open_orders
from gateway.operations.overview import Window, overview
from gateway.operations.provider_health import provider_health
from gateway.operations.provider_movements import Place, provider_movements
from gateway.operations.provider_statement import provider_statement
from gateway.operations.take_census import take_census
from gateway.operations.tally import tally
from tests.operations.shop import COST, RATE, Shop


async def test_the_trade_of_a_window_with_its_parts(shop: Shop) -> None:
    await shop.active()
    await shop.see(await shop.active(service=2), status="Canceled", charge="0", remains=1000)
    await shop.order()
    await tally(shop.backends)
    for window, steps in ((Window.DAY, 24), (Window.WEEK, 7), (Window.MONTH, 30)):
        told = await overview(shop.backends, window)
        total = told.total
        assert (len(told.steps), told.steps[-1][1], told.currency) == (steps, total, "USD")
        assert (total.orders, total.confirmed) == (3, 2)
        assert total.charge - total.refunds == RATE
        assert total.refunds > 0
        assert (total.cost, total.margin) == (COST, RATE - COST)
        assert [name for name, _ in told.providers] == ["acme"]
        assert [(name, each.orders) for name, each in told.categories] == [
            ("Followers", 2),
            ("Likes", 1),
        ]


async def test_where_orders_stand_and_what_needs_somebody(shop: Shop) -> None:
    await shop.active()
    doubted = await shop.order(marks="?fault=reset_after")
    await shop.send()
    await shop.execute("UPDATE provider_states SET sync_error = 'gone' WHERE provider = 'beta'")
    await shop.order()
    await shop.execute("UPDATE orders SET created_at = created_at - interval '6 minutes'")
    assert await take_census(shop.backends)
    orders = await open_orders(shop.backends)
    assert (orders.queued, orders.active, orders.late, orders.held) == (1, 1, 1, 2 * RATE)
    ((state, held),) = [(each.state, each.held) for each in orders.doubtful]
    assert (state, held) == ("unconfirmed", RATE)
    await tally(shop.backends)
    acme, beta = health = await provider_health(shop.backends)
    assert (acme.recent.accepted, acme.recent.uncertain, acme.recent.attempts) == (1, 1, 2)
    assert acme.recent.p50_milliseconds is not None
    assert (acme.uncertain_percent, acme.spent_day, acme.spent_week) == (50, COST, COST)
    assert acme.days_left is not None
    assert (beta.recent.attempts, beta.days_left) == (0, None)
    found = await needs(shop.backends, orders=orders, providers=health)
    assert [(need.kind, need.amount) for need in found] == [
        (Kind.UNCONFIRMED, RATE),
        (Kind.SYNC, None),
        (Kind.LATE, None),
    ]
    await shop.decide(doubted, alone=True)


async def test_a_providers_account_by_the_day_and_by_the_transfer(shop: Shop) -> None:
    actor = Actor("ann")
    await fund(shop.backends, "acme", Decimal(1_000_000), actor=actor, reference="opening")
    order = await shop.active()
    await shop.see(order, status="Partial", charge="0.45", remains=500)
    await shop.sync()
    await tally(shop.backends)
    today = datetime.now(UTC).date()
    told = await provider_statement(shop.backends, "acme", today, today)
    assert told is not None
    (day,) = told
    assert (day.opening, day.funds, day.costs) == (0, 1_000_000, -COST)
    assert (day.corrections, day.closing) == (Decimal("0.45"), Decimal("999999.55"))
    assert day.told is not None
    assert (day.told.balance, day.told.unexplained) == (Decimal("999999.1"), Decimal("0.45"))
    moved = await provider_movements(shop.backends, "acme", below=Place(day.high), low=day.low)
    assert [(each.order, each.key, each.amount) for each in moved] == [
        (order, "seen:1:cost", Decimal("0.45")),
        (order, "cost", -COST),
        (None, "fund:acme:opening", Decimal(1_000_000)),
    ]
    rest = await provider_movements(shop.backends, "acme", below=moved[0].place, limit=1)
    assert rest == moved[1:2]
    assert await provider_statement(shop.backends, "gone", today, today) is None
    assert await provider_movements(shop.backends, "gone") == ()
