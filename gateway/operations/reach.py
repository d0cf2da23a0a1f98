"""Reach a panel whose address and key somebody typed, to probe it."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from gateway.domain.addresses import Unfit, check_typed
from gateway.domain.catalog import Provider
from gateway.domain.operators import Actor
from gateway.operations import Backends
from gateway.storage import deeds
from gateway.storage.deeds import Deed
from gateway.storage.documents_values import PROVIDER_NAME
from gateway.upstream.panels import KeyMissing, Panels

__all__ = ["KeyMissing", "Provider", "Typed", "Unfit", "reach"]

TIMEOUT_SECONDS = 20
KEY_CHARACTERS_MAX = 500
# no other secret of this machine may be sent to an address that somebody typed
_KEY_ENV = re.compile(r"(?!GATEWAY_|AWS_|SSH_|PG)[A-Z][A-Z0-9_]{0,95}_KEY", re.ASCII)


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed. `key_env`: the variable that holds the key, or will hold it.

    `key`: the key itself, for this probe alone: it is kept nowhere.
    """

    name: str
    url: str
    key_env: str
    key: str = field(default="", repr=False)


@asynccontextmanager
async def reach(
    backends: Backends, typed: Typed, *, actor: Actor, private: bool = False
) -> AsyncGenerator[tuple[Panels, Provider]]:
    """Panels for `probe`, and the provider as it was typed, while the block runs.

    Raises `Unfit` for what may not be called or is no name, and on the way `KeyMissing`. `private`
    lets hosts of this network be called: a setting of the installation, never the operator's word.
    """
    provider = _provider(backends, typed, private=private)
    async with backends.database.transaction() as connection:
        told = {"url": provider.url, "key_env": provider.key_env}
        await deeds.record(connection, actor, Deed("probe", f"provider:{typed.name}", {}, told))
    panels = backends.panels.apart(typed.key or None, private=private)
    try:
        yield panels, provider
    finally:
        await panels.close()


def _provider(backends: Backends, typed: Typed, *, private: bool) -> Provider:
    check_typed(typed.url, private=private)
    if not re.fullmatch(PROVIDER_NAME, typed.name):
        raise Unfit("a provider's name has 1 to 40 letters, digits, - and _, a letter first")
    if not _KEY_ENV.fullmatch(typed.key_env):
        raise Unfit("the variable of a key is named in capitals and ends with _KEY")
    if len(typed.key) > KEY_CHARACTERS_MAX or not (typed.key.isascii() and typed.key.isprintable()):
        raise Unfit(f"a key has at most {KEY_CHARACTERS_MAX} plain characters")
    listed = backends.shelf.stock.catalog.providers.values()
    if not typed.key and any(
        each.key_env == typed.key_env and each.url != typed.url for each in listed
    ):
        raise Unfit(f"the key in {typed.key_env} belongs to another address")
    return Provider(
        typed.name, typed.url, "standard", "USD", typed.key_env, timeout_seconds=TIMEOUT_SECONDS
    )
