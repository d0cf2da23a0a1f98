"""What tests of refills and cancels do with a shop, one step at a time."""

from dataclasses import dataclass, replace
from typing import Any

from gateway.domain.operators import Actor
from gateway.domain.refusals import Refusal
from gateway.operations.apply import apply
from gateway.operations.cancel import cancel
from gateway.operations.follow import follow
from gateway.operations.forward import forward
from gateway.operations.plan import plan
from gateway.operations.refill import refill
from gateway.storage.documents import Documents
from tests.operations.parrot import Parrot
from tests.operations.shop import SERVICES, Shop, documents, table

_OF_ORDER = "SELECT {} FROM order_requests ORDER BY id"


@dataclass
class Asking:
    """A shop whose orders are refilled and canceled; service 1 has both."""

    shop: Shop

    async def completed(self, marks: str = "") -> int:
        """An order that has ended."""
        order = await self.shop.active(marks=marks)
        await self.move(order, status="Completed")
        assert await self.shop.state(order) == "completed"
        return order

    async def move(self, order: int, **row: str | int) -> None:
        """Let an order stand otherwise at its provider, and look."""
        self.shop.acme.change(order=await self.theirs(order), **row)
        await self.shop.poll()

    async def theirs(self, order: int) -> str:
        """The provider's id of an order."""
        return (await self.shop.story(order)).order.provider_order or ""

    async def refill(self, *orders: int) -> dict[int, int | Refusal]:
        """As Bob asks for it."""
        return await refill(self.shop.backends, self.shop.bob, orders)

    async def cancel(self, *orders: int) -> dict[int, Refusal | None]:
        """As Bob asks for it."""
        return await cancel(self.shop.backends, self.shop.bob, orders)

    async def forward(self) -> int:
        """A round in which everything is due."""
        await self.due()
        return await forward(self.shop.backends, self.shop.provider())

    async def follow(self) -> int:
        """A round in which everything is due."""
        await self.due()
        return await follow(self.shop.backends, self.shop.provider())

    async def due(self) -> None:
        """No request waits any longer."""
        await self.shop.execute("UPDATE order_requests SET next_at = now()")

    async def states(self) -> list[str]:
        """Where all requests stand, oldest first."""
        return [each for (each,) in await self.shop.rows(_OF_ORDER.format("state"))]

    async def told(self, columns: str) -> list[Any]:
        """Columns of all requests, oldest first."""
        return await self.shop.rows(_OF_ORDER.format(columns))

    async def speak(self, dialect: str, panel: Parrot, url: str) -> None:
        """From now on acme is this panel, in another dialect."""
        tables = {"acme": table(url), "beta": self.shop.tables["beta"]}
        wanted = documents(tables, SERVICES)
        spoken = wanted.providers.replace('"standard"', f'"{dialect}"', 1)
        other: Documents = replace(wanted, providers=spoken)
        backends = self.shop.backends
        await apply(backends, other, await plan(backends, other), actor=Actor("test"))
        self.shop.panels = {**self.shop.panels, "acme": panel}
        await self.shop.sync()

    def calls(self, action: str) -> int:
        """How often acme was asked for something."""
        return self.shop.acme.requests[action]
