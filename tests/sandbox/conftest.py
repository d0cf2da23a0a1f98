"""A sandbox on a port of its own for each test that asks for one."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack

import httpx
import pytest

from gateway.sandbox.panel import Panel
from gateway.sandbox.server import start
from tests.plain_http import NO_TLS
from tests.sandbox.calling import Call, Caller, Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def call() -> AsyncGenerator[Call]:
    async with AsyncExitStack() as stack:

        async def serve(panel: Panel) -> Caller:
            server = await start(panel)
            stack.push_async_callback(server.stop)
            http = httpx.AsyncClient(timeout=5, trust_env=False, verify=NO_TLS)
            await stack.enter_async_context(http)
            return Caller(server, http)

        yield serve
