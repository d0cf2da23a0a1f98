"""Answers that come when others have looked since: the older one is worth nothing."""

import asyncio

from gateway.dialects.json_text import Json, write
from gateway.operations import Backends
from gateway.operations.poll import poll
from gateway.sandbox.faults import Waits
from tests.operations.parted import Parted
from tests.operations.shop import RATE, Shop, until

DONE: dict[str, Json] = {"status": "Completed", "charge": "0.9", "remains": 0}
PART: dict[str, Json] = {"status": "Partial", "charge": "0.63", "remains": 300}
GOING: dict[str, Json] = {"status": "In progress", "charge": "0.9", "remains": 500}
OVER = "UPDATE {} SET next_poll_at = now()"


async def overtaken(shop: Shop, another: Backends, table: str, *rows: Json) -> None:
    """Two looks, of which the first is still waiting when the second has settled."""
    first, second = rows
    await shop.execute(OVER.format(table))
    asked = shop.acme.requests["status"]
    shop.acme.dawdles = True
    shop.acme.faults.waits = Waits(5_000, 2_000, 200)
    shop.acme.late = [write(first)]
    looking = asyncio.create_task(poll(shop.backends, shop.provider()))
    await until(lambda: shop.acme.requests["status"] == asked + 1)
    shop.acme.dawdles = False
    shop.acme.say_all(second)
    await shop.execute(OVER.format(table))  # its lease is over
    assert await poll(another, shop.provider())
    assert not looking.done()
    await looking
    assert shop.acme.late == []


async def number_of(shop: Shop, order: int) -> str:
    return (await shop.story(order)).order.provider_order or ""


async def test_what_was_said_before_is_worth_nothing_after(shop: Shop, another: Backends) -> None:
    going, ended, denied = [await shop.active() for _ in range(3)]
    numbers = [await number_of(shop, order) for order in (going, ended, denied)]
    before: list[Json] = [PART, GOING, {"error": "Incorrect order ID"}]
    now: list[Json] = [GOING, DONE, GOING]
    rows = [dict(zip(numbers, each, strict=True)) for each in (before, now)]
    await overtaken(shop, another, "orders", *rows)
    standing = (await shop.story(going)).order.standing
    assert (standing.state, standing.progress, standing.net) == ("active", "in_progress", RATE)
    assert await shop.state(ended) == "completed"
    assert await shop.rows("SELECT seen, seen_as FROM orders ORDER BY id") == [
        (1, "In progress charge 0.90 remains 500"),
        (1, "Completed charge 0.90 remains 0"),
        (1, "In progress charge 0.90 remains 500"),
    ]
    assert await shop.rows("SELECT count(*) FROM denied_orders") == [(0,)]
    assert await shop.findings() == []
    # the next one counts again
    await shop.see(going, **PART)
    assert await shop.state(going) == "partial"


async def test_the_same_for_the_runs_of_a_drip_feed(
    shop: Shop, another: Backends, parted: Parted
) -> None:
    await another.shelf.refresh()
    order = await parted.dripping(runs=1)
    number = (await parted.parts(order))[0]["provider_order"]
    done: Json = {"status": "Completed", "charge": "0.09", "remains": 0}
    gone: Json = {"status": "Canceled", "charge": "0", "remains": 1_000}
    await overtaken(shop, another, "order_parts", {number: gone}, {number: done})
    assert await shop.state(order) == "completed"
    assert [part["word"] for part in await parted.parts(order)] == ["Completed"]
    assert await parted.net() == (await shop.story(order)).order.standing.charge
