"""A shop over real servers: a catalog, pretend providers over HTTP, customers who have money."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy import text

from gateway.dialects.json_text import Json
from gateway.domain.callers import Caller
from gateway.domain.catalog import Provider
from gateway.domain.deciding import Decision
from gateway.domain.operators import Actor
from gateway.domain.placements import Placement
from gateway.domain.refusals import Refusal
from gateway.domain.services import ServiceType
from gateway.operations import Backends
from gateway.operations.add import Wanted, add
from gateway.operations.add_customer import add_customer
from gateway.operations.apply import apply
from gateway.operations.claim import claim
from gateway.operations.dispatch import Returned, send, settle
from gateway.operations.plan import plan
from gateway.operations.poll import poll
from gateway.operations.resolve import Decided, resolve
from gateway.operations.show_order import show_order
from gateway.operations.sync import sync
from gateway.operations.verify import verify
from gateway.sandbox.server import start
from gateway.storage.documents import Documents
from gateway.storage.orders import Story
from gateway.storage.settling import Ended
from tests.operations.parrot import Parrot

KEY_NAMES = ("ACME_KEY", "BETA_KEY", "GAMMA_KEY")
RATE = Decimal("1.35")
MARKED_UP = Decimal("1.5")
"""What 1,000 of service 1 come to: the offers' 0.90 and half as much again."""
COST = Decimal("0.9")

SERVICES = """
[[services]]
id = 1
name = "Followers"
category = "Followers"
offers = ["acme:101", "beta:101"]

[[services]]
id = 2
name = "Likes"
category = "Likes"
offers = ["acme:104"]

[[services]]
id = 3
name = "Starter set"
category = "Sets"
offers = ["acme:301"]

[[services]]
id = 4
name = "Comments"
category = "Comments"
offers = ["acme:201"]
"""
MARKUP = """
currency = "USD"
round_up_to = "0.0001"
margin_min_percent = "5"

[conversion]
EUR = "1.25"

[[rules]]
percent = "50"
"""


Serve = Callable[[Parrot], Awaitable[str]]


@dataclass
class Shop:
    """Everything that a test needs to let orders live, one step at a time."""

    backends: Backends
    panels: Mapping[str, Parrot]
    tables: dict[str, str]
    bob: Caller
    _links: "count[int]" = field(default_factory=lambda: count(1))

    @property
    def acme(self) -> Parrot:
        """The first provider."""
        return self.panels["acme"]

    @property
    def beta(self) -> Parrot:
        """The provider of the second offer."""
        return self.panels["beta"]

    def provider(self, name: str = "acme") -> Provider:
        """Its document in the active revision."""
        return self.backends.shelf.stock.catalog.providers[name]

    async def reapply(self, tables: Mapping[str, str], services: str = SERVICES) -> None:
        """Other documents; nothing is synced."""
        wanted = documents(tables, services)
        settled = await plan(self.backends, wanted)
        await apply(self.backends, wanted, settled, actor=Actor("test"))

    async def sync(self, provider: str = "acme") -> str:
        """A reading of a provider's list."""
        return await sync(self.backends, self.provider(provider))

    async def customer(self, name: str, paid_in: str = "0") -> Caller:
        """Another customer."""
        return await customer(self.backends, name, paid_in)

    async def place(self, *placements: Placement, caller: Caller | None = None) -> list[int]:
        """Orders that must all be accepted; their ids."""
        wanted = [Wanted(caller or self.bob, each) for each in placements]
        placed = await add(self.backends, wanted)
        assert not [each for each in placed if isinstance(each, Refusal)], placed
        return [each for each in placed if isinstance(each, int)]

    async def order(self, quantity: int = 1_000, marks: str = "", service: int = 1) -> int:
        """One order of Bob's, queued; the marks are for the sandbox."""
        (order,) = await self.place(self.placement(quantity, marks, service))
        return order

    def placement(self, quantity: int = 1_000, marks: str = "", service: int = 1) -> Placement:
        """A placement with a link of its own."""
        link = f"https://a.example/{next(self._links)}{marks}"
        return Placement(service, ServiceType.DEFAULT, link, quantity)

    async def send(self, provider: str = "acme", worker: int = 1) -> list[Returned]:
        """One round of the sender: claim, call, settle."""
        departures = await claim(self.backends, provider, worker, 100)
        returned = await asyncio.gather(*(send(self.backends, each) for each in departures))
        await settle(self.backends, returned)
        return list(returned)

    async def active(self, quantity: int = 1_000, marks: str = "", service: int = 1) -> int:
        """An order that its provider has accepted."""
        order = await self.order(quantity, marks, service)
        await self.send()
        assert await self.state(order) == "active"
        return order

    async def package(self) -> int:
        """An active order of a package."""
        link = f"https://a.example/{next(self._links)}"
        (order,) = await self.place(Placement(3, ServiceType.PACKAGE, link, 1))
        await self.send()
        return order

    async def poll(self, provider: str = "acme") -> int:
        """A look at all orders of a provider and at all their parts, due or not."""
        polled = "provider_order <> '' AND NOT self_run"
        await self.execute(f"UPDATE orders SET next_poll_at = now() WHERE {polled}")  # noqa: S608  ours
        await self.execute("UPDATE order_parts SET next_poll_at = now()")
        return await poll(self.backends, self.provider(provider))

    async def see(self, order: int, **row: Json) -> None:
        """Let the provider say this of an order, and look."""
        provider_order = (await self.story(order)).order.provider_order
        self.acme.say_of(provider_order or "", **row)
        await self.poll()

    async def decide(
        self, order: int, accepted: str | None = None, operator: str = "eve", *, alone: bool = False
    ) -> Decided:
        """An operator says what became of an order."""
        decision = Decision(Actor(operator), accepted, "their ticket 17")
        return await resolve(self.backends, order, decision, alone=alone)

    async def story(self, order: int) -> Story:
        """Everything about an order."""
        found = await show_order(self.backends, order)
        assert found is not None
        return found

    async def state(self, order: int) -> str:
        """An order's state."""
        return (await self.story(order)).order.standing.state

    async def attempt(self, order: int) -> Mapping[str, Any]:
        """An order's last attempt."""
        return (await self.story(order)).attempts[-1]

    async def booked(self, order: int) -> list[tuple[str, str, str, Decimal]]:
        """An order's transfers: key, debit, credit, amount."""
        transfers = (await self.story(order)).transfers
        return [(row["key"], row["debit"], row["credit"], row["amount"]) for row in transfers]

    async def funds(self) -> tuple[Decimal, Decimal]:
        """What Bob may spend and what is held."""
        return (await self.rows("SELECT available, held FROM balances WHERE customer_id = 1"))[0]

    async def findings(self) -> list[tuple[str, int | None, bool]]:
        """All discrepancies: class, order, still open."""
        return await self.rows(
            "SELECT class, order_id, closed_at IS NULL FROM discrepancies ORDER BY id"
        )

    async def rows(self, query: str) -> list[Any]:
        """What a query finds, as plain tuples."""
        async with self.backends.database.reading() as connection:
            return [tuple(row) for row in await connection.execute(text(query))]

    async def execute(self, statement: str) -> None:
        """Change rows directly, above all to let time pass."""
        async with self.backends.database.transaction() as connection:
            await connection.execute(text(statement))

    async def proven(self) -> None:
        """Every invariant is empty."""
        found = await verify(self.backends)
        assert not {name: rows for name, rows in found.items() if rows}


@asynccontextmanager
async def serving() -> AsyncGenerator[Serve]:
    """Puts panels behind HTTP while the block runs; gives their URLs."""
    async with AsyncExitStack() as stack:

        async def serve(panel: Parrot) -> str:
            server = await start(panel)
            stack.push_async_callback(server.stop)
            return server.url

        yield serve


@asynccontextmanager
async def open_shop(backends: Backends, serve: Serve) -> AsyncGenerator[Shop]:
    """Two providers with the same offers at the same rates, and Bob, who has paid in 100.

    What a test leaves behind must prove itself.
    """
    panels = {name: Parrot() for name in ("acme", "beta")}
    tables = {name: table(await serve(panel)) for name, panel in panels.items()}
    await put_on_sale(backends, documents(tables))
    shop = Shop(backends, panels, tables, await customer(backends, "bob", "100"))
    yield shop
    await shop.proven()


def documents(providers: Mapping[str, str], services: str = SERVICES) -> Documents:
    """A catalog over providers by name; each text is the rest of its table, its URL at least."""
    tables = (
        f'[providers.{name}]\ndialect = "standard"\nkey_env = "{name.upper()}_KEY"\n{rest}\n'
        for name, rest in providers.items()
    )
    return Documents("\n".join(tables), services, MARKUP)


def table(url: str, currency: str = "USD", timeout_seconds: int = 5) -> str:
    """The rest of a provider's table."""
    return f'url = "{url}"\ncurrency = "{currency}"\ntimeout_seconds = {timeout_seconds}'


async def put_on_sale(backends: Backends, wanted: Documents) -> None:
    """Apply documents and read every provider's list."""
    await apply(backends, wanted, await plan(backends, wanted), actor=Actor("test"))
    for provider in tuple(backends.shelf.stock.catalog.providers.values()):
        await sync(backends, provider)


async def customer(backends: Backends, name: str, paid_in: str) -> Caller:
    """A customer with an opening top-up."""
    made = await add_customer(backends, name, paid_in=Decimal(paid_in), actor=Actor("test"))
    return Caller(made.customer, name, "", "USD", "standard")


async def until(holds: Callable[[], bool | Awaitable[bool]]) -> None:
    """Look until something holds; it must within twenty seconds."""
    async with asyncio.timeout(20):
        for _ in range(10_000):
            held = holds()
            if held if isinstance(held, bool) else await held:
                return
            await asyncio.sleep(0.002)
    raise AssertionError(f"still not: {holds}")


def outcomes(returned: Sequence[Returned]) -> list[str]:
    """How departures ended."""
    return [each.ended.outcome.value for each in returned]


def evidence(ended: Ended) -> tuple[bool, ...]:
    """What had left when a call ended: head, body, and whether an answer began."""
    return ended.trace or ()
