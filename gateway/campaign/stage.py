"""Where a campaign takes place: servers' data, pretend providers over real HTTP, one customer."""

import contextlib
import os
import socket
import time
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlsplit

from gateway import wiring
from gateway.campaign.victim import OPERATOR, placements
from gateway.domain.callers import Caller
from gateway.domain.deciding import Decision
from gateway.domain.money import ZERO
from gateway.domain.operators import Actor
from gateway.domain.orders import State
from gateway.operations import Backends
from gateway.operations.add import Wanted, add
from gateway.operations.add_customer import add_customer
from gateway.operations.apply import apply
from gateway.operations.list_orders import list_orders
from gateway.operations.plan import plan
from gateway.operations.resolve import resolve
from gateway.operations.sync import sync
from gateway.sandbox.answers import Answer
from gateway.sandbox.fates import Fates
from gateway.sandbox.panel import Heard, Panel, Terms
from gateway.sandbox.panel import Wanted as Asked
from gateway.sandbox.server import start
from gateway.storage import investigations
from gateway.storage.ageing import age
from gateway.storage.documents import Documents
from gateway.storage.orders import Listed
from gateway.wiring import Addresses

KEY = "sandbox-key"
KEY_ENV = "CAMPAIGN_KEY"
KEYS: Mapping[str, str] = {KEY_ENV: KEY}
PAID_IN = Decimal(1_000_000)
PACE_MILLISECONDS = 1_000
NANOSECONDS = 1_000_000_000
SERVICES = (1, 2)
# longer than anything here waits for, and short enough for many a look before a refund by policy
A_WHILE = timedelta(minutes=15)
PROVIDER = "acme"

_PROVIDER = """\
[providers.{name}]
url = "{url}"
dialect = "standard"
currency = "USD"
key_env = "{key_env}"
timeout_seconds = 5
late_seconds = 10
poll_seconds = 1
in_flight_max = 4
"""
_SERVICES = """\
[[services]]
id = 1
name = "Followers"
category = "Followers"
offers = ["acme:101"]

[[services]]
id = 2
name = "Followers, from whoever is there"
category = "Followers"
offers = ["gone:101", "acme:101"]
"""
_MARKUP = 'currency = "USD"\n[[rules]]\npercent = "40"\n'


class Witness(Panel):
    """A pretend provider that knows when it was first asked for an order since it last forgot.

    `closes`: it ends every connection, so that whoever asks next has to connect.
    """

    def __init__(self, seed: int) -> None:
        fates = Fates(pace_milliseconds=PACE_MILLISECONDS, seed=str(seed))
        super().__init__(terms=Terms(KEY, seed=str(seed)), fates=fates)
        self.asked_at = 0
        self.closes = False

    def answer(self, heard: Heard) -> Answer:
        """As every panel does."""
        if isinstance(heard.ask, Asked) and not self.asked_at:
            self.asked_at = time.monotonic_ns()
        answer = super().answer(heard)
        return replace(answer, closes=answer.closes or self.closes)


@dataclass(slots=True)
class Stage:
    """`answered`: ids of all orders that the customer was told; `links` used so far."""

    backends: Backends
    panel: Witness
    customer: int
    answered: set[int] = field(default_factory=set[int])
    links: int = 0

    def new_links(self, count: int) -> list[str]:
        """Links that nobody ordered yet: at a provider none may ever be seen twice."""
        first = self.links + 1
        self.links += count
        return [f"https://a.example/{number}" for number in range(first, first + count)]

    async def order(self, count: int, services: Sequence[int] = SERVICES) -> None:
        """Orders at a front door that lives on while workers die."""
        caller = Caller(self.customer, OPERATOR, "", "USD", "standard")
        wanted = [Wanted(caller, each) for each in placements(self.new_links(count), services)]
        self.answered |= {
            each for each in await add(self.backends, wanted) if isinstance(each, int)
        }

    async def age(self) -> None:
        """What is in doubt has been so for a while longer."""
        await age(self.backends.database, A_WHILE)

    async def disproved(self) -> bool:
        """Whether anything was proven not to have been taken, and is looked for all the same."""
        async with self.backends.database.transaction() as connection:
            return bool(await investigations.watched(connection, PROVIDER, ZERO))

    async def orders(self, state: State | None = None) -> list[Listed]:
        """Ours, in a state or in any."""
        return [each async for each in list_orders(self.backends, state=state)]

    def there(self) -> dict[str, str]:
        """Theirs: the id of each link's order, as the pretend provider knows them."""
        return {each.taking.placement.link: str(each.id) for each in self.panel.orders}

    async def decisions(self, count: int) -> list[tuple[int, str | None]]:
        """What an operator who asked the provider would say of unconfirmed orders, oldest first."""
        doubtful = (await self.orders(State.UNCONFIRMED))[:count]
        there = self.there() if doubtful else {}
        return [(each.standing.id, there.get(each.link)) for each in doubtful]

    async def decide(self, decisions: Sequence[tuple[int, str | None]]) -> None:
        """Say so."""
        for order, accepted in decisions:
            decision = Decision(Actor(OPERATOR), accepted, "the truth")
            await resolve(self.backends, order, decision)


@contextlib.asynccontextmanager
async def stage(addresses: Addresses, seed: int) -> AsyncGenerator[Stage]:
    """A gateway without workers on an empty database, and two providers, one of them gone.

    It was there when its list was read, so that its orders come to other offers by its breaker.
    """
    os.environ.update(KEYS)
    await wiring.migrate(addresses.database_url)
    panel, gone = Witness(seed), Panel(terms=Terms(KEY))
    async with contextlib.AsyncExitStack() as stack:
        server, other = await start(panel), await start(gone)
        stack.push_async_callback(server.stop)
        urls = {PROVIDER: server.url, "gone": other.url}
        try:
            backends = await stack.enter_async_context(
                wiring.backends(addresses, name="campaign's door")
            )
            await _put_on_sale(backends, urls)
            made = await add_customer(backends, OPERATOR, paid_in=PAID_IN, actor=Actor(OPERATOR))
        finally:
            await other.stop()
        stack.enter_context(_refusing(urlsplit(other.url).port or 0))
        yield Stage(backends, panel, made.customer)


async def _put_on_sale(backends: Backends, urls: Mapping[str, str]) -> None:
    providers = "\n".join(
        _PROVIDER.format(name=name, url=url, key_env=KEY_ENV) for name, url in urls.items()
    )
    documents = Documents(providers, _SERVICES, _MARKUP)
    await apply(backends, documents, await plan(backends, documents), actor=Actor(OPERATOR))
    for provider in tuple(backends.shelf.stock.catalog.providers.values()):
        await sync(backends, provider)


@contextlib.contextmanager
def _refusing(port: int) -> Generator[None]:
    """Hold a port at which nobody listens, so that nobody else answers there meanwhile."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", port))
        yield
