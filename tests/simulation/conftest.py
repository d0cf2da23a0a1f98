"""Runs on the servers that all tests share, each on a scratch database of its own."""

from collections.abc import Awaitable, Callable

import pytest

from gateway.embedded import Servers
from gateway.simulation.run import Meddle, Ran, simulate
from gateway.simulation.setting import Setting

Run = Callable[..., Awaitable[Ran]]


@pytest.fixture
def run(servers: Servers) -> Run:
    """A whole simulation."""

    async def once(setting: Setting, meddle: Meddle | None = None) -> Ran:
        return await simulate(setting, servers.database_url, servers.redis_url, meddle)

    return once
