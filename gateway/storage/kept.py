"""What a process reckons once and keeps in memory, and whose turn it is to have more reckoned."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar, cast

T = TypeVar("T")

WAITING_MAX = 8


class Superseded(Exception):  # noqa: N818  an expected no
    """The same operator has asked anew, or too many others wait: ask again if it still matters."""


class Kept:
    """One value by each name, as long as what it was made of has the same version."""

    def __init__(self) -> None:
        self._values: dict[str, tuple[object, object]] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def get(self, name: str, version: object, make: Callable[[], T]) -> T:
        """The value, made in a thread if it is not there; whoever comes meanwhile waits for it."""
        async with self._locks.setdefault(name, asyncio.Lock()):
            known, value = self._values.get(name, (None, None))
            if known != version:
                value = await asyncio.to_thread(make)
                self._values[name] = version, value
            return cast("T", value)

    def latest(self, name: str, kind: type[T]) -> T | None:
        """The value that was kept last, whatever its version is; None where there is none."""
        _, value = self._values.get(name, (None, None))
        return value if isinstance(value, kind) else None


class Turns:
    """One at a time; of one operator's who wait, only the latest still gets a turn."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._latest: dict[str, int] = {}
        self._asked = self._waiting = 0

    @asynccontextmanager
    async def of(self, operator: str) -> AsyncGenerator[None]:
        """Raises `Superseded` instead of waiting for nothing."""
        if self._waiting >= WAITING_MAX:
            raise Superseded
        self._asked += 1
        self._waiting += 1
        mine = self._latest[operator] = self._asked
        try:
            await self._lock.acquire()
        finally:
            self._waiting -= 1
        try:
            if self._latest.get(operator) != mine:
                raise Superseded
            yield
        finally:
            if self._latest.get(operator) == mine:
                del self._latest[operator]
            self._lock.release()
