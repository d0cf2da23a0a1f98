"""With several customers, a key is one's alone."""

from decimal import Decimal

from gateway.domain.operators import Actor
from gateway.operations.add_customer import add_customer
from gateway.operations.identify import identify
from gateway.operations.list_customers import list_customers
from gateway.operations.new_key import KeyWanted, new_key
from tests.operations.shop import Shop


async def test_every_key_is_its_own_customers(shop: Shop) -> None:
    ann = await add_customer(
        shop.backends, "ann", group="resellers", paid_in=Decimal(0), actor=Actor("test")
    )
    eve = await add_customer(shop.backends, "eve", paid_in=Decimal(0), actor=Actor("test"))
    beside = (
        await new_key(shop.backends, "eve", KeyWanted(dialect="smmlite"), actor=Actor("test")) or ""
    )
    found = [await identify(shop.backends, key) for key in (eve.key, ann.key, beside)]
    assert [(each.customer, each.name, each.group, each.dialect) for each in found if each] == [
        (eve.customer, "eve", "", "standard"),
        (ann.customer, "ann", "resellers", "standard"),
        (eve.customer, "eve", "", "smmlite"),
    ]


async def test_what_is_done_to_ones_keys_leaves_the_others(shop: Shop) -> None:
    ann = await add_customer(shop.backends, "ann", paid_in=Decimal(0), actor=Actor("test"))
    eve = await add_customer(shop.backends, "eve", paid_in=Decimal(0), actor=Actor("test"))
    fresh = await new_key(shop.backends, "ann", KeyWanted(revoke=True), actor=Actor("test")) or ""
    assert await identify(shop.backends, ann.key) is None
    assert await identify(shop.backends, eve.key)
    await shop.execute("UPDATE customers SET enabled = false WHERE name = 'ann'")
    assert await identify(shop.backends, fresh) is None
    still = await identify(shop.backends, eve.key)
    assert still is not None
    assert still.name == "eve"
    assert [each.enabled for each in await list_customers(shop.backends)] == [True, False, True]
