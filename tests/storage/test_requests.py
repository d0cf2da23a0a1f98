"""Refills and cancels on record: one open at a time, and ended with their orders."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from gateway.domain.catalog import OfferRef
from gateway.domain.orders import State
from gateway.domain.requests import Kind, Past, RequestState
from gateway.storage import requests
from gateway.storage.database import Database
from gateway.storage.requests import Owned, Turn
from tests.storage.wishes import ask, end, execute, orders_of, rows

STATES = "SELECT state FROM order_requests ORDER BY id"


async def turn(database: Database, *turns: Turn) -> None:
    async with database.transaction() as connection:
        await requests.seen(connection, turns)


async def test_only_the_customers_own_orders_are_locked(database: Database) -> None:
    (first,) = await orders_of(database, "one", 1)
    (second,) = await orders_of(database, "two", 1)
    async with database.transaction() as connection:
        found = await requests.lock(connection, 1, [second, 999, first])
    acme = OfferRef("acme", "101")
    assert found == {first: Owned(first, State.ACTIVE, None, 1, acme, None)}


async def test_one_open_request_of_a_kind_for_an_order(database: Database) -> None:
    first, second = await orders_of(database, "one", 2)
    made = await ask(database, Kind.REFILL, first, second)
    assert made.keys() == {first, second}
    assert await ask(database, Kind.REFILL, first, second) == {}
    assert (await ask(database, Kind.CANCEL, first)).keys() == {first}
    await execute(database, "UPDATE order_requests SET state = 'rejected', ended_at = now()")
    assert (await ask(database, Kind.REFILL, first)).keys() == {first}
    async with database.reading() as connection:
        past = await requests.past(connection, Kind.REFILL, [first, second, 999])
    assert past == {first: Past(2, open=True), second: Past(1)}


async def test_many_who_ask_at_once_get_one(database: Database) -> None:
    (order,) = await orders_of(database, "one", 1)

    async def asked() -> dict[int, int]:
        async with database.transaction() as connection:
            await requests.lock(connection, 1, [order])
            return await requests.ask(connection, Kind.REFILL, [order])

    made = await asyncio.gather(*(asked() for _ in range(12)))
    assert sum(bool(each) for each in made) == 1
    assert await rows(database, STATES) == ["asked"]


async def test_even_without_the_lock_there_is_never_a_second_one(database: Database) -> None:
    (order,) = await orders_of(database, "one", 1)
    made = await asyncio.gather(*(ask(database, Kind.CANCEL, order) for _ in range(12)))
    assert sum(bool(each) for each in made) == 1
    with pytest.raises(IntegrityError, match="order_requests_open"):
        await execute(
            database,
            "INSERT INTO order_requests (order_id, customer_id, kind, provider)"
            " VALUES (:id, 1, 'cancel', 'acme')",
            id=order,
        )


async def test_which_orders_have_an_open_refill(database: Database) -> None:
    first, second, third = await orders_of(database, "one", 3)
    await ask(database, Kind.REFILL, first, second)
    await ask(database, Kind.CANCEL, third)
    done = "UPDATE order_requests SET state = 'completed', ended_at = now() WHERE order_id = :id"
    await execute(database, done, id=second)
    async with database.reading() as connection:
        found = await requests.refilling(connection, {first, second, third, 999})
        assert list(found) == [first]
        assert timedelta() <= found[first] < timedelta(minutes=1)
        assert await requests.refilling(connection, []) == {}


async def test_refills_are_told_to_their_customer_alone(database: Database) -> None:
    (first,) = await orders_of(database, "one", 1)
    await orders_of(database, "two", 1)
    made = await ask(database, Kind.REFILL, first)
    cancel = await ask(database, Kind.CANCEL, first)
    async with database.reading() as connection:
        ids = [*made.values(), *cancel.values(), 999]
        assert await requests.states(connection, 1, ids) == {made[first]: RequestState.ASKED}
        assert await requests.states(connection, 2, ids) == {}


async def test_an_order_turns_its_requests(database: Database) -> None:
    by_order, by_id, canceled, refunded = await orders_of(database, "one", 4)
    await ask(database, Kind.REFILL, by_order, by_id, refunded)
    await ask(database, Kind.CANCEL, canceled)
    await execute(database, "UPDATE order_requests SET state = 'sent', sent_at = now()")
    known = "UPDATE order_requests SET provider_request = '77' WHERE order_id = :id"
    await execute(database, known, id=by_id)
    done, active = State.COMPLETED, State.ACTIVE
    await turn(
        database,
        Turn(by_order, done, active, refunded=False),
        Turn(by_id, done, active, refunded=False),
        Turn(canceled, active, active, refunded=False),
        Turn(refunded, done, State.PARTIAL, refunded=True),
        Turn(999, done, done, refunded=False),
    )
    assert await rows(database, STATES) == ["in_progress", "sent", "rejected", "sent"]
    await turn(
        database,
        Turn(by_order, active, done, refunded=False),
        Turn(canceled, active, State.CANCELED, refunded=True),
    )
    assert await rows(database, STATES) == ["completed", "sent", "rejected", "completed"]
    ended = "SELECT ended_at IS NOT NULL FROM order_requests ORDER BY id"
    assert await rows(database, ended) == [True, False, True, True]
    # what has ended is not opened again
    await turn(database, Turn(by_order, done, active, refunded=False))
    assert (await rows(database, STATES))[0] == "completed"


async def test_no_turns_are_nothing(database: Database) -> None:
    await turn(database)


async def test_nothing_more_is_sent_of_what_is_to_be_canceled(database: Database) -> None:
    plain, held, runs = await orders_of(database, "one", 3)
    await end(database, "completed", held)
    await execute(
        database,
        "UPDATE orders SET runs = 1, interval_minutes = 5, self_run = true, next_run_at = now()"
        " WHERE id = :id",
        id=runs,
    )
    await execute(
        database,
        "INSERT INTO order_parts (order_id, part, provider, provider_order, next_poll_at)"
        " SELECT :id, n, 'acme', 'run ' || n, now() + interval '1 day'"
        " FROM generate_series(1, 2) n",
        id=runs,
    )
    async with database.transaction() as connection:
        await requests.want_cancel(connection, [plain, held, runs])
    wanted = "SELECT cancel_wanted, next_run_at IS NULL FROM orders ORDER BY id"
    assert await rows(database, wanted) == [(False, True), (True, True), (True, True)]
    assert await rows(database, "SELECT next_poll_at <= now() FROM order_parts") == [True, True]


async def test_all_requests_of_an_order(database: Database) -> None:
    first, second = await orders_of(database, "one", 2)
    await ask(database, Kind.REFILL, first, second)
    await ask(database, Kind.CANCEL, first)
    async with database.reading() as connection:
        found = await requests.of_order(connection, first)
        assert [(each["kind"], each["state"]) for each in found] == [
            ("refill", "asked"),
            ("cancel", "asked"),
        ]
        held = await connection.execute(text("SELECT provider, customer_id FROM order_requests"))
        assert {tuple(row) for row in held} == {("acme", 1)}
