"""The breaker around a provider that leaves us in doubt (money.md 5)."""

from itertools import count

import pytest

from gateway.dialects.messages import AskBalance
from gateway.operations.claim import claim
from gateway.operations.dispatch import send, settle
from gateway.operations.providers import providers
from gateway.operations.relieve import relieve
from gateway.storage.claims import Departure
from tests.operations.shop import Shop

BREAKERS = "SELECT trips, until > now(), reason FROM breakers"
OVER = "UPDATE breakers SET until = now()"


COSTS = count(1_000)


async def order_of_its_own(shop: Shop, marks: str = "") -> int:
    """One that no other is alike, so that it has a lane for itself."""
    return await shop.order(next(COSTS), marks)


async def doubt(shop: Shop, times: int) -> None:
    for _ in range(times):
        await order_of_its_own(shop, "?fault=reset_after")
    await shop.send()


async def test_three_in_doubt_are_enough_and_nothing_more_is_sent(shop: Shop) -> None:
    await doubt(shop, 2)
    assert await shop.rows(BREAKERS) == []
    await doubt(shop, 1)
    assert await shop.rows(BREAKERS) == [(1, True, "3 orders unconfirmed")]
    order = await order_of_its_own(shop)
    assert await shop.send() == []
    assert await shop.state(order) == "queued"
    state = (await providers(shop.backends))["acme"][1]
    assert state
    assert (state.paused, state.pause_reason) == (True, "3 orders unconfirmed")


async def test_once_the_pause_is_over_one_order_tells(shop: Shop) -> None:
    await doubt(shop, 3)
    await shop.execute(OVER)
    first, second = await order_of_its_own(shop), await order_of_its_own(shop)
    assert len(await shop.send()) == 1
    assert [await shop.state(first), await shop.state(second)] == ["active", "queued"]
    assert await shop.rows(BREAKERS) == [(0, None, "3 orders unconfirmed")]
    assert len(await shop.send()) == 1
    # what went before counts no more
    await doubt(shop, 2)
    assert await shop.rows("SELECT trips FROM breakers") == [(0,)]
    await doubt(shop, 1)
    assert await shop.rows("SELECT trips FROM breakers") == [(1,)]


async def test_it_stays_open_for_longer_when_that_one_fails(shop: Shop) -> None:
    await doubt(shop, 3)
    await shop.execute(OVER)
    await doubt(shop, 2)
    pause = "SELECT trips, round(extract(epoch FROM until - now())) FROM breakers"
    ((trips, seconds),) = await shop.rows(pause)
    assert trips == 2
    assert 58 <= seconds <= 60
    assert await shop.rows("SELECT count(*) FROM orders WHERE state = 'queued'") == [(1,)]


async def test_orders_that_wait_go_to_another_offer(shop: Shop) -> None:
    await doubt(shop, 3)
    order = await order_of_its_own(shop)
    assert await relieve(shop.backends) == 1
    assert await relieve(shop.backends) == 0
    assert len(await shop.send("beta")) == 1
    assert await shop.state(order) == "active"
    assert await shop.rows("SELECT DISTINCT state FROM orders WHERE provider = 'acme'") == [
        ("unconfirmed",)
    ]
    await shop.proven()


async def test_what_nobody_else_can_take_waits_for_the_breaker(shop: Shop) -> None:
    await doubt(shop, 3)
    order = await shop.order(service=2)
    assert await relieve(shop.backends) == 0
    waits = "SELECT next_at > now() + '20 s' FROM orders WHERE state = 'queued'"
    assert await shop.rows(waits) == [(True,)]
    assert await shop.state(order) == "queued"


async def test_no_place_of_ours_is_no_fault_of_theirs(shop: Shop) -> None:
    shop.acme.words[AskBalance] = b'{"error":"Too many requests. Try again in 15 minutes."}'
    await shop.backends.panels.of(shop.provider()).balance()
    for _ in range(11):
        await order_of_its_own(shop)
    await shop.send()
    assert await shop.rows("SELECT DISTINCT outcome, code FROM attempts") == [("not_sent", "ours")]
    assert await shop.rows(BREAKERS) == []


@pytest.mark.parametrize("share", [0, 1])
async def test_a_refusal_is_an_answer(shop: Shop, share: int) -> None:
    await doubt(shop, 2 + share)
    await shop.execute(OVER)
    shop.acme.adds = [b'{"error":"Incorrect link"}']
    await order_of_its_own(shop)
    await shop.send()
    assert await shop.rows("SELECT trips FROM breakers") == [(0,)] * share


AGED = "UPDATE attempts SET started_at = now() - interval '{} s' WHERE outcome = 'open'"
SILENCE = "3 orders without an answer for 10 seconds"


async def begun(shop: Shop, age: int, times: int = 3) -> list[Departure]:
    """Attempts that are under way for so long."""
    for _ in range(times):
        await order_of_its_own(shop)
    departures = await claim(shop.backends, "acme", 1, times)
    assert len(departures) == times
    await shop.execute(AGED.format(age))
    return departures


@pytest.mark.parametrize(("age", "times"), [(9, 3), (11, 2)])
async def test_some_that_take_their_time_do_not_open_it(shop: Shop, age: int, times: int) -> None:
    await begun(shop, age, times)
    assert await relieve(shop.backends) == 0
    assert await shop.rows(BREAKERS) == []


async def test_silence_opens_it_before_any_call_has_ended(shop: Shop) -> None:
    departures = await begun(shop, 11)
    order = await order_of_its_own(shop)
    assert await relieve(shop.backends) == 1
    assert await shop.rows(BREAKERS) == [(1, True, SILENCE)]
    assert await shop.rows("SELECT provider, id FROM orders WHERE state = 'queued'") == [
        ("beta", order)
    ]
    await relieve(shop.backends)
    assert await shop.rows("SELECT trips FROM breakers") == [(1,)]
    # it was only slow
    await settle(shop.backends, [await send(shop.backends, departures[0])])
    assert await shop.rows("SELECT trips, until FROM breakers") == [(0, None)]
    await relieve(shop.backends)
    assert await shop.rows("SELECT trips FROM breakers") == [(0,)]


async def test_one_that_takes_others_meanwhile_is_not_silent(shop: Shop) -> None:
    await begun(shop, 11)
    await order_of_its_own(shop)
    assert len(await shop.send()) == 1
    await relieve(shop.backends)
    assert await shop.rows(BREAKERS) == []
