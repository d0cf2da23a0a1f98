"""Customers: made at once or not at all, known by their keys, paid in once."""

from decimal import Decimal

import pytest
from sqlalchemy.exc import DBAPIError

from gateway.operations.add_customer import add_customer
from gateway.operations.balance import balance
from gateway.operations.identify import identify
from gateway.operations.list_customers import list_customers
from gateway.operations.new_key import new_key
from gateway.operations.statement import statement
from gateway.operations.top_up import top_up
from gateway.storage.customers import NameTaken
from gateway.storage.keys import new_key as random_key
from gateway.storage.ledger import BookedAlready
from tests.operations.shop import RATE, Shop


async def test_a_new_customer_has_a_key_and_what_he_paid_in(shop: Shop) -> None:
    made = await add_customer(shop.backends, "ann", group="resellers", paid_in=Decimal("0.5"))
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
        await add_customer(shop.backends, "bob", paid_in=Decimal(5))
    (bob,) = await list_customers(shop.backends)
    assert (bob.name, bob.available, bob.held, bob.orders) == ("bob", 100, 0, 0)


async def test_the_list_shows_what_is_held(shop: Shop) -> None:
    await shop.order()
    await shop.customer("ann")
    bob, ann = await list_customers(shop.backends)
    assert (bob.available, bob.held, bob.orders) == (100 - RATE, RATE, 1)
    assert (ann.available, ann.held, ann.orders) == (0, 0, 0)


async def test_a_key_that_is_none_of_ours_is_nobodys(shop: Shop) -> None:
    for key in ("", "gw_", "x" * 1_000, random_key(), "gw_" + "0" * 48, "gw_é\x00"):
        assert await identify(shop.backends, key) is None


async def test_a_new_key_beside_the_old_or_in_its_place(shop: Shop) -> None:
    first = (await add_customer(shop.backends, "ann", paid_in=Decimal(0))).key
    second = await new_key(shop.backends, "ann")
    assert second is not None
    assert await identify(shop.backends, first)
    third = await new_key(shop.backends, "ann", revoke=True)
    assert third is not None
    callers = [await identify(shop.backends, key) for key in (first, second, third)]
    assert [caller is not None for caller in callers] == [False, False, True]
    assert await new_key(shop.backends, "nobody") is None


async def test_expired_and_disabled_keys_are_nobodys(shop: Shop) -> None:
    made = await add_customer(shop.backends, "ann", paid_in=Decimal(0))
    await shop.execute("UPDATE customer_keys SET expires_at = now() - interval '1 s'")
    assert await identify(shop.backends, made.key) is None
    await shop.execute("UPDATE customer_keys SET expires_at = now() + interval '1 day'")
    assert await identify(shop.backends, made.key)
    await shop.execute("UPDATE customers SET enabled = false")
    assert await identify(shop.backends, made.key) is None


async def test_a_payment_is_booked_once(shop: Shop) -> None:
    found = await top_up(shop.backends, "bob", Decimal("0.000000000001"), reference="wire 7")
    assert found is not None
    assert found.available == Decimal("100.000000000001")
    with pytest.raises(BookedAlready):
        await top_up(shop.backends, "bob", Decimal(5), reference="wire 7")
    assert await top_up(shop.backends, "nobody", Decimal(5), reference="wire 8") is None
    lines = await statement(shop.backends, "bob")
    assert lines is not None
    assert [line.amount for line in lines] == [100, Decimal("0.000000000001")]
    assert lines[-1].balance == found.available


@pytest.mark.parametrize("amount", ["0", "-5", "NaN", "1e26"])
async def test_an_amount_that_is_none_is_not_booked(shop: Shop, amount: str) -> None:
    with pytest.raises(DBAPIError):
        await top_up(shop.backends, "bob", Decimal(amount), reference="x")
    assert await shop.funds() == (100, 0)
