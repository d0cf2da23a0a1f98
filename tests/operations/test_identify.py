"""Who calls is known by a key, and by nothing else."""

from decimal import Decimal

from gateway.domain.operators import Actor
from gateway.operations.add_customer import add_customer
from gateway.operations.identify import identify
from gateway.operations.new_key import KeyWanted, new_key
from gateway.storage.keys import new_key as random_key
from tests.operations.shop import Shop


async def test_a_key_that_is_none_of_ours_is_nobodys(shop: Shop) -> None:
    for key in ("", "gw_", "x" * 1_000, random_key(), "gw_" + "0" * 48, "gw_é\x00"):
        assert await identify(shop.backends, key) is None


async def test_a_new_key_beside_the_old_or_in_its_place(shop: Shop) -> None:
    first = (await add_customer(shop.backends, "ann", paid_in=Decimal(0), actor=Actor("test"))).key
    second = await new_key(shop.backends, "ann", actor=Actor("test"))
    assert second is not None
    assert await identify(shop.backends, first)
    third = await new_key(shop.backends, "ann", KeyWanted(revoke=True), actor=Actor("test"))
    assert third is not None
    callers = [await identify(shop.backends, key) for key in (first, second, third)]
    assert [caller is not None for caller in callers] == [False, False, True]
    assert await new_key(shop.backends, "nobody", actor=Actor("test")) is None


async def test_expired_and_disabled_keys_are_nobodys(shop: Shop) -> None:
    made = await add_customer(shop.backends, "ann", paid_in=Decimal(0), actor=Actor("test"))
    await shop.execute("UPDATE customer_keys SET expires_at = now() - interval '1 s'")
    assert await identify(shop.backends, made.key) is None
    await shop.execute("UPDATE customer_keys SET expires_at = now() + interval '1 day'")
    assert await identify(shop.backends, made.key)
    await shop.execute("UPDATE customers SET enabled = false")
    assert await identify(shop.backends, made.key) is None


async def test_another_key_is_spoken_to_as_the_one_before_it(shop: Shop) -> None:
    made = await add_customer(
        shop.backends, "kim", dialect="keralasmm", paid_in=Decimal(0), actor=Actor("test")
    )
    assert made.key
    for dialect, spoken in ((None, "keralasmm"), ("smmia", "smmia"), (None, "smmia")):
        key = await new_key(shop.backends, "kim", KeyWanted(dialect=dialect), actor=Actor("test"))
        caller = await identify(shop.backends, key or "")
        assert caller is not None
        assert caller.dialect == spoken
