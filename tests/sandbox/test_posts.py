from collections.abc import Mapping
from decimal import Decimal

import pytest

from gateway.dialects.book import BOOK
from gateway.domain.observations import Accepted, Observation, Refused, Taken, Word
from gateway.domain.placements import Placement
from gateway.domain.refusals import Code
from gateway.domain.services import ServiceType
from gateway.sandbox.fates import Fates
from gateway.sandbox.panel import Panel, Terms
from tests.sandbox.calling import Call, Clock
from tests.sandbox.speaking import Speaker
from tests.sandbox.test_runs import balance_is_what_was_charged

PACE = 10_000
DAY = 24 * 3_600_000
RATE = Decimal("0.55")


async def speaker(
    call: Call, clock: Clock, name: str = "standard", terms: Terms | None = None
) -> Speaker:
    panel = Panel(BOOK[name], terms, fates=Fates({}, PACE, "5"), clock=clock)
    return Speaker(await call(panel), BOOK[name])


def subscription(us: Speaker, mark: str = "", **fields: str) -> Placement:
    return us.placement(ServiceType.SUBSCRIPTIONS, username=f"ann{mark}", **fields)


async def rows(us: Speaker, order: str) -> list[Observation]:
    children = (await us.status(order)).children
    assert children
    found = (await us.statuses(*children)).values()
    return [row for row in found if isinstance(row, Observation)]


async def test_a_post_after_another_is_charged_as_it_comes(call: Call, clock: Clock) -> None:
    us = await speaker(call, clock)
    order = await us.add("801", subscription(us, "#completed"))
    assert await us.status(order) == Observation(Word.ACTIVE, start_count=0, children=(), posts=3)
    assert await balance_is_what_was_charged(us) == 1_000_000
    for come in (1, 2, 3):
        clock.pass_by(PACE)
        seen = await us.status(order)
        assert (seen.word, len(seen.children or ()), seen.posts) == (Word.ACTIVE, come, 3)
        charged = sum((row.charge or 0) for row in await rows(us, order))
        assert await balance_is_what_was_charged(us) == 1_000_000 - charged
        assert charged > 0
    clock.pass_by(2 * PACE)
    seen = await us.status(order)
    assert (seen.word, len(seen.children or ())) == (Word.COMPLETED, 3)
    quantities: list[int] = []
    for child, row in zip(seen.children or (), await rows(us, order), strict=True):
        true = await us.true_order(child)
        quantity = true["quantity"]
        assert isinstance(quantity, int)
        quantities.append(quantity)
        assert (row.word, row.remains, row.charge) == (
            Word.COMPLETED,
            0,
            RATE * quantity / 1_000,
        )
        assert (true["type"], true["parent"]) == ("Default", int(order))
    assert all(10 <= each <= 20 for each in quantities)
    assert len(set(quantities)) > 1


@pytest.mark.parametrize("mark", ["#partial", "#canceled"])
async def test_what_posts_do_not_deliver_is_given_back(call: Call, clock: Clock, mark: str) -> None:
    us = await speaker(call, clock)
    order = await us.add("801", subscription(us, mark, posts="5"))
    clock.pass_by(20 * PACE)
    assert (await us.status(order)).word is Word.COMPLETED
    charged = sum((row.charge or 0) for row in await rows(us, order))
    assert (charged == 0) == (mark == "#canceled")
    assert Decimal(str((await us.true_order(order))["charge"])) == charged
    assert await balance_is_what_was_charged(us) == 1_000_000 - charged


async def test_old_posts_are_delivered_at_once(call: Call, clock: Clock) -> None:
    us = await speaker(call, clock)
    order = await us.add("801", subscription(us, old_posts="2"))
    assert len((await us.status(order)).children or ()) == 2
    clock.pass_by(20 * PACE)
    assert len((await us.status(order)).children or ()) == 5


async def test_a_cancel_stops_the_posts_and_not_the_orders(call: Call, clock: Clock) -> None:
    us = await speaker(call, clock)
    order = await us.add("801", subscription(us, "#completed"))
    clock.pass_by(PACE)
    assert await us.cancels(order) == {order: Taken()}
    clock.pass_by(PACE // 4)
    assert (await us.status(order)).word is Word.CANCELED
    clock.pass_by(10 * PACE)
    assert [row.word for row in await rows(us, order)] == [Word.COMPLETED]


@pytest.mark.parametrize(
    ("mark", "come", "word"),
    [
        ("#expired", 2, Word.EXPIRED),
        ("#posts=3,expired", 3, Word.EXPIRED),
        ("#paused", 2, Word.PAUSED),
        ("#posts=0,paused", 0, Word.PAUSED),
        ("#posts=1", 1, Word.ACTIVE),
    ],
)
async def test_marks_say_how_many_posts_come_and_what_then(
    call: Call, clock: Clock, mark: str, come: int, word: Word
) -> None:
    us = await speaker(call, clock)
    order = await us.add("801", subscription(us, mark, posts="5"))
    clock.pass_by(30 * PACE)
    seen = await us.status(order)
    assert (seen.word, len(seen.children or ())) == (word, come)


async def test_a_pause_ends_by_hand(call: Call, clock: Clock) -> None:
    us = await speaker(call, clock)
    order = await us.add("801", subscription(us, "#paused", posts="5"))
    clock.pass_by(30 * PACE)
    assert (await us.status(order)).word is Word.PAUSED
    await us.caller.control(f'{{"order": {order}, "status": "active"}}')
    clock.pass_by(30 * PACE)
    seen = await us.status(order)
    assert (seen.word, len(seen.children or ())) == (Word.COMPLETED, 5)


async def test_an_end_by_hand_can_be_taken_back(call: Call, clock: Clock) -> None:
    us = await speaker(call, clock)
    order = await us.add("801", subscription(us))
    for status, come in (("Expired", 0), ("Active", 3)):
        await us.caller.control(f'{{"order": {order}, "status": "{status}"}}')
        clock.pass_by(30 * PACE)
        await us.status(order)
        clock.pass_by(PACE)
        assert len((await us.status(order)).children or ()) == come
    assert (await us.status(order)).word is Word.COMPLETED


async def test_it_expires_when_its_day_is_over(call: Call, clock: Clock) -> None:
    us = await speaker(call, clock)
    order = await us.add("801", subscription(us, "#posts=1", expiry="03/01/2026"))
    clock.pass_by(DAY)
    assert (await us.status(order)).word is Word.ACTIVE
    clock.pass_by(DAY)
    seen = await us.status(order)
    assert (seen.word, len(seen.children or ())) == (Word.EXPIRED, 1)


async def test_an_unbounded_one_goes_on_until_somebody_ends_it(call: Call, clock: Clock) -> None:
    us = await speaker(call, clock, "smmia")
    order = await us.add("801", subscription(us, "#posts=7"))
    expired = await us.add("801", subscription(us, "#expired"))
    endless = await us.add("801", subscription(us))
    clock.pass_by(50 * PACE)
    seen = [await us.status(each) for each in (order, expired, endless)]
    assert [(row.word, len(row.children or ()), row.posts) for row in seen] == [
        (Word.ACTIVE, 7, None),
        (Word.EXPIRED, 2, None),
        (Word.ACTIVE, 50, None),
    ]
    await us.caller.control(f'{{"order": {endless}, "status": "Canceled"}}')
    clock.pass_by(50 * PACE)
    ended = await us.status(endless)
    assert (ended.word, len(ended.children or ())) == (Word.CANCELED, 50)
    await balance_is_what_was_charged(us)


async def test_a_far_jump_of_the_clock_makes_no_more_posts_than_there_may_be(
    call: Call, clock: Clock
) -> None:
    us = await speaker(call, clock, "smmia")
    panel = us.caller.server.panel
    panel.fates = Fates({}, 0)
    order = await us.add("801", subscription(us))
    clock.pass_by(400 * DAY)
    assert len((await us.status(order)).children or ()) == 1_000


async def test_without_funds_it_pauses_and_goes_on_with_them(call: Call, clock: Clock) -> None:
    us = await speaker(call, clock, terms=Terms(balance=Decimal("0.011")))
    order = await us.add("801", subscription(us, "#completed"))
    clock.pass_by(50 * PACE)
    seen = await us.status(order)
    assert (seen.word, len(seen.children or ())) == (Word.PAUSED, 1)
    await us.caller.control('{"balance": 1}')
    for _ in range(5):
        clock.pass_by(PACE)
        await us.status(order)
    seen = await us.status(order)
    assert (seen.word, len(seen.children or ())) == (Word.COMPLETED, 3)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"min": "9"}, Code.MIN),
        ({"max": "10001"}, Code.MAX),
        ({"posts": "10001"}, Code.BAD_PARAMS),
        ({"old_posts": "10000"}, Code.BAD_PARAMS),
        ({"max": "2000"}, Code.FUNDS),
    ],
)
async def test_what_is_refused(
    call: Call, clock: Clock, fields: Mapping[str, str], code: Code
) -> None:
    us = await speaker(call, clock, terms=Terms(balance=Decimal(1)))
    refused = await us.try_add("801", subscription(us, "", **fields))
    assert isinstance(refused, Refused)
    assert refused.code is code


async def test_posts_that_nobody_counts_may_be_left_out_where_the_page_says_so(
    call: Call, clock: Clock
) -> None:
    us = await speaker(call, clock)
    form = us.dialect.write_add("801", subscription(us))
    del form["posts"]
    answer = await us.post(form)
    assert isinstance(us.dialect.read_add(answer.status_code, answer.content), Accepted)


async def test_a_plain_parent_shows_its_charge_and_the_posts_to_come(
    call: Call, clock: Clock
) -> None:
    us = await speaker(call, clock, terms=Terms(plain_parents=True))
    order = await us.add("801", subscription(us))
    clock.pass_by(PACE)
    seen = await us.status(order)
    charge = Decimal(str((await us.true_order(order))["charge"]))
    assert seen == Observation(Word.ACTIVE, charge, 0, 2, "USD")
    assert charge > 0
