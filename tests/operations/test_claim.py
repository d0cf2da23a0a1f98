"""Which queued orders are taken: lanes, and few at a time while any is in doubt."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import text

from gateway.operations.claim import claim
from gateway.storage import claims
from gateway.storage.claims import Start
from gateway.storage.database import Connection
from tests.operations.shop import Shop

LOST = "?fault=reset_after"


async def lost(shop: Shop, quantity: int = 1_000) -> int:
    order = await shop.order(quantity, LOST)
    await shop.send()
    assert await shop.state(order) == "unconfirmed"
    return order


async def test_likes_of_one_in_doubt_wait_and_others_pass_them(shop: Shop) -> None:
    await lost(shop)
    likes = [await shop.order() for _ in range(3)]
    other = await shop.order(2_000)
    (departure,) = await claim(shop.backends, "acme", 1, 1)
    assert departure.key.order == other
    assert [await shop.state(each) for each in likes] == ["queued"] * 3
    waits = "SELECT next_at > now() + '5 s' FROM orders WHERE state = 'queued'"
    assert await shop.rows(waits) == [(True,)] * 3


async def test_likes_pass_once_it_cannot_be_executed_any_more(shop: Shop) -> None:
    await lost(shop)
    like = await shop.order()
    assert await claim(shop.backends, "acme", 1, 8) == []
    await shop.execute("UPDATE attempts SET started_at = started_at - interval '21 minutes'")
    await shop.execute("UPDATE orders SET next_at = now() WHERE state = 'queued'")
    (departure,) = await claim(shop.backends, "acme", 1, 8)
    assert departure.key.order == like


async def test_likes_pass_once_it_is_resolved(shop: Shop) -> None:
    order = await lost(shop)
    await shop.order()
    assert await claim(shop.backends, "acme", 1, 8) == []
    await shop.execute("UPDATE attempts SET outcome = 'accepted', provider_order = '7'")
    await shop.execute("UPDATE orders SET next_at = now() WHERE state = 'queued'")
    assert len(await claim(shop.backends, "acme", 1, 8)) == 1
    await shop.execute(
        f"UPDATE attempts SET outcome = 'uncertain', provider_order = NULL WHERE order_id = {order}"  # noqa: S608  ours
    )


async def test_few_are_under_way_while_any_is_in_doubt(shop: Shop) -> None:
    await lost(shop)
    for quantity in range(2_000, 2_010):
        await shop.order(quantity)
    assert len(await claim(shop.backends, "acme", 1, 8)) == 4
    assert await claim(shop.backends, "acme", 1, 8) == []


async def test_of_likes_one_at_a_time_is_sent_while_any_is_in_doubt(shop: Shop) -> None:
    await lost(shop)
    for _ in range(3):
        await shop.order(2_000)
    assert len(await claim(shop.backends, "acme", 1, 8)) == 1
    assert len(await claim(shop.backends, "acme", 1, 8)) == 0


async def test_another_providers_doubts_are_his_own(shop: Shop) -> None:
    await lost(shop)
    order = await shop.order()
    await shop.execute(
        f"UPDATE orders SET offers = '{{beta:101}}', provider = 'beta' WHERE id = {order}"  # noqa: S608  ours
    )
    assert len(await claim(shop.backends, "beta", 1, 8)) == 1


async def test_it_is_durable_whatever_the_database_says_of_commits(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, told = claims.start, list[str]()

    async def careless(connection: Connection, starts: Sequence[Start], worker: int) -> Any:
        await connection.execute(text("SET LOCAL synchronous_commit = off"))
        begun = await start(connection, starts, worker)
        if begun:
            told.append((await connection.execute(text("SHOW synchronous_commit"))).scalar_one())
        return begun

    monkeypatch.setattr(claims, "start", careless)
    await shop.order()
    assert len(await claim(shop.backends, "acme", 1, 8)) == 1
    assert told == ["on"]
