"""The providers' panels that are in use, one at a time for each provider."""

import asyncio
from collections.abc import Callable

from gateway.dialects.book import spoken_by
from gateway.domain.catalog import Provider
from gateway.upstream.client import ProviderClient
from gateway.upstream.guarded import Guarded
from gateway.upstream.limits import Limits
from gateway.upstream.wire import Way, public_trust


class KeyMissing(Exception):  # noqa: N818  a state of the world, told to whoever asks
    """A provider's key is not in the environment; the text names the variable."""


class Panels:
    """Keeps one ProviderClient for each provider until the catalog describes it anew.

    `keys` gives a provider's key, asked once for each client; what it raises is raised by `of`.
    `ways` gives what carries the calls to a provider, where that is no socket.
    """

    def __init__(
        self,
        keys: Callable[[Provider], str],
        limits: Limits | None = None,
        ways: Callable[[Provider], Way] | None = None,
    ) -> None:
        self._keys = keys
        self._limits = limits
        self._ways = ways
        self._in_use: dict[str, ProviderClient] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def of(self, provider: Provider) -> ProviderClient:
        """What calls this provider now. One that it replaces is closed after its calls have ended.

        Must be called while the event loop runs. KeyError when no dialect has that name.
        """
        old = self._in_use.get(provider.name)
        if old and old.provider == provider:
            return old
        way = self._ways(provider) if self._ways else None
        dialect, key = spoken_by(provider), self._keys(provider)
        new = ProviderClient(provider, dialect, key, self._limits, way)
        self._in_use[provider.name] = new
        if old:
            task = asyncio.get_running_loop().create_task(old.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
        return new

    def apart(self, key: str | None, *, private: bool = False) -> "Panels":
        """Others, for a panel whose address somebody typed: they reach public hosts alone.

        `key` None: asked for as ever. `private`: hosts of this network, too, for a sandbox.
        """

        def key_of(provider: Provider) -> str:
            return self._keys(provider) if key is None else key

        def way(_provider: Provider) -> Way:
            return Guarded(public_trust(), private=private)

        return Panels(key_of, self._limits, way)

    async def close(self) -> None:
        """Close all of them once their calls have ended."""
        in_use = tuple(self._in_use.values())
        self._in_use.clear()
        await asyncio.gather(*(each.close() for each in in_use), *self._closing)
