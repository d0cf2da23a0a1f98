"""Customers: made at once or not at all."""

from decimal import Decimal

import pytest

from gateway.domain.operators import Actor
from gateway.operations.add_customer import add_customer
from gateway.operations.balance import balance
from gateway.operations.identify import identify
from gateway.operations.list_customers import list_customers
from gateway.storage.customers import NameTaken
from tests.operations.shop import RATE, Shop


async def test_a_new_customer_has_a_key_and_what_he_paid_in(shop: Shop) -> None:
    made = await add_customer(
        shop.backends, "ann", group="resellers", paid_in=Decimal("0.5"), actor=Actor("test")
    )
    caller = await identify(shop.backends, made.key)
    assert caller is not None
    assert (caller.customer, caller.name, caller.group) == (made.customer, "ann", "resellers")
    assert (caller.currency, caller.dialect) == ("USD", "standard")
    assert (await balance(shop.backends, caller)).amount == Decimal("0.5")
    found = await shop.rows("SELECT encode(digest, 'hex'), hint FROM customer_keys")
    assert all(made.key not in digest for digest, _ in found)
    assert found[-1][1] == made.key[-4:]


async def test_a_name_is_given_once(shop: Shop) -> None:
    with pytest.raises(NameTaken):
        await add_customer(shop.backends, "bob", paid_in=Decimal(5), actor=Actor("test"))
    (bob,) = await list_customers(shop.backends)
    assert (bob.name, bob.available, bob.held, bob.orders) == ("bob", 100, 0, 0)


async def test_the_list_shows_what_is_held(shop: Shop) -> None:
    await shop.order()
    await shop.customer("ann")
    bob, ann = await list_customers(shop.backends)
    assert (bob.available, bob.held, bob.orders) == (100 - RATE, RATE, 1)
    assert (ann.available, ann.held, ann.orders) == (0, 0, 0)
