"""The servers that all tests share: those named in the environment, else embedded ones."""

import asyncio
import gc
import os
import shutil
import tempfile
from collections.abc import AsyncGenerator, Generator
from contextlib import ExitStack
from pathlib import Path
from random import Random
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest

from gateway import wiring
from gateway.embedded import Servers, start
from gateway.operations import Backends
from gateway.storage.migrations import migrate
from gateway.wiring import Addresses

MEMORY = Path("/dev/shm")  # noqa: S108  mkdtemp makes an own folder there
MEMORY_BYTES_MIN = 4 << 30


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slowest files first, so that no process works on one when the other is done."""
    items.sort(key=lambda item: not item.nodeid.startswith(SLOWEST))


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: it need not be looked through again."""
    gc.collect()
    gc.freeze()


SLOWEST = ("tests/simulation/test_run.py", "tests/trade/", "tests/cli/")


@pytest.fixture(scope="session")
def open_folder() -> Generator[Path]:
    """A temp folder that the servers' account can pass when the tests run as root."""
    folder = Path(tempfile.mkdtemp(prefix="gateway-tests-", dir=_in_memory()))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


def _in_memory() -> Path | None:
    """Where files are made soonest, if there is room: a clone is hundreds of them."""
    try:
        free, flags = shutil.disk_usage(MEMORY).free, os.statvfs(MEMORY).f_flag
    except OSError:
        return None
    fits = free > MEMORY_BYTES_MIN and os.access(MEMORY, os.W_OK) and not flags & os.ST_NOEXEC
    return MEMORY if fits else None


@pytest.fixture(scope="session")
def servers(open_folder: Path) -> Generator[Servers]:
    """GATEWAY_DATABASE_URL and GATEWAY_REDIS_URL, each replaced by an embedded server if unset."""
    database = os.environ.get("GATEWAY_DATABASE_URL")
    cache = os.environ.get("GATEWAY_REDIS_URL")
    with ExitStack() as stack:
        if not (database and cache):
            prefer = "system" if os.environ.get("GATEWAY_TEST_POSTGRES") == "system" else "wheel"
            running = stack.enter_context(
                start(open_folder / "shared", durable=False, prefer=prefer)
            )
            database = database or running.servers.database_url
            cache = cache or running.servers.redis_url
        yield Servers(database, cache)


TEMPLATE = "gateway_template"


@pytest.fixture(scope="session")
def template(servers: Servers) -> Generator[str]:
    """A database that the migrations made from nothing; each test gets a clone of it."""
    name = f"{TEMPLATE}_{os.getpid()}"
    asyncio.run(_administer(servers, f"CREATE DATABASE {name}"))
    asyncio.run(migrate(_within(servers, name)))
    yield name
    asyncio.run(_administer(servers, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
async def database_url(servers: Servers, template: str) -> AsyncGenerator[str]:
    """An own database for one test."""
    name = f"gateway_test_{uuid4().hex[:12]}"
    await _administer(servers, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    yield _within(servers, name)
    await _administer(servers, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def backends(database_url: str, servers: Servers) -> AsyncGenerator[Backends]:
    """Everything that operations need, over an own database; the chance is seeded."""
    addresses = Addresses(database_url, servers.redis_url, "a secret of the tests")
    async with wiring.backends(addresses, chance=Random(1)) as built:  # noqa: S311  a seed, no secret
        yield built


def _within(servers: Servers, database: str) -> str:
    parts = urlsplit(servers.database_url)
    return urlunsplit(parts._replace(path=f"/{database}"))


async def _administer(servers: Servers, statement: str) -> None:
    connection = await asyncpg.connect(servers.database_url.replace("+asyncpg", "", 1))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
