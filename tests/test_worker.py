"""The worker: woken at once, any number side by side, and clean when it is told to stop."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from random import Random

import pytest

from gateway import wiring
from gateway.domain.outcomes import Outcome
from gateway.operations import Backends
from gateway.operations.dispatch import Returned, claim
from gateway.sandbox.fates import Fates
from gateway.storage.settling import Ended
from gateway.wiring import Addresses
from gateway.worker import Sender, Worker
from tests.operations.conftest import addresses, provider_keys, serve, shop
from tests.operations.shop import RATE, Parrot, Shop, table

__all__ = ["addresses", "provider_keys", "serve", "shop"]

ENOUGH = 20


@pytest.fixture
async def another(addresses: Addresses, shop: Shop) -> AsyncGenerator[Backends]:  # noqa: F811  the fixture
    """The backends of another process, built once the catalog is there."""
    assert shop.backends.shelf.stock.catalog.number
    async with wiring.backends(addresses, chance=Random(2)) as built:  # noqa: S311  a seed
        yield built


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(ENOUGH):
        while not await holds():
            await asyncio.sleep(0.01)


async def states(shop: Shop) -> dict[str, int]:  # noqa: F811  the fixture
    return dict(await shop.rows("SELECT state, count(*) FROM orders GROUP BY 1"))


async def test_an_order_is_sent_at_once_and_followed_to_its_end(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    rest = shop.tables["acme"] + "\npoll_seconds = 1"
    await shop.reapply({**shop.tables, "acme": rest})
    shop.acme.fates = Fates({}, pace_milliseconds=200)
    async with Worker(shop.backends).running():
        # from here on looking by itself comes too late: only a wake-up can send within the time
        monkeypatch.setattr("gateway.worker.LOOK_SECONDS", 60)
        await asyncio.sleep(1.2)
        for marks in ("", "#partial", "#canceled"):
            order = await shop.order(marks=marks)
            async with asyncio.timeout(3):
                while await shop.state(order) in ("queued", "sending"):
                    await asyncio.sleep(0.005)
        ends = {"completed": 1, "partial": 1, "canceled": 1}

        async def ended() -> bool:
            return await states(shop) == ends

        await until(ended)
    assert len(shop.acme.links) == 3
    available, held = await shop.funds()
    assert (held, available < 100) == (0, True)


async def test_an_order_whose_wake_up_was_missed_is_found(shop: Shop, another: Backends) -> None:
    async with Worker(another).running():
        order = await shop.order()  # nobody sends this process's wake-ups

        async def active() -> bool:
            return await shop.state(order) == "active"

        await until(active)


async def test_two_workers_send_two_hundred_orders_once(shop: Shop, another: Backends) -> None:
    wanted = [shop.placement(50) for _ in range(200)]
    async with Worker(shop.backends).running(), Worker(another).running():
        for start in range(0, 200, 50):
            await shop.place(*wanted[start : start + 50])

        async def all_active() -> bool:
            return await states(shop) == {"active": 200}

        await until(all_active)
    assert sorted(shop.acme.links) == sorted(each.link for each in wanted)
    workers = await shop.rows("SELECT count(DISTINCT worker_id), count(*) FROM attempts")
    assert workers == [(2, 200)]


async def test_stopping_lets_calls_end_and_settles_them(shop: Shop) -> None:
    shop.acme.change(waits={"slow_milliseconds": 400})
    async with Worker(shop.backends).running():
        order = await shop.order(marks="?fault=slow")
        while not shop.acme.requests["add"]:
            await asyncio.sleep(0.001)
        assert await shop.state(order) == "sending"
    assert await shop.state(order) == "active"


async def test_stopping_settles_what_never_answers(shop: Shop) -> None:
    rest = shop.tables["acme"].replace("timeout_seconds = 5", "timeout_seconds = 1")
    await shop.reapply({**shop.tables, "acme": rest})
    async with Worker(shop.backends).running():
        order = await shop.order(marks="?fault=hang_after")
        while not shop.acme.links:
            await asyncio.sleep(0.001)
    attempt = await shop.attempt(order)
    assert (attempt["outcome"], attempt["trace_sent"]) == ("uncertain", True)
    assert await shop.state(order) == "unconfirmed"
    assert await shop.funds() == (100 - RATE, RATE)


@pytest.mark.parametrize("pause", [0, 0.002, 0.01, 0.03])
async def test_stopping_while_claiming_leaves_nothing_in_doubt(shop: Shop, pause: float) -> None:
    await shop.place(*(shop.placement(50) for _ in range(20)))
    sender = Sender(shop.backends, "acme", 1)
    tasks = [asyncio.create_task(sender.run()), asyncio.create_task(sender.settle())]
    await asyncio.sleep(pause)
    await sender.stop()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    found = await states(shop)
    assert set(found) <= {"queued", "active"}
    assert len(shop.acme.links) == found.get("active", 0)


async def test_one_that_cannot_be_written_takes_no_other_with_it(shop: Shop) -> None:
    """Another worker that hears the same id at the same time makes the second of them fail once."""
    orders = await shop.place(*(shop.placement(50) for _ in range(3)))
    departures = await claim(shop.backends, "acme", 1, 10)
    spoiled = Ended(departures[0].key, Outcome.ACCEPTED, "9" * 65)
    ended = [spoiled, *(Ended(d.key, Outcome.ACCEPTED, str(d.key.order)) for d in departures[1:])]
    returned = [Returned(each, d.ref) for each, d in zip(ended, departures, strict=True)]
    sender = Sender(shop.backends, "acme", 1)
    settling = asyncio.create_task(sender.settle())
    for each in returned:
        sender.hand_in(each)
    await sender.stop()
    settling.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await settling
    assert [await shop.state(order) for order in orders] == ["sending", "active", "active"]


async def test_it_outlives_its_connections(shop: Shop, another: Backends) -> None:
    async with Worker(shop.backends).running():
        for _ in range(2):
            async with another.database.dedicated() as connection:
                await connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> "
                    "pg_backend_pid() AND datname = current_database()"
                )
            order = 0
            while not order:
                with contextlib.suppress(Exception):
                    order = await shop.order()

            async def active(order: int = order) -> bool:
                return await shop.state(order) == "active"

            await until(active)

        async def locked() -> bool:
            query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2"
            return await shop.rows(query) == [(1,)]

        await until(locked)


async def test_a_provider_that_joins_later_is_served_too(shop: Shop, serve: object) -> None:  # noqa: F811
    gamma = Parrot()
    assert gamma
    assert table
    assert serve
