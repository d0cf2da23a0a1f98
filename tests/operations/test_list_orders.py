"""Orders as operators see them, in pages."""

from gateway.operations.list_orders import PAGE, list_orders
from tests.operations.shop import COST, Shop


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
