"""Databases that a whole file of tests shares."""

from collections.abc import Generator

import pytest

from gateway.embedded import Servers
from tests.emptied import one_database


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def first_url(servers: Servers, template: str) -> Generator[str]:
    with one_database(servers, template) as url:
        yield url


@pytest.fixture(scope="module")
def second_url(servers: Servers, template: str) -> Generator[str]:
    with one_database(servers, template) as url:
        yield url
