"""The only builder of engines, clients and backends."""

import contextlib
import importlib
import os
import secrets
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from random import Random, SystemRandom
from typing import Any

from gateway.operations import Backends
from gateway.operations.sign_in_elsewhere import Issuer
from gateway.settings import provider_key
from gateway.storage import installation
from gateway.storage.cache import Cache
from gateway.storage.database import Database
from gateway.storage.migrations import migrate
from gateway.storage.shelf import Shelf
from gateway.storage.spill import Spill
from gateway.storage.wakeups import Waker
from gateway.upstream.panels import Panels

__all__ = ["Addresses", "backends", "issuer", "migrate", "panels", "secret_in", "spill"]

KEY_FILE = "secret.key"
POOL = 16


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the servers are, and the secret under which customers' keys are stored.

    `spill`: the folder of the journals of replies; None keeps none.
    """

    database_url: str
    redis_url: str
    secret: str
    spill: Path | None = None


@contextlib.asynccontextmanager
async def backends(
    addresses: Addresses,
    *,
    name: str = "gateway",
    pool: int = POOL,
    chance: Random | None = None,
    panels: Panels | None = None,
) -> AsyncGenerator[Backends]:
    """Everything that operations need, closed at the end. The stock is loaded once."""
    database = Database(addresses.database_url, name=name, pool=pool)
    cache = Cache(addresses.redis_url, await installation.namespace(database))
    panels = panels or Panels(provider_key)
    built = Backends(
        database=database,
        cache=cache,
        shelf=Shelf(database, cache),
        panels=panels,
        waker=Waker(database),
        secret=addresses.secret,
        chance=chance or SystemRandom(),
    )
    try:
        await built.shelf.refresh()
        yield built
    finally:
        await panels.close()
        await cache.close()
        await database.close()


@contextlib.asynccontextmanager
async def panels() -> AsyncGenerator[Panels]:
    """What calls providers, for those who need no server of ours."""
    built = Panels(provider_key)
    try:
        yield built
    finally:
        await built.close()


def issuer(url: str, name: str, secret: str, back: str) -> Issuer:
    """Where operators may sign in elsewhere; raises ImportError without the extra `oidc`."""
    module: Any = importlib.import_module("gateway.upstream.issuer")
    made: Issuer = module.Issuer(url, name, secret, back)
    return made


async def spill(addresses: Addresses, backends: Backends) -> Spill | None:
    """A journal for a worker's replies, if they are to be kept; whoever takes it closes it."""
    if addresses.spill is None:
        return None
    return Spill(addresses.spill, await installation.namespace(backends.database))


def secret_in(folder: Path) -> str:
    """The secret of a data folder, made on first use and readable by its owner only."""
    file = folder / KEY_FILE
    with contextlib.suppress(FileExistsError):
        made = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(made, "w") as new:
            new.write(secrets.token_hex(32))
    return file.read_text().strip()
