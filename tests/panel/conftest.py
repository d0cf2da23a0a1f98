"""A shop to call at: a migrated database with offers, a catalog and customers who have money."""

import asyncio
import os
from collections.abc import AsyncGenerator, Generator
from decimal import Decimal
from random import Random

import asyncpg
import pytest
from sqlalchemy import make_url

from gateway.domain.catalog import Listing, OfferState
from gateway.domain.postings import top_up
from gateway.domain.services import ServiceType
from gateway.domain.syncing import Change
from gateway.embedded import Servers
from gateway.operations import Backends
from gateway.storage import customers, keys, ledger, offers, revisions
from gateway.storage.cache import Cache
from gateway.storage.database import Database
from gateway.storage.documents import Documents
from gateway.storage.ledger import Posting
from gateway.storage.migrations import migrate
from gateway.storage.shelf import Shelf
from gateway.storage.wakeups import Waker
from gateway.upstream.panels import Panels
from tests.panel.calling import Customer

SECRET = "pepper"  # noqa: S105  for keys that live as long as a test
NAME = f"panel_tests_{os.getpid()}"

# of these types only that panel's dialect has words; every type is sold, from service 101 on
KERALA = (ServiceType.CUSTOM_COMMENTS_PACKAGE_BY_LIST, ServiceType.COMMENT_LIKES_BY_ID)


def _provider(name: str, dialect: str) -> str:
    return f"""
[providers.{name}]
url = "http://127.0.0.1:9/api/v2"
dialect = "{dialect}"
currency = "USD"
key_env = "{name.upper()}_KEY"
"""


def _service(number: int, offer: str, more: str = "") -> str:
    return f"""
[[services]]
id = {number}
name = "Service {number}"
category = "A"
offers = ["{offer}"]
{more}
"""


DOCUMENTS = Documents(
    providers=_provider("acme", "standard")
    + _provider("kera", "keralasmm")
    + _provider("bare", "smmia"),
    services="".join(
        [
            *(_service(number, f"acme:10{number}") for number in (1, 2, 3)),
            _service(4, "acme:104", "refill_days = 30\nrefill_after_hours = 24"),
            _service(5, "acme:104", "refill_partial = true"),
            _service(6, "kera:104"),
            _service(7, "bare:104", "refill = true\ncancel = true"),
            _service(8, "acme:119", "posts_max = 7"),
            *(
                _service(101 + at, f"{'kera' if kind in KERALA else 'acme'}:{201 + at}")
                for at, kind in enumerate(ServiceType)
            ),
        ]
    ),
    markup="""
currency = "USD"

[[rules]]
percent = "50"
""",
)
LISTINGS = (
    Listing("101", "Followers", "A", ServiceType.DEFAULT, Decimal("0.6"), 50, 10_000),
    Listing("102", "Posts", "A", ServiceType.PACKAGE, Decimal(2), 1, 1),
    Listing("103", "Comments", "B", ServiceType.CUSTOM_COMMENTS, Decimal(3), 1, 500),
    Listing("119", "Followers of posts", "B", ServiceType.SUBSCRIPTIONS, Decimal(3), 10, 500),
)
REFILLED = Listing(
    *("104", "Refilled", "A", ServiceType.DEFAULT, Decimal("0.6"), 1, 10_000),
    drip_feed=True,
    refill=True,
    cancel=True,
)
UNTOLD = Listing("104", "Untold", "A", ServiceType.DEFAULT, Decimal("0.6"), 1, 10_000)
EVERY_TYPE = {
    kind: Listing(str(201 + at), kind.value, "C", kind, Decimal("0.6"), 1, 10_000, drip_feed=True)
    for at, kind in enumerate(ServiceType)
}
LISTED = {
    "acme": (
        *LISTINGS,
        REFILLED,
        *(EVERY_TYPE[kind] for kind in ServiceType if kind not in KERALA),
    ),
    "kera": (REFILLED, *(EVERY_TYPE[kind] for kind in KERALA)),
    "bare": (UNTOLD,),
}


@pytest.fixture(scope="session")
def shop_url(servers: Servers) -> Generator[str]:
    """A database of its own beside the given one, with the catalog applied."""
    url = make_url(servers.database_url).set(database=NAME).render_as_string(hide_password=False)
    asyncio.run(_administer(servers.database_url, f"CREATE DATABASE {NAME}"))
    asyncio.run(_prepare(url))
    yield url
    asyncio.run(_administer(servers.database_url, f"DROP DATABASE {NAME} WITH (FORCE)"))


async def _administer(around: str, statement: str) -> None:
    connection = await asyncpg.connect(around.replace("+asyncpg", "", 1))
    await connection.execute(statement)
    await connection.close()


async def _prepare(url: str) -> None:
    await migrate(url)
    database = Database(url)
    async with database.transaction() as opened:
        for provider, listings in LISTED.items():
            changes = [Change(listing, OfferState.LISTED) for listing in listings]
            present = [listing.offer for listing in listings]
            await offers.save_sync(opened, provider, changes, present, "")
        number = await revisions.add(opened, DOCUMENTS, author="test", note="", summary={})
        await revisions.activate(opened, number, actor="test", reason="")
    await database.close()


@pytest.fixture
async def backends(shop_url: str, servers: Servers) -> AsyncGenerator[Backends]:
    """What the door works with; nothing is sent on, as no worker runs."""
    database = Database(shop_url, pool=2)
    cache = Cache(servers.redis_url, NAME)
    shelf = Shelf(database, cache)
    await shelf.refresh()
    panels = Panels(lambda provider: provider.name)
    yield Backends(database, cache, shelf, panels, Waker(database), SECRET, Random(7))  # noqa: S311  chance is injected, not secret
    await panels.close()
    await cache.close()
    await database.close()


@pytest.fixture
def customer(backends: Backends) -> Customer:
    """Makes a customer with so much money, whose key speaks a dialect, and gives his key."""

    async def make(amount: str, dialect: str = "standard") -> str:
        key = keys.new_key()
        async with backends.database.transaction() as connection:
            number = await customers.add(connection, key[-8:], "", "USD")
            digest = keys.digest(key, SECRET)
            await customers.add_key(connection, number, digest, key[-4:], dialect)
            entry = top_up(number, "USD", Decimal(amount), f"top-up:{number}")
            await ledger.post(connection, [Posting(entry)], actor="test")
        return key

    return make


@pytest.fixture
async def key(customer: Customer) -> str:
    return await customer("100")


@pytest.fixture
async def other_key(customer: Customer) -> str:
    return await customer("100")


@pytest.fixture
async def poor_key(customer: Customer) -> str:
    return await customer("0.01")
