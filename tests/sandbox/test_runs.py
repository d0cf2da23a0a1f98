from decimal import Decimal
from itertools import pairwise

import pytest

from gateway.dialects.standard import STANDARD
from gateway.domain.observations import Observation, Taken, Word
from gateway.sandbox.fates import Fates
from gateway.sandbox.panel import Panel, Terms
from tests.sandbox.calling import Call, Clock
from tests.sandbox.speaking import LINK, Speaker

PACE = 10_000


async def speaker(call: Call, clock: Clock, terms: Terms | None = None) -> Speaker:
    panel = Panel(terms=terms, fates=Fates({}, PACE, "5"), clock=clock)
    return Speaker(await call(panel), STANDARD)


async def drip(us: Speaker, mark: str = "#completed", runs: int = 3, offer: str = "101") -> str:
    link = f"{LINK}{mark}"
    placement = us.placement(link=link, quantity="100", runs=str(runs), interval="30")
    return await us.add(offer, placement)


async def balance_is_what_was_charged(us: Speaker) -> Decimal:
    """Checks the sum over all rows, and returns what is left."""
    truth = await us.caller.truth()
    rows = [*us.caller.server.panel.orders, *us.caller.server.panel.orders.children]
    left = Decimal(str(truth["balance"]))
    assert left == us.caller.server.panel.terms.balance - sum(row.charged for row in rows)
    return left


async def test_runs_begin_one_after_another_and_are_orders(call: Call, clock: Clock) -> None:
    us = await speaker(call, clock)
    order = await drip(us)
    assert await balance_is_what_was_charged(us) == Decimal("999999.73")
    seen: list[Observation] = []
    for _ in range(5):
        seen.append(await us.status(order))
        clock.pass_by(PACE)
        assert await balance_is_what_was_charged(us) == Decimal("999999.73")
    assert [each.word for each in seen[:3]] == [Word.PENDING, Word.IN_PROGRESS, Word.IN_PROGRESS]
    assert seen[4].word is Word.COMPLETED
    assert [len(each.children or ()) for each in seen] == [1, 2, 3, 3, 3]
    runs = [each.runs or 0 for each in seen]
    assert runs[0] == 0
    assert runs[4] == 3
    assert all(before <= after for before, after in pairwise(runs))
    assert all(each.charge is each.remains is each.currency is None for each in seen)
    children = seen[4].children or ()
    assert len(set(children)) == 3
    rows = await us.statuses(*children)
    assert {row.charge for row in rows.values() if isinstance(row, Observation)} == {
        Decimal("0.09")
    }
    parents = [(await us.true_order(child))["parent"] for child in children]
    assert parents == [int(order)] * 3
    assert (await us.true_order(order))["children"] == [int(child) for child in children]
    assert (await us.caller.truth())["duplicates"] == []


@pytest.mark.parametrize(
    ("mark", "word"), [("#partial", Word.PARTIAL), ("#canceled", Word.CANCELED)]
)
async def test_what_runs_do_not_deliver_is_given_back(
    call: Call, clock: Clock, mark: str, word: Word
) -> None:
    us = await speaker(call, clock)
    order = await drip(us, mark, offer="105")
    clock.pass_by(10 * PACE)
    seen = await us.status(order)
    assert seen.word is word
    rows = (await us.statuses(*(seen.children or ()))).values()
    charges = [row.charge or 0 for row in rows if isinstance(row, Observation)]
    delivered = [100 - (row.remains or 0) for row in rows if isinstance(row, Observation)]
    assert charges == [Decimal("0.1837") * each / 1_000 for each in delivered]
    assert Decimal(str((await us.true_order(order))["charge"])) == sum(charges)
    assert await balance_is_what_was_charged(us) == 1_000_000 - sum(charges)


async def test_a_plain_parent_is_an_ordinary_row(call: Call, clock: Clock) -> None:
    us = await speaker(call, clock, Terms(plain_parents=True))
    order = await drip(us)
    seen = await us.status(order)
    assert seen == Observation(Word.PENDING, Decimal("0.27"), 0, 300, "USD")
    clock.pass_by(10 * PACE)
    seen = await us.status(order)
    start_count = (await us.true_order(order))["start_count"]
    assert isinstance(start_count, int)
    assert seen == Observation(Word.COMPLETED, Decimal("0.27"), start_count, 0, "USD")


async def test_a_cancel_ends_the_running_one_and_those_to_come(call: Call, clock: Clock) -> None:
    us = await speaker(call, clock)
    order = await drip(us, runs=5)
    clock.pass_by(PACE * 2 - 1)
    assert await us.cancels(order) == {order: Taken()}
    clock.pass_by(PACE)
    seen = await us.status(order)
    assert seen.word is Word.PARTIAL
    assert len(seen.children or ()) == 3
    rows = list((await us.statuses(*(seen.children or ()))).values())
    words = [row.word for row in rows if isinstance(row, Observation)]
    assert words[0] is Word.COMPLETED
    assert set(words[1:]) <= {Word.COMPLETED, Word.PARTIAL, Word.CANCELED}
    charges = sum(row.charge or 0 for row in rows if isinstance(row, Observation))
    assert charges < Decimal("0.27")
    assert await balance_is_what_was_charged(us) == 1_000_000 - charges
    clock.pass_by(10 * PACE)
    assert await us.status(order) == seen


async def test_a_cancel_before_any_work_gives_all_back(call: Call, clock: Clock) -> None:
    us = await speaker(call, clock)
    order = await drip(us)
    await us.cancels(order)
    clock.pass_by(PACE // 4)
    assert (await us.status(order)).word is Word.CANCELED
    assert await balance_is_what_was_charged(us) == 1_000_000


async def test_runs_wait_for_a_balance_that_was_overdrawn_by_hand(call: Call, clock: Clock) -> None:
    us = await speaker(call, clock, Terms(balance=Decimal("0.27")))
    order = await drip(us)
    children = (await us.true_order(order))["children"]
    assert isinstance(children, list)
    await us.caller.control(f'{{"order": {children[0]}, "charge": "0.50"}}')
    clock.pass_by(3 * PACE)
    assert len((await us.status(order)).children or ()) == 1
    await us.caller.control('{"balance": 1}')
    clock.pass_by(PACE)
    assert len((await us.status(order)).children or ()) == 2


async def test_a_parent_and_its_runs_are_set_by_hand(call: Call, clock: Clock) -> None:
    us = await speaker(call, clock)
    order = await drip(us)
    answer = await us.caller.control(f'{{"order": {order}, "children": 2}}')
    assert answer.status_code == 200
    children = (await us.status(order)).children or ()
    assert len(children) == 3
    answer = await us.caller.control(f'{{"order": {order}, "children": 1}}')
    assert "children must be a whole number from 0 to 0" in answer.json()["error"]
    answer = await us.caller.control(f'{{"order": {order}, "charge": 1}}')
    assert "remains, charge, start_count are theirs" in answer.json()["error"]
    for child, status in zip(children, ("Completed", "Canceled", "Partial"), strict=True):
        body = f'{{"order": {child}, "status": "{status}", "remains": 25}}'
        assert (await us.caller.control(body)).status_code == 200
    assert (await us.status(order)).word is Word.PARTIAL
    charges = Decimal("0.09") + 0 + Decimal("0.0675")
    assert await balance_is_what_was_charged(us) == 1_000_000 - charges
    await us.caller.control(f'{{"order": {order}, "status": "Completed"}}')
    assert (await us.status(order)).word is Word.COMPLETED


async def test_an_end_by_hand_is_one_for_the_runs_to_come(call: Call, clock: Clock) -> None:
    us = await speaker(call, clock)
    for status, kept in (("Canceled", "0.09"), ("Completed", "0.27")):
        before = await balance_is_what_was_charged(us)
        order = await drip(us)
        await us.caller.control(f'{{"order": {order}, "status": "{status}"}}')
        clock.pass_by(5 * PACE)
        seen = await us.status(order)
        assert (seen.word, len(seen.children or ())) == (Word(status), 1)
        assert await balance_is_what_was_charged(us) == before - Decimal(kept)


async def test_a_seed_replays_the_runs(call: Call) -> None:
    drawn: list[list[tuple[int, int]]] = []
    for seed, looks in (("5", 3), ("5", 30), ("6", 3)):
        clock = Clock()
        terms = Terms(seed=seed)
        us = Speaker(await call(Panel(terms=terms, fates=Fates(seed="1"), clock=clock)), STANDARD)
        order = await drip(us, "")
        for _ in range(looks):  # however often it is looked at
            clock.pass_by(30_000 // looks)
            await us.status(order)
        clock.pass_by(10**6)
        await us.status(order)
        orders = us.caller.server.panel.orders
        drawn.append([(each.id, each.taking.course.start_count) for each in orders.children])
    assert len(drawn[0]) == 3
    assert drawn[0] == drawn[1] != drawn[2]
