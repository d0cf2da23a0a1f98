"""The pages over real servers, asked as a browser would, by operators of every role."""

from collections.abc import AsyncGenerator, Generator

import pytest

from gateway.embedded import Servers
from gateway.operations import Backends
from tests.admin.visiting import Desk, open_desk
from tests.emptied import empty, one_database
from tests.operations.parrot import KEY
from tests.operations.shop import KEY_NAMES, Shop, open_shop, serving


@pytest.fixture(scope="session")
def shared_url(servers: Servers, template: str) -> Generator[str]:
    with one_database(servers, template) as url:
        yield url


@pytest.fixture
async def database_url(shared_url: str) -> AsyncGenerator[str]:
    """A database without a row, used by one test at a time."""
    yield shared_url
    await empty(shared_url)


@pytest.fixture
async def desk(backends: Backends) -> AsyncGenerator[Desk]:
    async with open_desk(backends) as opened:
        yield opened


@pytest.fixture
async def shop(backends: Backends, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Shop]:
    """Something to sell, over the same servers as the desk."""
    for name in KEY_NAMES:
        monkeypatch.setenv(name, KEY)
    async with serving() as serve, open_shop(backends, serve) as opened:
        yield opened
