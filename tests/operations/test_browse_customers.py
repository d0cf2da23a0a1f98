"""Looking for customers: filters, orders, pages, files."""

from decimal import Decimal

from sqlalchemy import text

from gateway.operations.browse_customers import CustomersAsked, Sort, browse_customers
from gateway.operations.export_customers import export_customers
from tests.operations.shop import Shop

MANY = """
WITH made AS (
  INSERT INTO customers (name, group_name, currency, enabled, created_at)
  SELECT 'Reseller ' || n || CASE n WHEN 7 THEN ' 100%_\\' ELSE '' END,
         CASE n % 3 WHEN 0 THEN 'gold' ELSE '' END, 'USD', n % 2 = 0, now() - n * interval '1 day'
    FROM generate_series(1, 1100) n RETURNING id),
  opened AS (
  INSERT INTO accounts (kind, currency, customer_id)
  SELECT kind, 'USD', id FROM made, unnest(ARRAY['available', 'held']) AS kind
  RETURNING id, kind, customer_id)
INSERT INTO balances (customer_id, currency, available_id, held_id, available)
SELECT a.customer_id, 'USD', a.id, h.id, 0 FROM opened a JOIN opened h USING (customer_id)
 WHERE (a.kind, h.kind) = ('available', 'held')"""


async def names(shop: Shop, asked: CustomersAsked) -> tuple[list[str], int]:
    page = await browse_customers(shop.backends, asked)
    return [each.name for each in page.customers], page.found


async def test_customers_are_found_by_what_is_asked_and_in_the_order_asked(shop: Shop) -> None:
    async with shop.backends.database.transaction() as connection:
        await connection.execute(text(MANY))
    assert await names(shop, CustomersAsked(text="100%_\\")) == (["Reseller 7 100%_\\"], 1)
    assert (await names(shop, CustomersAsked(text="RESELLER 110")))[0] == [
        "Reseller 110",
        "Reseller 1100",
    ]
    assert (await names(shop, CustomersAsked(group="gold", enabled=True)))[1] == 183
    assert await names(shop, CustomersAsked(available_min=Decimal(1))) == (["bob"], 1)
    assert (await names(shop, CustomersAsked(available_below=Decimal(100))))[1] == 1100
    assert (await names(shop, CustomersAsked(sort=Sort.NEWEST, limit=2)))[0] == [
        "bob",
        "Reseller 1",
    ]
    richest = CustomersAsked(sort=Sort.AVAILABLE, reverse=True, limit=1)
    assert await names(shop, richest) == (["bob"], 1101)
    last = CustomersAsked(sort=Sort.ID, limit=50, offset=1100)
    assert await names(shop, last) == (["Reseller 1100"], 1101)
    page = await browse_customers(shop.backends, CustomersAsked())
    assert page.groups == ["", "gold"]
    exported = [each.id async for each in export_customers(shop.backends, CustomersAsked())]
    assert exported == sorted(set(exported))
    assert len(exported) == 1101
