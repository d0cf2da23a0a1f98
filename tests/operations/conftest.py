"""A shop for each test, on a database of its own; what a test leaves behind must prove itself."""

from collections.abc import AsyncGenerator
from random import Random

import pytest

from gateway import wiring
from gateway.embedded import Servers
from gateway.operations import Backends
from gateway.wiring import Addresses
from tests.emptied import database_url, shared_url
from tests.operations.parrot import KEY
from tests.operations.parted import Parted
from tests.operations.shop import KEY_NAMES, Serve, Shop, open_shop, serving

__all__ = ["database_url", "shared_url"]


@pytest.fixture(autouse=True)
def provider_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KEY_NAMES:
        monkeypatch.setenv(name, KEY)


@pytest.fixture
def addresses(database_url: str, servers: Servers) -> Addresses:
    """Where another process would find the same servers."""
    return Addresses(database_url, servers.redis_url, "a secret of the tests")


@pytest.fixture
async def serve() -> AsyncGenerator[Serve]:
    async with serving() as serve:
        yield serve


@pytest.fixture
async def shop(backends: Backends, serve: Serve) -> AsyncGenerator[Shop]:
    async with open_shop(backends, serve) as opened:
        yield opened


@pytest.fixture
async def another(addresses: Addresses, shop: Shop) -> AsyncGenerator[Backends]:
    """The backends of another process, built once the catalog is there."""
    async with wiring.backends(addresses, chance=Random(2)) as built:  # noqa: S311  a seed
        assert built.shelf.stock.version == shop.backends.shelf.stock.version
        yield built


@pytest.fixture
async def parted(shop: Shop) -> Parted:
    """A shop that also sells what comes in parts."""
    opened = Parted(shop)
    await opened.open()
    return opened
