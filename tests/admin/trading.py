"""The desk of a house that trades: a catalog over pretend providers, and Bob who has money."""

from collections.abc import AsyncGenerator

import pytest

from gateway.operations import Backends
from tests.operations.parrot import KEY
from tests.operations.shop import KEY_NAMES, Shop, open_shop, serving


@pytest.fixture
async def shop(backends: Backends, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Shop]:
    for name in KEY_NAMES:
        monkeypatch.setenv(name, KEY)
    async with serving() as serve, open_shop(backends, serve) as opened:
        yield opened
