"""The worker: woken at once, any number side by side, and clean when it is told to stop."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from functools import partial
from random import Random

import pytest

from gateway import wiring
from gateway.dialects.messages import AskBalance
from gateway.domain.catalog import OfferRef
from gateway.embedded import Servers
from gateway.operations import Backends
from gateway.operations.cancel import cancel
from gateway.operations.claim import claim
from gateway.operations.dispatch import send, settle
from gateway.operations.refill import refill
from gateway.sandbox.fates import Fates
from gateway.sender import Sender
from gateway.wiring import Addresses
from gateway.worker import Worker
from tests.emptied import database_url, shared_url
from tests.operations.parrot import KEY, Parrot
from tests.operations.shop import (
    KEY_NAMES,
    MARKED_UP,
    RATE,
    SERVICES,
    Serve,
    Shop,
    open_shop,
    serving,
    table,
    until,
)

__all__ = ["database_url", "shared_url"]

ENOUGH = 20


@pytest.fixture(autouse=True)
def provider_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KEY_NAMES:
        monkeypatch.setenv(name, KEY)


@pytest.fixture
def addresses(database_url: str, servers: Servers) -> Addresses:
    return Addresses(database_url, servers.redis_url, "a secret of the tests")


@pytest.fixture
async def serve() -> AsyncGenerator[Serve]:
    async with serving() as serve:
        yield serve


@pytest.fixture
async def shop(backends: Backends, serve: Serve) -> AsyncGenerator[Shop]:
    async with open_shop(backends, serve) as opened:
        yield opened


@pytest.fixture
async def another(addresses: Addresses, shop: Shop) -> AsyncGenerator[Backends]:
    """The backends of another process, built once the catalog is there."""
    assert shop.backends.shelf.stock.catalog.number
    async with wiring.backends(addresses, chance=Random(2)) as built:  # noqa: S311  a seed
        yield built


async def is_active_or_ended(shop: Shop, order: int) -> bool:
    return await shop.state(order) not in ("queued", "sending")


async def states(shop: Shop) -> dict[str, int]:
    return dict(await shop.rows("SELECT state, count(*) FROM orders GROUP BY 1"))


async def test_an_order_is_sent_at_once_and_followed_to_its_end(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    rest = shop.tables["acme"] + "\npoll_seconds = 1"
    await shop.reapply({**shop.tables, "acme": rest})
    shop.acme.fates = Fates({}, pace_milliseconds=200)
    async with Worker(shop.backends).running():
        # from here on looking by itself comes too late: only a wake-up can send within the time
        monkeypatch.setattr("gateway.sender.LOOK_SECONDS", 60)
        await asyncio.sleep(1.2)
        for marks in ("", "#partial", "#canceled"):
            order = await shop.order(marks=marks)
            async with asyncio.timeout(3):
                await until(partial(is_active_or_ended, shop, order))
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
        await until(lambda: shop.acme.requests["add"] == 1)
        assert await shop.state(order) == "sending"
    assert await shop.state(order) == "active"


async def test_stopping_settles_what_never_answers(shop: Shop) -> None:
    rest = shop.tables["acme"].replace("timeout_seconds = 5", "timeout_seconds = 1")
    await shop.reapply({**shop.tables, "acme": rest})
    async with Worker(shop.backends).running():
        order = await shop.order(marks="?fault=hang_after")
        await until(lambda: bool(shop.acme.links))
    attempt = await shop.attempt(order)
    assert (attempt["outcome"], attempt["trace_sent"]) == ("uncertain", True)
    assert await shop.state(order) == "unconfirmed"
    assert await shop.funds() == (100 - RATE, RATE)


async def test_stopping_while_claiming_leaves_nothing_in_doubt(shop: Shop) -> None:
    await shop.place(*(shop.placement(50) for _ in range(20)))
    sender = Sender(shop.backends, "acme", 1)
    async with shop.backends.database.dedicated() as connection, connection.transaction():
        await connection.execute("LOCK TABLE attempts IN EXCLUSIVE MODE")
        tasks = [asyncio.create_task(sender.run()), asyncio.create_task(sender.settle())]
        await blocked(shop, 1)
        stopping = asyncio.create_task(sender.stop())
        await asyncio.sleep(0.05)
        assert not stopping.done()
    await stopping
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert await states(shop) == {"active": 8, "queued": 12}
    assert len(shop.acme.links) == 8


async def test_one_that_cannot_be_written_takes_no_other_with_it(shop: Shop) -> None:
    """Somebody else is about to write down the id that is also in a set of ours."""
    ann = await shop.customer("ann", "10")
    await shop.place(shop.placement(50), caller=ann)
    shop.acme.adds = [b'{"order": %d}' % number for number in (77, 77, 78, 79)]
    (departure,) = await claim(shop.backends, "acme", 1, 10)
    returned = await send(shop.backends, departure)
    orders = await shop.place(*(shop.placement(50) for _ in range(3)))
    sender = Sender(shop.backends, "acme", 2)
    async with shop.backends.database.dedicated() as connection:
        async with connection.transaction():
            await connection.execute("LOCK TABLE journal_entries IN EXCLUSIVE MODE")
            first = asyncio.create_task(settle(shop.backends, [returned]))
            await blocked(shop, 1)
            tasks = [asyncio.create_task(sender.run())]
            await until(lambda: not shop.acme.adds)
            await asyncio.sleep(0.1)
            tasks.append(asyncio.create_task(sender.settle()))
            await blocked(shop, 2)
        await first
    await sender.stop()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    found = sorted([await shop.state(order) for order in orders])
    assert found == ["active", "active", "unconfirmed"]
    assert [kind for kind, _, _ in await shop.findings()] == ["D5"]


async def blocked(shop: Shop, wanted: int) -> None:
    """Returns once so many wait for a lock."""
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
        "AND datname = current_database()"
    )

    async def waiting() -> bool:
        return await shop.rows(query) == [(wanted,)]

    await until(waiting)


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


async def test_refills_and_cancels_go_their_way(shop: Shop) -> None:
    rest = shop.tables["acme"] + "\npoll_seconds = 1"
    await shop.reapply({**shop.tables, "acme": rest})
    shop.acme.fates = Fates({}, pace_milliseconds=300)

    async def requests(*wanted: tuple[str, str]) -> bool:
        found = await shop.rows("SELECT kind, state FROM order_requests ORDER BY id")
        return tuple(found) == wanted

    async def state(order: int, wanted: str) -> bool:
        return await shop.state(order) == wanted

    async with Worker(shop.backends).running():
        done = await shop.order()
        await until(partial(state, done, "completed"))
        await refill(shop.backends, shop.bob, [done])
        await until(partial(requests, ("refill", "completed")))
        shop.acme.fates = Fates({}, pace_milliseconds=8_000)
        regretted = await shop.order()
        await until(partial(state, regretted, "active"))
        assert await cancel(shop.backends, shop.bob, [regretted]) == {regretted: None}
        await until(partial(requests, ("refill", "completed"), ("cancel", "completed")))
        # the sandbox charges for what was delivered before its cancel took effect
        assert await shop.state(regretted) in ("partial", "canceled")
    both = sum(each.charged for each in shop.acme.orders)
    assert await shop.funds() == (100 - both * MARKED_UP, 0)
    assert (shop.acme.requests["refill"], shop.acme.requests["cancel"]) == (1, 1)


async def test_nothing_is_claimed_for_one_who_said_too_many(shop: Shop) -> None:
    shop.acme.words[AskBalance] = b'{"error":"Too many requests. Try again in 15 minutes."}'
    await shop.backends.panels.of(shop.provider()).balance()
    async with Worker(shop.backends).running():
        order = await shop.order()
        await asyncio.sleep(0.5)
    assert await shop.state(order) == "queued"
    assert await shop.rows("SELECT count(*) FROM attempts") == [(0,)]
    assert shop.acme.links == []


async def test_a_provider_that_joins_later_is_served_too(shop: Shop, serve: Serve) -> None:
    gamma = Parrot()
    service = """
[[services]]
id = 9
name = "Likes"
category = "Likes"
offers = ["gamma:104"]
"""
    async with Worker(shop.backends).running():
        tables = {**shop.tables, "gamma": table(await serve(gamma))}
        await shop.reapply(tables, SERVICES + service)

        async def on_sale() -> bool:
            return OfferRef("gamma", "104") in shop.backends.shelf.stock.offers

        await until(on_sale)
        await shop.order(service=9)

        async def sent() -> bool:
            return len(gamma.links) == 1

        await until(sent)
    assert await states(shop) == {"active": 1}


async def test_the_first_syncs_are_waited_for_well_or_badly(shop: Shop) -> None:
    shop.acme.change(faults={"down": 1})
    shop.beta.change(services={"101": {"rate": "0.91"}})
    worker = Worker(shop.backends)
    async with worker.running():
        async with asyncio.timeout(ENOUGH):
            await worker.first_syncs()
        found = await shop.rows("SELECT provider, sync_error <> '' FROM provider_states ORDER BY 1")
        assert found == [("acme", True), ("beta", False)]
        assert shop.backends.shelf.stock.offers[OfferRef("beta", "101")].listing.rate < 1
