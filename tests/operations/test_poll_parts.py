"""Orders whose children their providers name: what they bring is what is paid (money.md 7)."""

from collections.abc import Mapping
from decimal import Decimal

from gateway.dialects.json_text import Json
from tests.operations.parted import POSTS_CHARGE, POSTS_COST, Parted
from tests.operations.shop import Shop

CHILD_CHARGE, CHILD_COST = POSTS_CHARGE / 5, POSTS_COST / 5
"""What one post of 100 comes to."""
DONE: dict[str, Json] = {"status": "Completed", "charge": "0.055", "remains": 0}
RUNNING: dict[str, Json] = {"status": "In progress", "charge": "0.055", "remains": 40}
HALF: dict[str, Json] = {"status": "Partial", "charge": "0.0275", "remains": 50}


async def look(
    shop: Shop, order: int, word: str, children: Mapping[str, Mapping[str, Json]]
) -> None:
    """The provider says this of an order that names children, and that of each of them."""
    number = (await shop.story(order)).order.provider_order or ""
    row: dict[str, Json] = {"status": word, "orders": list(children)}
    shop.acme.say_all({number: row, **{name: dict(said) for name, said in children.items()}})
    for _ in range(2):  # the children are named, then looked at
        await shop.poll()
    await shop.poll()  # and counted


async def test_a_subscription_is_paid_by_what_its_children_brought(
    shop: Shop, parted: Parted
) -> None:
    order = await parted.subscribed()
    assert await parted.net() == POSTS_CHARGE
    await look(shop, order, "Active", {"701": DONE, "702": RUNNING})
    shown = await parted.shown(order)
    assert (await shop.state(order), shown.charge, shown.remains) == ("active", CHILD_CHARGE, 3)
    await look(shop, order, "Completed", {"701": DONE, "702": RUNNING})
    assert await shop.state(order) == "active"
    await look(shop, order, "Completed", {"701": DONE, "702": HALF})
    assert await shop.state(order) == "completed"
    assert await parted.net() == CHILD_CHARGE * Decimal("1.5")
    assert (await shop.story(order)).order.cost == CHILD_COST * Decimal("1.5")


async def test_a_subscription_that_ends_twice_pays_back_once(shop: Shop, parted: Parted) -> None:
    order = await parted.subscribed()
    await look(shop, order, "Expired", {"701": DONE})
    assert (await shop.state(order), await parted.net()) == ("completed", CHILD_CHARGE)
    booked = await shop.booked(order)
    await look(shop, order, "Completed", {"701": DONE})
    assert await shop.booked(order) == booked
    # a child that comes after the end is the house's, as a refund is not taken back
    await look(shop, order, "Completed", {"701": DONE, "702": DONE})
    assert (await shop.state(order), await parted.net()) == ("completed", CHILD_CHARGE)
    assert (await shop.story(order)).order.cost == 2 * CHILD_COST


async def test_the_child_of_another_order_counts_for_nothing_and_is_told(
    shop: Shop, parted: Parted
) -> None:
    taken = await shop.active()
    number = (await shop.story(taken)).order.provider_order or ""
    first, order = await parted.subscribed(), await parted.subscribed()
    await look(shop, first, "Active", {"701": DONE})
    await look(shop, order, "Canceled", {"701": DONE, "702": DONE, number: DONE})
    assert [part["provider_order"] for part in await parted.parts(order)] == ["702"]
    assert (await parted.shown(order)).charge == CHILD_CHARGE
    # for as long as it is named
    assert ("D5", order, True) in await shop.findings()
    await look(shop, order, "Canceled", {"702": DONE})
    assert ("D5", order, True) not in await shop.findings()


async def test_an_order_that_names_itself_is_no_child_of_its_own(
    shop: Shop, parted: Parted
) -> None:
    order = await parted.subscribed()
    own = (await shop.story(order)).order.provider_order or ""
    shop.acme.say_of(own, status="Active", orders=[own])
    await shop.poll()
    assert (await parted.parts(order), await shop.findings()) == ([], [])


async def test_a_drip_feed_that_its_provider_runs_is_paid_by_its_runs(
    shop: Shop, parted: Parted
) -> None:
    order = await parted.passed_on()
    cost = (await shop.story(order)).order.cost
    charge = await parted.net()
    run = {"status": "Completed", "remains": 0}
    await look(shop, order, "In progress", {"801": run})
    shown = await parted.shown(order)
    assert (shown.runs, shown.remains, await parted.net()) == (1, 2_000, charge)
    await look(shop, order, "Canceled", {"801": run})
    assert (await shop.state(order), await parted.net()) == ("partial", charge / 3)
    assert (await shop.story(order)).order.cost == cost / 3
