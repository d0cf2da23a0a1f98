"""The books as a whole: proven, held against the providers, and shown to operators."""

from decimal import Decimal

from gateway.operations.fold import fold
from gateway.operations.list_orders import PAGE, list_orders
from gateway.operations.reconcile import reconcile
from gateway.operations.show_order import show_order
from gateway.operations.verify import verify
from gateway.storage import leases
from gateway.storage.invariants import INVARIANTS
from tests.operations.shop import COST, RATE, Shop


async def test_verify_names_every_invariant_and_counts_its_rows(shop: Shop) -> None:
    await shop.active()
    assert await verify(shop.backends) == dict.fromkeys(INVARIANTS, 0)
    await shop.execute("UPDATE orders SET cost_booked = cost_booked + 0.000000000001")
    found = await verify(shop.backends)
    assert {name: rows for name, rows in found.items() if rows} == {"cost as booked": 1}
    await shop.execute("UPDATE orders SET cost_booked = cost_booked - 0.000000000001")


async def test_reconciling_shows_what_was_booked_and_what_is_said(shop: Shop) -> None:
    await shop.active()
    kept = await shop.active()
    await shop.order(marks="?fault=reset_after")
    await shop.send()
    await shop.see(kept, status="Partial", charge="0.9", remains=500)
    await shop.sync()
    found = await reconcile(shop.backends)
    acme, beta = found.providers
    assert (acme.provider, acme.currency, acme.booked) == ("acme", "USD", 2 * COST)
    # the third was taken and charged there, and nobody here knows it yet
    assert acme.balance == 1_000_000 - 3 * COST
    assert (acme.unconfirmed, acme.unconfirmed_cost) == (1, COST)
    assert (beta.booked, beta.balance, beta.unconfirmed) == (0, 1_000_000, 0)
    (owed,) = found.discrepancies
    assert (owed.kind, owed.order, owed.expected, owed.seen) == (
        "D4",
        kept,
        Decimal("0.45"),
        Decimal("0.9"),
    )
    assert found.open_amount == Decimal("0.45")


async def test_folding_is_done_by_one_at_a_time_and_changes_nothing(shop: Shop) -> None:
    await shop.active()
    query = "SELECT kind, amount FROM house_balances ORDER BY 1, 2"
    before = await shop.rows(query)
    assert ("revenue", -RATE) in before
    async with shop.backends.database.transaction() as connection:
        assert await leases.leads(connection, leases.FOLD)
        assert not await fold(shop.backends)
    assert await fold(shop.backends)
    assert await fold(shop.backends)
    assert await shop.rows(query) == before
    assert await shop.rows("SELECT count(*) FROM folds WHERE amount <> 0") == [(4,)]


async def test_orders_are_listed_in_pages(shop: Shop) -> None:
    first = await shop.active()
    await shop.execute(
        "INSERT INTO orders (customer_id, service_id, kind, link, quantity, quantity_total, "
        "charged_quantity, currency, charge, rate, margin_min_percent, revision_id, priced, "
        "offers, provider, offer, cost, cost_currency, conversion) "
        "SELECT customer_id, service_id, kind, link, quantity, quantity_total, charged_quantity, "
        "currency, charge, rate, margin_min_percent, revision_id, priced, offers, provider, "
        "offer, cost, cost_currency, conversion FROM orders, generate_series(1, 1005)"
    )
    found = [order.standing.id async for order in list_orders(shop.backends)]
    assert found == sorted(set(found))
    assert len(found) == 1_006 > PAGE
    active = [order async for order in list_orders(shop.backends, state="active")]
    assert [order.standing.id for order in active] == [first]
    assert (active[0].customer, active[0].cost) == ("bob", COST)
    assert [order async for order in list_orders(shop.backends, customer="ann")] == []
    await shop.execute("DELETE FROM orders WHERE state = 'queued'")
    assert await show_order(shop.backends, first + 1) is None


async def test_a_story_tells_everything(shop: Shop) -> None:
    order = await shop.active()
    await shop.see(order, status="Canceled", charge="0")
    story = await shop.story(order)
    assert [(event["from_state"], event["to_state"]) for event in story.events] == [
        (None, "queued"),
        ("queued", "sending"),
        ("sending", "active"),
        ("active", "canceled"),
    ]
    (attempt,) = story.attempts
    assert attempt["raw"].startswith('{"order":')
    assert attempt["took_milliseconds"] >= 0
    assert [row["kind"] for row in story.transfers] == [
        "hold",
        "capture",
        "cost",
        "refund",
        "cost",
    ]
