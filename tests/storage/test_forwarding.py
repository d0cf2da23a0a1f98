"""Requests on their way: leased, settled once, ended in time."""

import asyncio
from datetime import timedelta

import pytest

from gateway.domain.requests import Kind, RequestState, Step
from gateway.storage import forwarding
from gateway.storage.database import Database
from gateway.storage.forwarding import Due, DueRefill
from tests.storage.wishes import ask, end, execute, orders_of, rows

STATES = "SELECT state FROM order_requests ORDER BY id"
SENT, ASKED = RequestState.SENT, RequestState.ASKED


async def due(database: Database, limit: int = 100, lease_seconds: int = 60) -> list[Due]:
    async with database.transaction() as connection:
        return await forwarding.due(connection, "acme", limit, lease_seconds)


async def due_refills(database: Database) -> list[DueRefill]:
    async with database.transaction() as connection:
        return await forwarding.due_refills(connection, "acme", 100, 60)


async def save(database: Database, request: int, before: RequestState, step: Step) -> set[int]:
    async with database.transaction() as connection:
        return await forwarding.save(connection, [(request, before, step)])


async def close_old(database: Database) -> int:
    async with database.transaction() as connection:
        return await forwarding.close_old(connection, days=7, days_at_work=30, limit=10)


async def test_two_workers_never_ask_for_the_same(database: Database) -> None:
    made = await orders_of(database, "one", 40)
    await ask(database, Kind.CANCEL, *made)
    claimed = await asyncio.gather(*(due(database, limit=7) for _ in range(8)))
    found = [each.order for some in claimed for each in some]
    assert sorted(found) == made
    assert await due(database) == []


async def test_a_lease_ends(database: Database) -> None:
    (order,) = await orders_of(database, "one", 1)
    await ask(database, Kind.CANCEL, order)
    assert [each.tries for each in await due(database, lease_seconds=0)] == [1]
    (again,) = await due(database)
    assert (again.order, again.kind, again.ids) == (order, Kind.CANCEL, (f"900{order}",))
    assert again.tries == 2
    assert timedelta() <= again.order_age < timedelta(minutes=1)


async def test_nobody_is_asked_before_the_order_is_known_there(database: Database) -> None:
    taken, queued = await orders_of(database, "one", 2, known=1)
    await ask(database, Kind.CANCEL, taken, queued)
    assert [each.order for each in await due(database)] == [taken]


async def test_a_cancel_only_of_what_still_runs_and_a_refill_of_what_has_ended(
    database: Database,
) -> None:
    first, second = await orders_of(database, "one", 2)
    await ask(database, Kind.CANCEL, first)
    await ask(database, Kind.REFILL, second)
    await end(database, "completed", first, second)
    assert [(each.order, each.kind) for each in await due(database)] == [(second, Kind.REFILL)]


@pytest.mark.parametrize(("kind", "ids"), [(Kind.CANCEL, ("run 3",)), (Kind.REFILL, ("run 1",))])
async def test_of_a_drip_feed_of_ours_the_runs_are_asked_about(
    database: Database, kind: Kind, ids: tuple[str, ...]
) -> None:
    (order,) = await orders_of(database, "one", 1)
    await execute(database, "UPDATE orders SET runs = 1, interval_minutes = 5, self_run = true")
    await execute(
        database,
        "INSERT INTO order_parts (order_id, part, provider, provider_order, ended_at) VALUES"
        " (:id, 1, 'acme', 'run 1', now()), (:id, 3, 'acme', 'run 3', NULL)",
        id=order,
    )
    await ask(database, kind, order)
    (found,) = await due(database)
    assert found.ids == ids


async def test_what_is_settled_stays_settled(database: Database) -> None:
    (order,) = await orders_of(database, "one", 1)
    request = (await ask(database, Kind.REFILL, order))[order]
    step = Step(SENT, timedelta(minutes=1), request="77", note="a\0b")
    assert await save(database, request, ASKED, step) == {request}
    assert await save(database, request, ASKED, Step(RequestState.REJECTED)) == set()
    (row,) = await rows(
        database,
        "SELECT state, provider_request, note, sent_at IS NOT NULL, ended_at IS NOT NULL,"
        " next_at > now() + interval '50 seconds' FROM order_requests",
    )
    assert row == ("sent", "77", "ab", True, False, True)
    assert await save(database, request, SENT, Step(RequestState.COMPLETED)) == {request}
    (row,) = await rows(
        database, "SELECT state, provider_request, note, ended_at IS NOT NULL FROM order_requests"
    )
    assert row == ("completed", "77", "ab", True)
    assert await save(database, request, RequestState.COMPLETED, Step(SENT)) == set()


async def test_what_an_order_has_turned_meanwhile_is_left_alone(database: Database) -> None:
    (order,) = await orders_of(database, "one", 1)
    request = (await ask(database, Kind.REFILL, order))[order]
    await execute(database, "UPDATE order_requests SET state = 'rejected', ended_at = now()")
    assert await save(database, request, ASKED, Step(SENT)) == set()
    assert await rows(database, STATES) == ["rejected"]


async def test_a_refused_one_was_never_sent(database: Database) -> None:
    (order,) = await orders_of(database, "one", 1)
    request = (await ask(database, Kind.REFILL, order))[order]
    await save(database, request, ASKED, Step(RequestState.REJECTED, note="x" * 9_999))
    sent = "SELECT sent_at IS NULL, length(note) FROM order_requests"
    assert await rows(database, sent) == [(True, 500)]


async def test_an_absurd_id_is_not_kept(database: Database) -> None:
    (order,) = await orders_of(database, "one", 1)
    request = (await ask(database, Kind.REFILL, order))[order]
    await save(database, request, ASKED, Step(SENT, request="7" * 65))
    assert await rows(database, "SELECT provider_request FROM order_requests") == [None]


async def test_refills_are_followed_by_the_providers_id(database: Database) -> None:
    told, by_order, asked, cancel = await orders_of(database, "one", 4)
    made = await ask(database, Kind.REFILL, told, by_order, asked)
    await ask(database, Kind.CANCEL, cancel)
    await save(database, made[told], ASKED, Step(SENT, request="77"))
    await save(database, made[by_order], ASKED, Step(SENT))
    (found,) = await due_refills(database)
    assert (found.id, found.refill, found.state) == (made[told], "77", SENT)
    assert found.sent_for < timedelta(minutes=1)
    assert await due_refills(database) == []
    async with database.transaction() as connection:
        await forwarding.follow_by_order(connection, [found.id])
    await execute(database, "UPDATE order_requests SET next_at = now()")
    assert await due_refills(database) == []


async def test_what_nobody_was_asked_for_is_due_again_at_once(database: Database) -> None:
    (order,) = await orders_of(database, "one", 1)
    await ask(database, Kind.CANCEL, order)
    (claimed,) = await due(database)
    async with database.transaction() as connection:
        await forwarding.give_back(connection, [claimed.id])
    assert [each.tries for each in await due(database)] == [1]


async def test_an_order_is_looked_at_soon(database: Database) -> None:
    far, near, runs = await orders_of(database, "one", 3)
    await execute(database, "UPDATE orders SET next_poll_at = now() WHERE id = :id", id=near)
    await execute(
        database,
        "UPDATE orders SET runs = 1, interval_minutes = 5, self_run = true, next_poll_at = NULL"
        " WHERE id = :id",
        id=runs,
    )
    await execute(
        database,
        "INSERT INTO order_parts (order_id, part, provider, provider_order, next_poll_at)"
        " VALUES (:id, 1, 'acme', 'run 1', now() + interval '1 day')",
        id=runs,
    )
    async with database.transaction() as connection:
        await forwarding.lock_orders(connection, [runs, far, near])
        await forwarding.look_soon(connection, [far, near, runs], 60)
    soon = "SELECT next_poll_at <= now() + interval '61 seconds' FROM "
    assert await rows(database, f"{soon} orders ORDER BY id") == [True, True, None]
    assert await rows(database, f"{soon} order_parts") == [True]


@pytest.mark.parametrize(
    ("kind", "state", "sent", "days", "then"),
    [
        ("refill", "asked", False, 6, "asked"),
        ("refill", "asked", False, 8, "rejected"),
        ("refill", "sent", True, 8, "rejected"),
        ("refill", "in_progress", True, 8, "in_progress"),
        ("refill", "in_progress", True, 31, "rejected"),
        ("cancel", "sent", True, 6, "sent"),
        ("cancel", "sent", True, 8, "rejected"),
    ],
)
async def test_nothing_waits_for_ever(
    database: Database, kind: str, state: str, *, sent: bool, days: int, then: str
) -> None:
    (order,) = await orders_of(database, "one", 1)
    await ask(database, Kind(kind), order)
    await execute(
        database,
        "UPDATE order_requests SET state = :state, asked_at = now() - make_interval(days => :days),"
        " sent_at = CASE WHEN :sent THEN now() - make_interval(days => :days) END",
        state=state,
        days=days,
        sent=sent,
    )
    assert await close_old(database) == (0 if then == state else 1)
    assert await rows(database, STATES) == [then]


@pytest.mark.parametrize(
    ("state", "closed_from", "then"),
    [
        ("completed", None, "rejected"),
        ("partial", None, "completed"),
        ("canceled", None, "completed"),
        ("closed", "canceled", "completed"),
        ("closed", "completed", "rejected"),
    ],
)
async def test_a_cancel_ends_with_its_order_at_the_latest_here(
    database: Database, state: str, closed_from: str | None, then: str
) -> None:
    refilled, order = await orders_of(database, "one", 2)
    await ask(database, Kind.REFILL, refilled)
    await ask(database, Kind.CANCEL, order)
    await end(database, closed_from or state, order)
    await execute(
        database,
        "UPDATE orders SET state = :state, closed_from = :closed_from WHERE id = :id",
        state=state,
        closed_from=closed_from,
        id=order,
    )
    assert await close_old(database) == 1
    assert await rows(database, STATES) == ["asked", then]
