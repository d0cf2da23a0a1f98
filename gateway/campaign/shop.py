"""Documents and a customer for campaigns: providers by name and URL, one service over all."""

import asyncio
import os
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal

from gateway.campaign.ground import Stuck
from gateway.domain.operators import Actor
from gateway.operations import Backends
from gateway.operations.add_customer import add_customer
from gateway.operations.apply import apply
from gateway.operations.plan import plan
from gateway.operations.sync import sync
from gateway.sandbox.panel import Panel
from gateway.storage.documents import Documents

AUTHOR = "campaign"
KEY = "sandbox-key"
KEY_ENV = "CAMPAIGN_KEY"
KEYS: Mapping[str, str] = {KEY_ENV: KEY}
PAID_IN = Decimal(1_000_000)
OFFER = "101"
MARKUP = 'currency = "USD"\n[[rules]]\npercent = "40"\n'


@dataclass(frozen=True, slots=True)
class Shelf:
    """What is sold: by which providers at which URLs, through which of them each service goes.

    `services`: for the service with id 1, 2, ... the names of its providers, the first preferred.
    """

    urls: Mapping[str, str]
    services: Sequence[Sequence[str]]
    timeout_seconds: int = 5
    late_seconds: int = 10
    in_flight_max: int = 8

    @property
    def documents(self) -> Documents:
        """As an operator writes them."""
        providers = "\n".join(
            f'[providers.{name}]\nurl = "{url}"\ndialect = "standard"\ncurrency = "USD"\n'
            f'key_env = "{KEY_ENV}"\ntimeout_seconds = {self.timeout_seconds}\n'
            f"late_seconds = {self.late_seconds}\npoll_seconds = 5\n"
            f"in_flight_max = {self.in_flight_max}\n"
            for name, url in self.urls.items()
        )
        services = "\n".join(
            f'[[services]]\nid = {number}\nname = "Followers {number}"\ncategory = "Followers"\n'
            f"offers = {[f'{name}:{OFFER}' for name in names]}\n"
            for number, names in enumerate(self.services, start=1)
        )
        return Documents(providers, services, MARKUP)


async def open_shop(backends: Backends, shelf: Shelf) -> str:
    """Put it on sale, and add a customer who can pay for all; his key. Raises `Stuck`."""
    os.environ.update(KEYS)
    documents = shelf.documents
    await apply(backends, documents, await plan(backends, documents), actor=Actor(AUTHOR))
    for provider in tuple(backends.shelf.stock.catalog.providers.values()):
        if odd := await sync(backends, provider):
            raise Stuck(f"{provider.name}: {odd}")
    return (await add_customer(backends, AUTHOR, paid_in=PAID_IN, actor=Actor(AUTHOR))).key


@asynccontextmanager
async def waking(backends: Backends) -> AsyncGenerator[None]:
    """Tell workers of new orders while the block runs, as a front door does."""
    telling = asyncio.create_task(backends.waker.run())
    try:
        yield
    finally:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)


def links(panels: Mapping[str, Panel]) -> list[tuple[str, str, str]]:
    """Provider, id and link of every order that pretend providers in this process took."""
    return [
        (name, str(each.id), each.taking.placement.link)
        for name, panel in panels.items()
        for each in panel.orders
    ]
