"""Large books for the benchmarks: a few orders live the real operations, then are copied."""

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from gateway.cli.output import Failure
from gateway.domain.callers import Caller
from gateway.domain.operators import Actor
from gateway.domain.orders import State
from gateway.domain.placements import Placement
from gateway.domain.refusals import Refusal
from gateway.domain.services import ServiceType
from gateway.operations import Backends
from gateway.operations.add import Wanted, add
from gateway.operations.add_customer import add_customer
from gateway.operations.apply import apply
from gateway.operations.claim import claim
from gateway.operations.dispatch import send, settle
from gateway.operations.plan import plan
from gateway.operations.poll import poll
from gateway.operations.sync import sync
from gateway.sandbox.fates import Fates
from gateway.sandbox.panel import Panel
from gateway.sandbox.server import start
from gateway.storage import copies
from gateway.storage.copies import Copies
from gateway.storage.database import Database
from gateway.storage.documents import Documents

PROVIDERS = ("acme", "beta", "gamma", "delta")
PAID_IN = Decimal(100_000_000)
OPEN_MAX = 200_000
WORKER = 1
FATES = (*["completed"] * 7, "partial", "partial", "canceled")
"""How the finished ones ended, in turn."""
ENDED_WITHIN = timedelta(days=29)
QUEUED_WITHIN = timedelta(seconds=60)
_ENDED = {State.COMPLETED, State.PARTIAL, State.CANCELED}
_LOOKS = 40
_KEY_NAME = "SANDBOX_KEY"
_PROVIDER = """\
[providers.{name}]
url = "{url}"
dialect = "standard"
currency = "USD"
key_env = "SANDBOX_KEY"
poll_seconds = 1
"""
_SERVICE = """\
[[services]]
id = {number}
name = "Followers {number} by {name}"
category = "Followers {category}"
offers = ["{name}:101"]
"""
CATEGORIES = 40
_MARKUP = 'currency = "USD"\n[[rules]]\npercent = "40"\n'


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop with one service for each provider, and orders of each kind to be copied."""

    callers: Sequence[Caller]
    finished: Sequence[int]
    active: Sequence[int]
    queued: Sequence[int]


@contextlib.asynccontextmanager
async def provider() -> AsyncGenerator[str]:
    """A pretend provider whose orders end at once; its URL. Its key stands in the environment."""
    os.environ.setdefault(_KEY_NAME, "sandbox-key")
    pretend = Panel(fates=Fates(pace_milliseconds=0))
    pretend.change_key(os.environ[_KEY_NAME])
    server = await start(pretend, "127.0.0.1", 0)
    try:
        yield server.url
    finally:
        await server.stop()


async def furnish(
    backends: Backends, url: str, customers: int, services: int = len(PROVIDERS)
) -> Shop:
    """A catalog, customers, and for each provider orders that really ended, run and wait."""
    await _open(backends, url, services)
    callers = [await _customer(backends, number) for number in range(customers)]
    finished = await _placed(backends, callers[0], FATES)
    await _sent(backends)
    await _ended(backends, finished)
    active = await _placed(backends, callers[0], ("",))
    await _sent(backends)
    return Shop(callers, finished, active, await _placed(backends, callers[0], ("",)))


async def fill(database: Database, shop: Shop, orders: int) -> None:
    """So many that ended, at most 200,000 that are open, and at last so many that wait."""
    await copies.multiply(database, Copies(shop.finished, orders, ENDED_WITHIN))
    opened = min(orders, OPEN_MAX)
    await copies.multiply(database, Copies(shop.active, opened, QUEUED_WITHIN))
    await wait(database, shop, orders)


async def wait(database: Database, shop: Shop, orders: int) -> None:
    """So many more that wait."""
    await copies.multiply(database, Copies(shop.queued, orders, QUEUED_WITHIN))


def placement(service: int, mark: str = "") -> Placement:
    """What is ordered: the same each time, but for how it shall end."""
    link = f"https://a.example/x{mark and '#'}{mark}"
    return Placement(service, ServiceType.DEFAULT, link, 1_000)


async def _open(backends: Backends, url: str, services: int) -> None:
    providers = "".join(_PROVIDER.format(name=name, url=url) for name in PROVIDERS)
    entries = "".join(
        _SERVICE.format(
            number=number,
            name=PROVIDERS[(number - 1) % len(PROVIDERS)],
            category=number % CATEGORIES,
        )
        for number in range(1, services + 1)
    )
    documents = Documents(providers, entries, _MARKUP)
    await apply(backends, documents, await plan(backends, documents), actor=Actor("bench"))
    for provider in tuple(backends.shelf.stock.catalog.providers.values()):
        if odd := await sync(backends, provider):
            raise Failure(odd)


async def _customer(backends: Backends, number: int) -> Caller:
    name = f"customer {number}"
    made = await add_customer(backends, name, paid_in=PAID_IN, actor=Actor("bench"))
    return Caller(made.customer, name, "", "USD", "standard")


async def _placed(backends: Backends, caller: Caller, marks: Sequence[str]) -> list[int]:
    """An order of each mark with each provider, the providers in turn."""
    services = range(1, len(PROVIDERS) + 1)
    wanted = [Wanted(caller, placement(number, mark)) for mark in marks for number in services]
    placed = await add(backends, wanted)
    if refused := [each for each in placed if isinstance(each, Refusal)]:
        raise Failure(f"an order was refused: {refused[0]}")
    return [each for each in placed if isinstance(each, int)]


async def _sent(backends: Backends) -> None:
    for name in PROVIDERS:
        departures = await claim(backends, name, WORKER, len(FATES))
        returned = await asyncio.gather(*(send(backends, each) for each in departures))
        await settle(backends, returned)


async def _ended(backends: Backends, orders: Sequence[int]) -> None:
    """Look until all have ended."""
    providers = tuple(backends.shelf.stock.catalog.providers.values())
    found: dict[str, int] = {}
    for _ in range(_LOOKS):
        for provider in providers:
            await poll(backends, provider)
        async with backends.database.reading() as connection:
            found = await copies.counts(connection)
        if sum(found.get(state, 0) for state in _ENDED) >= len(orders):
            return
        await asyncio.sleep(0.25)
    raise Failure(f"orders did not end: {found}")
