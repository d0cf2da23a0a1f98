"""The pages over real servers, asked as a browser would, by operators of every role."""

from collections.abc import AsyncGenerator

import pytest

from gateway.operations import Backends
from tests.admin.visiting import Desk, open_desk
from tests.emptied import database_url, shared_url
from tests.operations.parrot import KEY
from tests.operations.shop import KEY_NAMES, Shop, open_shop, serving

__all__ = ["database_url", "shared_url"]


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
