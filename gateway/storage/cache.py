"""Redis as a cache and a bell: it may vanish at any moment, and nothing waits for it for long."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import cast

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from gateway import clock
from gateway.failpoints import crossing

WAIT_SECONDS = 0.2
DOWN_NANOSECONDS = 1_000_000_000
KEEP_SECONDS = 24 * 3_600
_FAULTS = (RedisError, OSError, TimeoutError)


class Cache:
    """Keys of one installation. Every fault reads as absent, and for a second nothing is asked."""

    def __init__(self, url: str, namespace: str = "gateway") -> None:
        self._redis = Redis.from_url(  # pyright: ignore[reportUnknownMemberType]  untyped kwargs
            url,
            socket_timeout=WAIT_SECONDS,
            socket_connect_timeout=WAIT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._pubsub: PubSub | None = None
        self._listening = False
        self.namespace = namespace
        self._down_until = clock.nanoseconds() - 1

    async def get(self, key: str) -> bytes | None:
        """The value, or None when it is not there or Redis is not."""
        if self._is_down():
            return None
        try:
            found = await crossing("redis.get", self._redis.get(self._name(key)))
        except _FAULTS:
            self._failed()
            return None
        return found.encode() if isinstance(found, str) else found

    async def put(self, key: str, value: bytes, seconds: int = KEEP_SECONDS) -> None:
        """Keep a value for a while, if Redis is there."""
        if self._is_down():
            return
        try:
            await crossing("redis.set", self._redis.set(self._name(key), value, ex=seconds))
        except _FAULTS:
            self._failed()

    async def ring(self, channel: str) -> None:
        """Tell every process that listens; those that miss it poll."""
        try:
            name = self._name(channel)
            await crossing("redis.publish", self._redis.publish(name, b"1"))  # pyright: ignore[reportUnknownMemberType]  untyped kwargs
        except _FAULTS:
            self._failed()

    async def wait_for_ring(self, channel: str, milliseconds: int) -> None:
        """Return when the channel rings, or after a while, whether Redis is there or not.

        One at a time listens. Others of this process sleep: what it learns is theirs too.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + milliseconds / 1_000
        if self._listening:
            await asyncio.sleep(milliseconds / 1_000)
            return
        self._listening = True
        try:
            await self._listen(channel, milliseconds)
        except _FAULTS:
            await self._hang_up()
            self._failed()
            await asyncio.sleep(max(0, until - loop.time()))
        finally:
            self._listening = False

    async def close(self) -> None:
        """Give the connections back."""
        await self._hang_up()
        await self._redis.aclose()

    async def _listen(self, channel: str, milliseconds: int) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + milliseconds / 1_000
        if self._pubsub is None:
            self._pubsub = self._redis.pubsub()  # pyright: ignore[reportUnknownMemberType]  untyped kwargs
            await crossing("redis.subscribe", self._pubsub.subscribe(self._name(channel)))
        heard: object = None
        # what confirms the subscription ends a wait too, but is no ring
        while heard is None and (left := until - loop.time()) > 0:
            message = self._pubsub.get_message(ignore_subscribe_messages=True, timeout=left)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  untyped values
            heard = await crossing("redis.hear", cast("Awaitable[object]", message))

    async def _hang_up(self) -> None:
        pubsub, self._pubsub = self._pubsub, None
        if pubsub is not None:
            with suppress(*_FAULTS):
                await pubsub.aclose()

    def _name(self, key: str) -> str:
        return f"{self.namespace}:{key}"

    def _is_down(self) -> bool:
        return clock.nanoseconds() < self._down_until

    def _failed(self) -> None:
        self._down_until = clock.nanoseconds() + DOWN_NANOSECONDS
