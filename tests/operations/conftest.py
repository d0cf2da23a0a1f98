"""A shop for each test, on a database of its own; what a test leaves behind must prove itself."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from gateway.embedded import Servers
from gateway.operations import Backends
from gateway.sandbox.server import start
from gateway.wiring import Addresses
from tests.operations.shop import KEY, Parrot, Shop, customer, documents, put_on_sale, table

Open = Callable[[Parrot], Awaitable[str]]


@pytest.fixture(autouse=True)
def provider_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ACME_KEY", "BETA_KEY"):
        monkeypatch.setenv(name, KEY)


@pytest.fixture
def addresses(database_url: str, servers: Servers) -> Addresses:
    """Where another process would find the same servers."""
    return Addresses(database_url, servers.redis_url, "a secret of the tests")


@pytest.fixture
async def serve() -> AsyncGenerator[Open]:
    """Puts a panel behind HTTP; its URL."""
    async with AsyncExitStack() as stack:

        async def serving(panel: Parrot) -> str:
            server = await start(panel)
            stack.push_async_callback(server.stop)
            return server.url

        yield serving


@pytest.fixture
async def shop(backends: Backends, serve: Open) -> AsyncGenerator[Shop]:
    """Two providers with the same offers at the same rates, and Bob, who has paid in 100."""
    panels = {"acme": Parrot(), "beta": Parrot()}
    tables = {name: table(await serve(panel)) for name, panel in panels.items()}
    await put_on_sale(backends, documents(tables))
    opened = Shop(backends, panels, tables, await customer(backends, "bob", "100"))
    yield opened
    await opened.proven()
