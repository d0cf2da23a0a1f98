"""What a lost worker leaves behind, and replies that come after all (money.md 2, T3 and T7)."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from itertools import count

from gateway.domain.outcomes import Outcome
from gateway.operations.claim import claim
from gateway.operations.dispatch import send, settle
from gateway.operations.live import live
from gateway.operations.reap import BATCH, expire, reap
from gateway.operations.resolve import Decided
from gateway.storage.claims import Departure
from gateway.storage.database import Unreachable
from tests.operations.shop import RATE, Shop


@contextlib.asynccontextmanager
async def living(shop: Shop) -> AsyncGenerator[int]:
    """A worker that shows that it lives while the block runs; its number."""
    number: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(
        live(shop.backends, "here", None, registered=number.set_result, heard=lambda _: None)
    )
    yield await number
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


COSTS = count(1_000)  # of one cost only one at a time is sent while any is in doubt


async def claimed(shop: Shop, worker: int) -> Departure:
    """An order whose attempt was begun a while ago."""
    await shop.order(next(COSTS))
    (departure,) = await claim(shop.backends, "acme", worker, 1)
    await shop.execute("UPDATE attempts SET started_at = now() - interval '6 seconds'")
    return departure


async def test_only_a_dead_workers_attempts_are_doubted(shop: Shop) -> None:
    async with living(shop) as alive:
        async with living(shop) as dies:
            left = await claimed(shop, dies)
            kept = await claimed(shop, alive)
            assert await reap(shop.backends) == 0
        assert await reap(shop.backends) == 1
        assert await reap(shop.backends) == 0
        assert await shop.state(left.key.order) == "unconfirmed"
        assert await shop.state(kept.key.order) == "sending"
    attempt = await shop.attempt(left.key.order)
    assert (attempt["outcome"], attempt["reason"]) == ("uncertain", "worker_lost")
    assert (await shop.story(left.key.order)).events[-1]["actor"] == "reaper"
    both = [(await shop.story(each.key.order)).order.standing.charge for each in (left, kept)]
    assert await shop.funds() == (100 - sum(both), sum(both))
    assert await shop.send() == []


async def test_a_worker_that_has_just_begun_is_given_a_moment(shop: Shop) -> None:
    departure = await claimed(shop, 999)
    await shop.execute("UPDATE attempts SET started_at = now()")
    assert await reap(shop.backends) == 0
    assert await shop.state(departure.key.order) == "sending"


async def test_a_lease_that_is_over_is_doubted_though_its_worker_lives(shop: Shop) -> None:
    async with living(shop) as worker:
        departure = await claimed(shop, worker)
        await shop.execute("UPDATE attempts SET lease_until = now() - interval '1 ms'")
        assert await reap(shop.backends) == 1
    assert await shop.state(departure.key.order) == "unconfirmed"


async def test_a_real_reply_beats_the_guess(shop: Shop) -> None:
    departure = await claimed(shop, 999)
    returned = await send(shop.backends, departure)
    assert await reap(shop.backends) == 1
    await settle(shop.backends, [returned])
    order = departure.key.order
    assert await shop.state(order) == "active"
    assert [row[0] for row in await shop.booked(order)] == ["hold", "settle", "cost"]
    assert (await shop.attempt(order))["trace_resp"]


async def test_a_late_refusal_lets_it_go_on(shop: Shop) -> None:
    departure = await claimed(shop, 999)
    shop.acme.change(services={"101": None})
    returned = await send(shop.backends, departure)
    await reap(shop.backends)
    await settle(shop.backends, [returned])
    assert await shop.state(departure.key.order) == "queued"
    await shop.send("beta")
    assert await shop.state(departure.key.order) == "active"


async def test_the_reaper_keeps_better_evidence(shop: Shop) -> None:
    """It waits for the lock of an attempt that is being settled, and must see how it ended."""
    departure = await claimed(shop, 999)
    shop.acme.change(faults={"html_502_after": 1})
    returned = await send(shop.backends, departure)
    assert returned.ended.outcome is Outcome.UNCERTAIN
    async with shop.backends.database.dedicated() as connection:
        async with connection.transaction():
            await connection.execute("SELECT FROM orders FOR UPDATE")
            first = asyncio.create_task(settle(shop.backends, [returned]))
            await asyncio.sleep(0.2)
            second = asyncio.create_task(reap(shop.backends))
            await asyncio.sleep(0.2)
        await first
        assert await second == 0
    attempt = await shop.attempt(departure.key.order)
    assert (attempt["http_status"], attempt["trace_sent"]) == (502, True)


async def test_an_id_that_comes_after_the_operators_no(shop: Shop) -> None:
    departure = await claimed(shop, 999)
    await reap(shop.backends)
    order = departure.key.order
    assert await shop.decide(order) == Decided()
    assert await shop.state(order) == "failed"
    returned = await send(shop.backends, departure)
    await settle(shop.backends, [returned])
    assert await shop.state(order) == "failed"
    assert await shop.findings() == [("D5", order, True)]
    assert (await shop.attempt(order))["provider_order"] == returned.ended.provider_order
    assert [row[0] for row in await shop.booked(order)] == ["hold", "settle", "loss"]
    assert await shop.funds() == (100, 0)


async def test_what_waited_too_long_is_released(shop: Shop) -> None:
    old = [await shop.order(), await shop.order(service=2)]
    await shop.execute("UPDATE orders SET created_at = now() - interval '31 minutes'")
    fresh = await shop.order()
    assert await expire(shop.backends) == 2
    assert await expire(shop.backends) == 0
    assert [await shop.state(order) for order in old] == ["failed", "failed"]
    assert await shop.state(fresh) == "queued"
    assert await shop.funds() == (100 - RATE, RATE)


async def test_more_than_a_batch_is_too_old(shop: Shop) -> None:
    await shop.place(*(shop.placement(50) for _ in range(2 * BATCH + 1)))
    await shop.execute("UPDATE orders SET created_at = now() - interval '31 minutes'")
    assert await expire(shop.backends, batches=1) == BATCH
    assert await expire(shop.backends) == BATCH + 1
    assert await shop.funds() == (100, 0)


async def test_a_worker_whose_connection_is_cut_is_told(shop: Shop) -> None:
    registered: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(
        live(shop.backends, "here", 41, registered=registered.set_result, heard=lambda _: None)
    )
    assert await registered == 41
    await shop.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = 41"
    )
    with contextlib.suppress(Unreachable):
        await asyncio.wait_for(task, 5)
    assert task.done()
    await claimed(shop, 41)
    assert await reap(shop.backends) == 1


async def test_the_third_worker_lost_over_an_order_brings_it_to_review(shop: Shop) -> None:
    order = await shop.order()
    for state in ("unconfirmed", "unconfirmed", "review"):
        (departure,) = await claim(shop.backends, "acme", 77, 1)
        assert departure.key.order == order
        await shop.execute("UPDATE attempts SET started_at = now() - interval '1 hour'")
        assert await reap(shop.backends) == 1
        assert await shop.state(order) == state
        if state == "unconfirmed":  # as a resolver that has proof, and another try
            await shop.execute("UPDATE attempts SET outcome = 'disproved'")
            await shop.execute(
                "WITH back AS (UPDATE orders SET state = 'queued', next_at = now() RETURNING id) "
                "INSERT INTO order_events (order_id, seq, from_state, to_state, actor) "
                "SELECT id, (SELECT max(seq) + 1 FROM order_events), 'unconfirmed', 'queued', 'x' "
                "FROM back"
            )
    assert (await shop.story(order)).events[-1][
        "reason"
    ] == "3 workers were lost while they sent it"
    assert await reap(shop.backends) == 0
