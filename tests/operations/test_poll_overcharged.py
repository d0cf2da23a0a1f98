"""An offer whose provider charges more than agreed is not sold on at a loss."""

from decimal import Decimal

from gateway.dialects.json_text import Json
from gateway.domain.operators import Actor
from gateway.operations import Backends
from gateway.operations.agree import agree
from gateway.operations.providers import providers
from tests.operations.shop import Shop


def charged(amount: str) -> dict[str, Json]:
    """A row of what was delivered whole."""
    return {"status": "Completed", "charge": amount, "remains": 0}


async def standing(shop: Shop) -> tuple[str, str]:
    """How the offer of service 1 stands at acme, and why."""
    found = await shop.rows(
        "SELECT state, note FROM offers WHERE provider = 'acme' AND offer = '101'"
    )
    return found[0]


async def goes_to(shop: Shop) -> str:
    """Who would get the next order."""
    return (await shop.story(await shop.order())).order.provider


async def test_three_orders_in_an_hour_are_enough(shop: Shop, another: Backends) -> None:
    orders = [await shop.active() for _ in range(3)]
    for order in orders[:2]:
        await shop.see(order, **charged("0.91"))
        await shop.see(order, **charged("0.92"))  # the same order again is no other one
    assert await standing(shop) == ("listed", "")
    await shop.see(orders[2], **charged("0.91"))
    note = "charged 0.05 more than agreed for 3 orders in an hour"
    assert await standing(shop) == ("quarantined", note)
    assert [(kind, still) for kind, _, still in await shop.findings()] == [("D2", False)] * 5
    assert await goes_to(shop) == "beta"
    assert await another.shelf.refresh()
    (_, state) = (await providers(shop.backends))["acme"]
    assert state is not None
    assert (state.quarantined, state.waiting) == (1, f"101: {note}")
    # a reading of the list does not sell it again: an operator does
    await shop.sync()
    assert (await standing(shop))[0] == "quarantined"
    assert await agree(shop.backends, "acme", ["101"], actor=Actor("test")) == ["101"]
    assert await standing(shop) == ("listed", "")
    assert await goes_to(shop) == "acme"
    await shop.send()
    # what he has agreed to is not held against the offer again
    (last,) = await shop.rows("SELECT max(id) FROM orders WHERE provider = 'acme'")
    await shop.see(last[0], **charged("0.91"))
    assert (await standing(shop))[0] == "listed"


async def test_so_is_a_loss_that_is_large(shop: Shop) -> None:
    first, second = await shop.active(), await shop.active()
    await shop.see(first, **charged("1.9"))
    assert (await standing(shop))[0] == "listed"
    await shop.see(second, **charged("0.900101"))
    note = "charged 1.000101 more than agreed for 2 orders in an hour"
    assert await standing(shop) == ("quarantined", note)
    assert (await shop.story(first)).order.cost == Decimal("1.9")


async def test_what_came_cheaper_or_long_ago_does_not_count(shop: Shop) -> None:
    orders = [await shop.active() for _ in range(5)]
    for order in orders[:2]:
        await shop.see(order, **charged("0.95"))
    await shop.execute("UPDATE discrepancies SET opened_at = opened_at - interval '61 min'")
    for order in orders[2:4]:
        await shop.see(order, **charged("0.5"))
    await shop.see(orders[4], **charged("0.95"))
    assert await standing(shop) == ("listed", "")


async def test_other_offers_of_the_provider_are_sold_on(shop: Shop) -> None:
    order, likes = await shop.active(), await shop.active(service=2)
    await shop.see(order, **charged("9"))
    assert (await standing(shop))[0] == "quarantined"
    await shop.see(likes, status="Completed", charge="0.42", remains=0)
    assert await shop.rows("SELECT offer FROM offers WHERE state <> 'listed'") == [("101",)]
