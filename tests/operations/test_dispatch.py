"""Sending: every outcome of an attempt, and what follows from it (money.md 2 and 3)."""

import asyncio
import socket
from decimal import Decimal

import pytest

from gateway.domain.operators import Actor
from gateway.operations.agree import agree
from gateway.operations.claim import claim
from gateway.operations.dispatch import send, settle
from gateway.operations.stray_providers import stray_providers
from tests.operations.parrot import KEY
from tests.operations.shop import COST, RATE, Shop, outcomes, table, until

UNTOUCHED = (Decimal(100), Decimal(0))
HELD = (100 - RATE, RATE)


def closed_port() -> int:
    """A port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


async def due(shop: Shop) -> None:
    await shop.execute("UPDATE orders SET next_at = now()")


async def test_an_accepted_order_is_captured_and_its_cost_booked(shop: Shop) -> None:
    order = await shop.order()
    assert await shop.funds() == HELD
    assert outcomes(await shop.send()) == ["accepted"]
    (taken,) = shop.acme.orders
    story = await shop.story(order)
    assert story.order.provider_order == str(taken.id)
    assert [each["to_state"] for each in story.events] == ["queued", "sending", "active"]
    assert await shop.booked(order) == [
        ("hold", "available", "held", RATE),
        ("settle", "held", "revenue", RATE),
        ("cost", "cost", "prepaid:acme", COST),
    ]
    assert await shop.funds() == (100 - RATE, 0)


async def test_the_attempt_is_on_record_before_the_first_byte(shop: Shop) -> None:
    order = await shop.order(marks="?fault=slow")
    (departure,) = await claim(shop.backends, "acme", 7, 10)
    assert (await shop.attempt(order))["outcome"] == "open"
    call = asyncio.create_task(send(shop.backends, departure))
    await until(lambda: shop.acme.requests["add"] == 1)
    assert not shop.acme.links
    assert await shop.state(order) == "sending"
    assert await shop.rows("SELECT order_id, worker_id FROM attempts") == [(order, 7)]
    await settle(shop.backends, [await call])
    assert await shop.state(order) == "active"


async def test_settling_again_does_nothing(shop: Shop) -> None:
    await shop.order()
    await shop.order(marks="?fault=refuse")
    await shop.order(marks="?fault=reset_after")
    returned = await shop.send()
    before = [await shop.story(order) for order in (1, 2, 3)]
    assert await settle(shop.backends, returned) == set()
    after = [await shop.story(order) for order in (1, 2, 3)]
    assert [each.events for each in after] == [each.events for each in before]
    assert [each.transfers for each in after] == [each.transfers for each in before]
    assert [each.order.standing.state for each in after] == ["active", "failed", "unconfirmed"]


async def test_a_final_refusal_fails_and_releases(shop: Shop) -> None:
    order = await shop.order(marks="?fault=refuse")
    assert outcomes(await shop.send()) == ["refused"]
    assert await shop.state(order) == "failed"
    assert (await shop.attempt(order))["code"] == "bad_link"
    assert await shop.funds() == UNTOUCHED
    assert await shop.send("beta") == []


async def test_a_sentence_never_seen_ends_the_order(shop: Shop) -> None:
    order = await shop.order()
    shop.acme.adds = ['{"error": "Mercury is retrograde \u202e\\u0000"}'.encode()]
    await shop.send()
    attempt = await shop.attempt(order)
    assert (attempt["outcome"], attempt["code"]) == ("refused", "unseen")
    assert attempt["reason"] == "Mercury is retrograde"
    assert await shop.state(order) == "failed"
    assert await shop.funds() == UNTOUCHED


async def test_a_wrong_offer_leads_to_the_next_one_and_to_a_sync(shop: Shop) -> None:
    order = await shop.order()
    shop.acme.change(services={"101": None})
    (departure,) = await claim(shop.backends, "acme", 1, 10)
    assert await settle(shop.backends, [await send(shop.backends, departure)]) == {"acme"}
    assert await shop.state(order) == "queued"
    assert await shop.funds() == HELD
    await shop.send("beta")
    story = await shop.story(order)
    assert [(each["offer"], each["outcome"]) for each in story.attempts] == [
        ("101", "refused"),
        ("101", "accepted"),
    ]
    assert story.order.provider == "beta"
    assert len(shop.beta.links) == 1


async def test_without_funds_there_the_provider_rests(shop: Shop) -> None:
    shop.acme.change(balance="0")
    order, alone = await shop.order(), await shop.order(service=2)
    await shop.send()
    assert (await shop.story(order)).order.provider == "beta"
    later = await shop.order(service=2)
    await due(shop)
    assert await claim(shop.backends, "acme", 1, 10) == []
    shop.acme.change(balance="100")
    await shop.execute("UPDATE provider_states SET paused_until = now()")
    assert outcomes(await shop.send()) == ["accepted", "accepted"]
    assert {await shop.state(alone), await shop.state(later)} == {"active"}


async def test_too_fast_for_the_provider_waits_with_the_same_offer(shop: Shop) -> None:
    order = await shop.order(marks="?fault=rate_limit")
    await shop.send()
    assert await shop.state(order) == "queued"
    assert await shop.rows("SELECT provider, next_at - now() > '50 s', tries FROM orders") == [
        ("acme", True, 1)
    ]


async def test_not_sent_is_tried_again_later_then_elsewhere(shop: Shop) -> None:
    order = await shop.order()
    await shop.reapply({**shop.tables, "acme": table(f"http://127.0.0.1:{closed_port()}/")})
    for tries in (1, 2):
        assert outcomes(await shop.send()) == ["not_sent"]
        waits = f"next_at BETWEEN now() + '{2**tries - 1} s' AND now() + '{2**tries + 1} s'"
        assert await shop.rows(f"SELECT state, tries, {waits} FROM orders") == [  # noqa: S608  ours
            ("queued", tries, True)
        ]
        assert await shop.send() == []
        await due(shop)
    await shop.send()
    attempt = await shop.attempt(order)
    assert (attempt["trace_sent"], attempt["raw"]) == (False, "")
    assert await shop.funds() == HELD
    assert outcomes(await shop.send("beta")) == ["accepted"]
    assert len((await shop.story(order)).attempts) == 4


async def test_not_sent_with_no_other_offer_waits(shop: Shop) -> None:
    order = await shop.order(service=2)
    await shop.reapply({**shop.tables, "acme": table(f"http://127.0.0.1:{closed_port()}/")})
    for _ in range(5):
        assert outcomes(await shop.send()) == ["not_sent"]
        await due(shop)
    assert await shop.state(order) == "queued"
    await shop.reapply(shop.tables)
    assert outcomes(await shop.send()) == ["accepted"]


async def test_a_missing_key_sends_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    order = await shop.order(service=2)
    monkeypatch.delenv("ACME_KEY")
    url = shop.tables["acme"].partition("\n")[0]
    await shop.reapply({**shop.tables, "acme": url + '\ncurrency = "USD"'})
    assert await claim(shop.backends, "acme", 1, 10) == []
    assert await shop.state(order) == "queued"
    monkeypatch.setenv("ACME_KEY", KEY)
    assert outcomes(await shop.send()) == ["accepted"]


async def test_a_liar_is_believed_once(shop: Shop) -> None:
    order = await shop.order()
    shop.acme.change(faults={"liar": 1})
    await shop.send()
    assert (await shop.story(order)).order.provider == "beta"
    await shop.send("beta")
    assert await shop.state(order) == "active"
    assert shop.acme.links == shop.beta.links


async def test_what_got_dearer_goes_to_the_next_offer(shop: Shop) -> None:
    order = await shop.order()
    shop.acme.change(services={"101": {"rate": "1.29"}})
    await shop.sync()
    await agree(shop.backends, "acme", ["101"], actor=Actor("test"))
    assert await shop.send() == []
    assert (await shop.story(order)).order.provider == "beta"
    await shop.send("beta")
    assert (await shop.story(order)).order.cost == COST
    assert shop.acme.links == []


@pytest.mark.parametrize(("rate", "state"), [("1.285714", "active"), ("1.285715", "failed")])
async def test_what_earns_too_little_is_not_sent(shop: Shop, rate: str, state: str) -> None:
    order = await shop.order()
    for panel in shop.panels.values():
        panel.change(services={"101": {"rate": rate}})
    for name in shop.panels:
        await shop.sync(name)
        await agree(shop.backends, name, ["101"], actor=Actor("test"))
    await shop.send()
    assert await shop.state(order) == state
    assert await shop.funds() == (UNTOUCHED if state == "failed" else (100 - RATE, 0))
    assert len(shop.acme.links) == (state == "active")


async def test_orders_of_a_provider_that_left_the_catalog(shop: Shop) -> None:
    movable, stuck = await shop.order(), await shop.order(service=2)
    only_beta = """
[[services]]
id = 1
name = "Followers"
category = "Followers"
offers = ["beta:101"]
"""
    await shop.reapply({"beta": shop.tables["beta"]}, only_beta)
    assert await stray_providers(shop.backends) == ["acme"]
    assert await claim(shop.backends, "acme", 1, 10) == []
    assert await shop.state(stuck) == "failed"
    assert await stray_providers(shop.backends) == []
    await shop.send("beta")
    assert await shop.state(movable) == "active"
    assert shop.acme.links == []


async def test_an_order_queued_for_too_long_is_not_sent(shop: Shop) -> None:
    order = await shop.order()
    await shop.execute("UPDATE orders SET created_at = now() - interval '31 minutes'")
    assert await shop.send() == []
    assert await shop.state(order) == "failed"
    assert await shop.funds() == UNTOUCHED
