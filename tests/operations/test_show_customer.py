"""One customer: his keys, his group, his account in sums."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from gateway.domain.operators import Actor
from gateway.operations.adjust import Wanted, adjust
from gateway.operations.change_customer import Change, change_customer
from gateway.operations.change_dialect import change_dialect
from gateway.operations.identify import identify
from gateway.operations.new_key import KeyWanted, Stale, new_key
from gateway.operations.revoke_keys import revoke_keys
from gateway.operations.show_customer import show_customer
from tests.operations.shop import RATE, Shop

ANN = Actor("ann", "192.0.2.7")


async def test_his_account_in_sums(shop: Shop) -> None:
    order = await shop.active()
    await shop.see(order, status="Partial", remains="400")
    await shop.order()
    await adjust(shop.backends, Wanted(1, Decimal("1.5"), "sorry", "a"), actor=ANN)
    facts = await show_customer(shop.backends, 1)
    assert facts is not None
    sums, customer = facts.sums, facts.customer
    assert (sums.paid_in, sums.adjusted, sums.used) == (100, Decimal("1.5"), RATE * 6 / 10)
    assert sums.paid_in + sums.adjusted - sums.used == customer.available + customer.held
    assert [each.amount for each in facts.adjustments] == [Decimal("1.5")]
    assert await show_customer(shop.backends, 99) is None


async def test_keys_are_shown_without_themselves_and_end_one_by_one(shop: Shop) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    first = await new_key(shop.backends, 1, KeyWanted("smmia", soon, reason="new"), actor=ANN) or ""
    second = await new_key(shop.backends, 1, actor=ANN) or ""
    facts = await show_customer(shop.backends, 1)
    assert facts is not None
    assert [(each.hint, each.dialect, each.expires_at, each.live) for each in facts.keys[:2]] == [
        (second[-4:], "smmia", None, True),
        (first[-4:], "smmia", soon, True),
    ]
    assert first not in str(facts)
    newest = facts.keys[0].id
    spoken = await change_dialect(shop.backends, (1, newest), "standard", actor=ANN)
    assert spoken is not None
    assert spoken.dialect == "standard"
    with pytest.raises(ValueError, match="unknown dialect"):
        await change_dialect(shop.backends, (1, newest), "klingon", actor=ANN)
    eve = await shop.customer("eve")
    assert await change_dialect(shop.backends, (eve.customer, newest), "smmia", actor=ANN) is None
    not_hers = await revoke_keys(shop.backends, eve.customer, newest, actor=ANN, reason="why")
    assert not_hers == []
    ended = await revoke_keys(shop.backends, 1, newest, actor=ANN, reason="lost")
    assert ended == [second[-4:]]
    assert await identify(shop.backends, second) is None
    assert await identify(shop.backends, first)
    assert len(await revoke_keys(shop.backends, 1, actor=ANN, reason="all of them")) == 2
    assert await identify(shop.backends, first) is None
    deeds = await shop.rows("SELECT what, actor, address, reason FROM deeds WHERE actor = 'ann'")
    assert ("revoke keys", "ann", "192.0.2.7", "lost") in deeds
    assert ("add key", "ann", "192.0.2.7", "new") in deeds


async def test_a_group_and_a_door_that_is_shut(shop: Shop) -> None:
    key = await new_key(shop.backends, 1, actor=ANN) or ""
    changed = await change_customer(shop.backends, 1, Change(group=" gold "), actor=ANN, reason="x")
    assert changed is not None
    assert (changed.group, changed.enabled) == ("gold", True)
    await change_customer(shop.backends, 1, Change(enabled=False), actor=ANN, reason="owes us")
    await change_customer(shop.backends, 1, Change(enabled=False), actor=ANN, reason="again")
    assert await identify(shop.backends, key) is None
    told = await shop.rows("SELECT before, after, reason FROM deeds WHERE what = 'change customer'")
    assert told == [
        ({"group": "", "enabled": True}, {"group": "gold", "enabled": True}, "x"),
        ({"group": "gold", "enabled": True}, {"group": "gold", "enabled": False}, "owes us"),
    ]
    assert await change_customer(shop.backends, 99, Change(), actor=ANN, reason="x") is None
    with pytest.raises(ValueError, match="a group"):
        await change_customer(shop.backends, 1, Change(group="a\nb"), actor=ANN, reason="x")


async def test_what_was_seen_otherwise_is_left_as_it_is(shop: Shop) -> None:
    facts = await show_customer(shop.backends, 1)
    assert facts is not None
    await shop.customer("eve")
    wanted = KeyWanted(newest=facts.keys[0].id)
    assert await new_key(shop.backends, 1, wanted, actor=ANN)
    with pytest.raises(Stale):
        await new_key(shop.backends, 1, wanted, actor=ANN)
    seen = Change(group="gold", seen=("", True))
    assert await change_customer(shop.backends, 1, seen, actor=ANN, reason="good")
    with pytest.raises(Stale, match="bob"):
        await change_customer(shop.backends, 1, seen, actor=ANN, reason="good")
    assert await shop.rows("SELECT count(*) FROM customer_keys WHERE customer_id = 1") == [(2,)]
