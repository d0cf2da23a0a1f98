"""A shop that also sells drip-feeds and subscriptions, whose orders come in parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import Any

from gateway.dialects.json_text import Json
from gateway.domain.callers import Caller
from gateway.domain.observations import Observation
from gateway.domain.placements import Placement
from gateway.domain.services import ServiceType
from gateway.operations.status import status
from tests.operations.shop import SERVICES, Shop

RUNS, PASSED_ON, POSTS = 5, 6, 7
"""Services: a drip-feed that we run ourselves, one that acme runs, and subscriptions."""
PARTED = (
    SERVICES
    + """
[[services]]
id = 5
name = "Views, one by one"
category = "Views"
offers = ["acme:107", "beta:107"]
drip_feed = true

[[services]]
id = 6
name = "Likes, drip by drip"
category = "Likes"
offers = ["acme:104"]

[[services]]
id = 7
name = "Likes of every post"
category = "Likes"
offers = ["acme:801"]
posts_max = 30
"""
)
RUN_CHARGE, RUN_COST = Decimal("0.135"), Decimal("0.09")
"""What each run of 1,000 comes to with service 5."""
POSTS_CHARGE, POSTS_COST = Decimal("0.4125"), Decimal("0.275")
"""What a bound of 500 comes to with service 7."""

_LINKS = count(1)


@dataclass
class Parted:
    """Orders in parts, one step at a time."""

    shop: Shop

    async def open(self) -> None:
        """Put everything on sale."""
        await self.shop.reapply(self.shop.tables, PARTED)

    async def drip(self, runs: int = 3, *, marks: str = "", quantity: int = 1_000) -> int:
        """A drip-feed that we run ourselves, an hour apart; queued."""
        link = f"https://a.example/drip/{next(_LINKS)}{marks}"
        placement = Placement(RUNS, ServiceType.DEFAULT, link, quantity, (), runs, 60)
        (order,) = await self.shop.place(placement)
        return order

    async def dripping(self, runs: int = 3, sent: int = 1) -> int:
        """A drip-feed of which so many runs were accepted."""
        order = await self.drip(runs)
        await self.shop.send()
        for _ in range(1, sent):
            await self.due(order)
            await self.shop.send()
        assert await self.shop.state(order) == "active"
        return order

    async def passed_on(self, runs: int = 3) -> int:
        """A drip-feed that its provider runs; accepted."""
        link = f"https://a.example/passed/{next(_LINKS)}"
        placement = Placement(PASSED_ON, ServiceType.DEFAULT, link, 1_000, (), runs, 60)
        (order,) = await self.shop.place(placement)
        await self.shop.send()
        return order

    async def subscribed(self, posts: int = 5, marks: str = "", **details: str) -> int:
        """A subscription to posts of 10 to 100 each; accepted."""
        known = {"min": "10", "max": "100", "posts": str(posts), "delay": "0", **details}
        name = f"name{next(_LINKS)}{marks}"
        placement = Placement(
            POSTS,
            ServiceType.SUBSCRIPTIONS,
            name,
            100 * posts,
            details=tuple((key, value) for key, value in known.items() if value),
        )
        (order,) = await self.shop.place(placement)
        await self.shop.send()
        return order

    async def due(self, order: int) -> None:
        """The next run of an order has its time."""
        await self.shop.execute(
            f"UPDATE orders SET next_run_at = now() WHERE id = {order} AND next_run_at > now()"  # noqa: S608  ours
        )

    async def next_run(self, order: int) -> tuple[bool, int]:
        """Whether an order has a next run, and how often that was tried."""
        found = await self.shop.rows(
            f"SELECT next_run_at IS NOT NULL, run_tries FROM orders WHERE id = {order}"  # noqa: S608  ours
        )
        return found[0]

    async def parts(self, order: int) -> Sequence[Mapping[str, Any]]:
        """What is on record of an order's parts."""
        return (await self.shop.story(order)).parts

    async def say(self, order: int, *rows: Mapping[str, Json] | None) -> None:
        """Let acme say these of an order's parts, one each, and look; None = nothing."""
        numbers = [part["provider_order"] for part in await self.parts(order)]
        said = dict(zip(numbers, rows, strict=False))
        self.shop.acme.say_all({number: dict(row) for number, row in said.items() if row})
        await self.shop.poll()

    async def shown(self, order: int, caller: Caller | None = None) -> Observation:
        """What its customer reads."""
        return (await status(self.shop.backends, caller or self.shop.bob, [order]))[order]

    async def net(self) -> Decimal:
        """What Bob has paid for good."""
        available, held = await self.shop.funds()
        assert held == 0
        return 100 - available
