"""Rates that jump wait for an operator; the last good one stays, and nothing is sold at a loss."""

from decimal import Decimal
from typing import Any

import pytest

from gateway.domain.operators import Actor
from gateway.operations.agree import agree
from gateway.operations.providers import providers
from tests.operations.shop import COST, Shop

STANDING = """SELECT state, rate, rate_waiting, note FROM offers
 WHERE provider = 'acme' AND offer = '101'"""


async def rate(shop: Shop, now: str) -> Any:
    """The offer of service 1 after its rate became this: state, rate, the waiting one, why."""
    shop.acme.change(services={"101": {"rate": now}})
    assert await shop.sync() == ""
    return (await shop.rows(STANDING))[0]


async def test_what_rises_at_once_is_not_sold_before_somebody_agrees(shop: Shop) -> None:
    queued = await shop.order()
    jumped = ("quarantined", COST, Decimal("1.17"), "rate was 0.90, is 1.17")
    assert await rate(shop, "1.17") == jumped
    assert (await shop.story(await shop.order())).order.provider == "beta"
    # nor does what was accepted before go there
    await shop.send()
    assert (await shop.story(queued)).order.provider == "beta"
    (_, state) = (await providers(shop.backends))["acme"]
    assert state is not None
    assert (state.quarantined, state.waiting) == (1, "101: rate was 0.90, is 1.17")
    version = shop.backends.shelf.stock.version
    assert await rate(shop, "1.17") == jumped
    assert shop.backends.shelf.stock.version == version
    assert await agree(shop.backends, "acme", ["101"], actor=Actor("test")) == ["101"]
    assert await rate(shop, "1.17") == ("listed", Decimal("1.17"), None, "")
    order = await shop.order()
    story = await shop.story(order)
    assert (story.order.provider, story.order.standing.charge) == ("acme", Decimal("1.755"))


async def test_what_falls_at_once_is_sold_at_the_last_good_rate(shop: Shop) -> None:
    assert await rate(shop, "0.45") == (
        "listed",
        COST,
        Decimal("0.45"),
        "rate was 0.90, is 0.45",
    )
    order = await shop.order()
    story = await shop.story(order)
    assert (story.order.provider, story.order.standing.charge) == ("acme", Decimal("1.35"))
    assert await agree(shop.backends, "acme", ["101"], actor=Actor("test")) == ["101"]
    assert (await shop.rows(STANDING))[0] == ("listed", Decimal("0.45"), None, "")
    assert (await shop.story(await shop.order())).order.standing.charge == Decimal("0.675")


@pytest.mark.parametrize("now", ["1.169999", "0.450001", "0.90"])
async def test_what_moves_a_little_or_comes_back_needs_nobody(shop: Shop, now: str) -> None:
    assert await rate(shop, now) == ("listed", Decimal(now), None, "")
    for jump in ("9.00", "0.01"):
        assert (await rate(shop, jump))[1:3] == (Decimal(now), Decimal(jump))
        assert await rate(shop, now) == ("listed", Decimal(now), None, "")


async def test_another_thing_at_another_rate_stays_another_thing(shop: Shop) -> None:
    shop.acme.change(services={"101": {"rate": "9.00", "name": "Something else"}})
    await shop.sync()
    found = (await shop.rows(STANDING))[0]
    assert found[:3] == ("quarantined", 9, None)
    assert (await rate(shop, "9.00"))[:3] == ("quarantined", 9, None)
    assert (await rate(shop, "0.90"))[:3] == ("quarantined", COST, None)


async def test_what_vanished_at_one_rate_does_not_come_back_at_another(shop: Shop) -> None:
    full = shop.acme.offered("101")
    assert full is not None
    shop.acme.offer([], gone=["101"])
    await shop.sync()
    shop.acme.offer([full])
    assert (await rate(shop, "2.00"))[:3] == ("quarantined", COST, 2)
