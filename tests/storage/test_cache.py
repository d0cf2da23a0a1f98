"""Redis as a cache and a bell: heard when it is there, and missed by nobody when it is not."""

import asyncio
import time
from collections.abc import AsyncGenerator
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from gateway.embedded import Servers
from gateway.storage.cache import Cache

LONG = 20_000
DEAD = "redis://127.0.0.1:1/0"


@pytest.fixture
async def cache(servers: Servers) -> AsyncGenerator[Cache]:
    opened = Cache(servers.redis_url, f"test:{uuid4().hex}")
    yield opened
    await opened.close()


async def heard(cache: Cache, waiter: "asyncio.Task[None]") -> bool:
    """Whether a waiter returns when the bell rings, long before its time is over."""
    async with asyncio.timeout(5):
        while not waiter.done():
            await cache.ring("bell")
            await asyncio.sleep(0.01)
    return waiter.exception() is None


async def test_what_is_put_is_found(cache: Cache) -> None:
    assert await cache.get("a") is None
    await cache.put("a", b"\x00\xff")
    assert await cache.get("a") == b"\x00\xff"


async def test_installations_share_a_redis_and_nothing_else(cache: Cache, servers: Servers) -> None:
    other = Cache(servers.redis_url, "test:other")
    await cache.put("a", b"1")
    assert await other.get("a") is None
    waiter = asyncio.create_task(other.wait_for_ring("bell", 300))
    await asyncio.sleep(0.1)
    await cache.ring("bell")
    await asyncio.sleep(0.05)
    assert not waiter.done()
    await waiter
    await other.close()


async def test_a_ring_ends_the_wait(cache: Cache) -> None:
    assert await heard(cache, asyncio.create_task(cache.wait_for_ring("bell", LONG)))
    assert await heard(cache, asyncio.create_task(cache.wait_for_ring("bell", LONG)))


async def test_the_wait_ends_by_itself(cache: Cache) -> None:
    began = time.monotonic()
    await cache.wait_for_ring("bell", 150)
    assert 0.1 < time.monotonic() - began < 2


async def test_two_of_one_process_may_wait_at_once(cache: Cache) -> None:
    await cache.wait_for_ring("bell", 10)
    waiters = [asyncio.create_task(cache.wait_for_ring("bell", 400)) for _ in range(3)]
    ended = await asyncio.gather(*waiters, return_exceptions=True)
    assert ended == [None, None, None]
    assert await heard(cache, asyncio.create_task(cache.wait_for_ring("bell", LONG)))


async def test_a_waiter_that_is_cancelled_harms_no_other(cache: Cache) -> None:
    waiter = asyncio.create_task(cache.wait_for_ring("bell", LONG))
    await asyncio.sleep(0.05)
    waiter.cancel()
    await asyncio.wait([waiter])
    assert await heard(cache, asyncio.create_task(cache.wait_for_ring("bell", LONG)))


async def test_a_bell_that_was_cut_off_is_heard_again(cache: Cache, servers: Servers) -> None:
    await cache.wait_for_ring("bell", 10)
    control = Redis.from_url(servers.redis_url)  # pyright: ignore[reportUnknownMemberType]  untyped kwargs
    await control.execute_command("CLIENT", "KILL", "TYPE", "pubsub")  # pyright: ignore[reportUnknownMemberType]  untyped kwargs
    await cache.wait_for_ring("bell", 50)
    assert await heard(cache, asyncio.create_task(cache.wait_for_ring("bell", LONG)))
    await control.aclose()


async def test_without_redis_all_reads_as_absent() -> None:
    cache = Cache(DEAD)
    began = time.monotonic()
    for _ in range(3):
        await cache.put("a", b"1")
        assert await cache.get("a") is None
        await cache.ring("bell")
    await cache.wait_for_ring("bell", 100)
    assert 0.09 < time.monotonic() - began < 3
    await cache.close()


async def test_a_redis_that_says_nothing_is_given_up_soon() -> None:
    """The port answers and then nothing comes: as bad as none, and as quickly known."""
    ended: list[asyncio.Event] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ended.append(over := asyncio.Event())
        await reader.read()
        writer.close()
        over.set()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    cache = Cache(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0")
    began = time.monotonic()
    assert await cache.get("a") is None
    assert await cache.get("a") is None
    await cache.wait_for_ring("bell", 300)
    assert time.monotonic() - began < 3
    await cache.close()
    for over in ended:
        await over.wait()
    server.close()
    await server.wait_closed()
