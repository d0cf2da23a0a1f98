"""Several workers at one queue: every order goes out once, and nobody waits in a ring."""

import asyncio

from gateway.domain.outcomes import Outcome
from gateway.operations import Backends
from gateway.operations.claim import claim
from gateway.operations.dispatch import Returned, send, settle
from gateway.storage.settling import Ended
from tests.operations.parted import Parted
from tests.operations.shop import Shop

ORDERS = 200
BATCH = 8


async def _work(backends: Backends, worker: int) -> int:
    sent = 0
    while departures := await claim(backends, "acme", worker, BATCH):
        returned = await asyncio.gather(*(send(backends, each) for each in departures))
        await settle(backends, returned)
        sent += len(returned)
    return sent


async def test_two_workers_send_each_order_once(shop: Shop, another: Backends) -> None:
    wanted = [shop.placement(100) for _ in range(ORDERS)]
    orders = await shop.place(*wanted)
    shares = await asyncio.gather(
        _work(shop.backends, 1), _work(another, 2), _work(shop.backends, 3), _work(another, 4)
    )
    assert sum(shares) == ORDERS
    assert min(shares) > 0
    assert sorted(shop.acme.links) == sorted(each.link for each in wanted)
    assert len(set(shop.acme.links)) == ORDERS
    assert await shop.rows("SELECT state, count(*) FROM orders GROUP BY 1") == [
        ("active", len(orders))
    ]
    assert await shop.rows("SELECT count(*), count(DISTINCT provider_order) FROM attempts") == [
        (ORDERS, ORDERS)
    ]


async def test_workers_send_each_run_once(shop: Shop, parted: Parted, another: Backends) -> None:
    drips = [await parted.drip(2) for _ in range(40)]
    assert len(await shop.send()) == 40
    await shop.execute("UPDATE orders SET next_run_at = now()")
    fresh = await shop.place(*(shop.placement(100) for _ in range(10)))
    shares = await asyncio.gather(
        _work(shop.backends, 1), _work(another, 2), _work(shop.backends, 3), _work(another, 4)
    )
    assert sum(shares) == len(drips) + len(fresh)
    assert await shop.rows(
        "SELECT run, outcome, count(*), count(DISTINCT order_id) FROM attempts GROUP BY 1, 2"
        " ORDER BY 1"
    ) == [(1, "accepted", 50, 50), (2, "accepted", 40, 40)]
    assert len(shop.acme.links) == 90


async def test_settlers_with_the_same_customers_never_wait_in_a_ring(shop: Shop) -> None:
    """Each set confirms an order of one customer and releases one of the other."""
    ann = await shop.customer("ann", "100")
    sets: list[list[Returned]] = []
    for round_ in range(12):
        yes, no = (shop.bob, ann) if round_ % 2 else (ann, shop.bob)
        await shop.place(shop.placement(100), caller=yes)
        await shop.place(shop.placement(100), caller=no)
        accepted, refused = await claim(shop.backends, "acme", 1, 10)
        taken = Ended(accepted.key, Outcome.ACCEPTED, str(round_ + 1))
        gone = Ended(refused.key, Outcome.REFUSED, reason="no", code="unseen")
        sets.append([Returned(taken, accepted.ref), Returned(gone, refused.ref)])
    await asyncio.gather(*(settle(shop.backends, each) for each in sets))
    assert await shop.rows("SELECT state, count(*) FROM orders GROUP BY 1 ORDER BY 1") == [
        ("active", 12),
        ("failed", 12),
    ]


async def test_claims_that_give_up_never_wait_in_a_ring(shop: Shop) -> None:
    ann = await shop.customer("ann", "100")
    for round_ in range(40):
        await shop.place(shop.placement(100), caller=(shop.bob, ann)[round_ % 3 % 2])
    await shop.execute("UPDATE orders SET created_at = now() - interval '1 hour'")
    claims = [claim(shop.backends, "acme", worker, 5) for worker in range(8)]
    assert await asyncio.gather(*claims) == [[]] * 8
    assert await shop.rows("SELECT DISTINCT state FROM orders") == [("failed",)]
