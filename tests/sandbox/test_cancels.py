from decimal import Decimal

import pytest

from gateway.dialects.standard import STANDARD
from gateway.domain.observations import Refused, Taken, Word
from gateway.domain.refusals import Code
from gateway.sandbox.fates import Fates
from gateway.sandbox.panel import Panel
from tests.sandbox.calling import Call, Clock
from tests.sandbox.speaking import LINK, Speaker, as_list

PACE = 10_000
EFFECT = 2_000


async def speaker(call: Call, clock: Clock) -> Speaker:
    return Speaker(await call(Panel(fates=Fates({}, PACE), clock=clock)), STANDARD)


async def order_of(us: Speaker, mark: str = "#completed", offer: str = "101") -> str:
    return await us.add(offer, us.placement(link=f"{LINK}{mark}"))


async def code(us: Speaker, order: str) -> Code | None:
    refused = (await us.cancels(order))[order]
    assert isinstance(refused, Refused), refused
    return refused.code


async def ends(us: Speaker) -> list[object]:
    return [row["end"] for row in as_list((await us.caller.truth())["cancels"])]


async def test_a_request_is_not_a_result(call: Call, clock: Clock) -> None:
    us = await speaker(call, clock)
    order = await order_of(us)
    assert await us.cancels(order) == {order: Taken()}
    clock.pass_by(EFFECT - 1)
    assert (await us.status(order)).word is not Word.CANCELED
    assert (await us.balance()).amount == Decimal("999999.10")
    assert await ends(us) == [None]
    clock.pass_by(1)
    seen = await us.status(order)
    assert (seen.word, seen.charge, seen.remains) == (Word.CANCELED, 0, 1_000)
    assert (await us.balance()).amount == 1_000_000
    assert await ends(us) == ["canceled"]
    assert await code(us, order) is Code.CANCEL_REFUSED


async def test_what_was_delivered_is_charged_to_the_last_digit(call: Call, clock: Clock) -> None:
    us = await speaker(call, clock)
    orders = [await order_of(us, offer=offer) for offer in ("103", "106", "108")]
    clock.pass_by(PACE // 2)
    await us.cancels(*orders)
    clock.pass_by(EFFECT)
    charges = Decimal(0)
    for order, rate in zip(orders, ("4.8125", "0.02375", "1.15"), strict=True):
        seen = await us.status(order)
        assert seen.word is Word.PARTIAL
        assert seen.remains
        assert 0 < seen.remains < 1_000
        charge = Decimal(rate) * (1_000 - seen.remains) / 1_000
        assert seen.charge == charge
        charges += charge
    assert (await us.balance()).amount == 1_000_000 - charges
    clock.pass_by(10 * PACE)
    assert (await us.balance()).amount == 1_000_000 - charges


async def test_a_request_may_come_too_late(call: Call, clock: Clock) -> None:
    us = await speaker(call, clock)
    order = await order_of(us)
    await us.caller.control(f'{{"order": {order}, "status": "In progress", "remains": 10}}')
    await us.cancels(order)
    await us.caller.control(f'{{"order": {order}, "status": "Completed"}}')
    clock.pass_by(EFFECT)
    assert (await us.status(order)).word is Word.COMPLETED
    assert (await us.balance()).amount == Decimal("999999.10")
    assert await ends(us) == ["too late"]


async def test_one_that_is_ignored_completes(call: Call, clock: Clock) -> None:
    us = await speaker(call, clock)
    order = await order_of(us, "#completed,cancel_ignored")
    assert await us.cancels(order) == {order: Taken()}
    assert await code(us, order) is Code.CANCEL_IN_PROGRESS
    clock.pass_by(2 * PACE)
    assert (await us.status(order)).word is Word.COMPLETED
    assert await code(us, order) is Code.CANCEL_REFUSED
    assert await ends(us) == ["ignored"]


@pytest.mark.parametrize(("mark", "offer"), [("#uncancelable", "101"), ("", "102")])
async def test_who_cannot_be_canceled(call: Call, clock: Clock, mark: str, offer: str) -> None:
    us = await speaker(call, clock)
    order = await order_of(us, mark, offer)
    assert await code(us, order) is Code.CANCEL_REFUSED
    assert await ends(us) == []


async def test_many_at_once_are_told_apart(call: Call, clock: Clock) -> None:
    us = await speaker(call, clock)
    orders = [await order_of(us), await order_of(us, offer="102"), "7"]
    seen = await us.cancels(*orders)
    codes = [row.code if isinstance(row, Refused) else None for row in seen.values()]
    assert codes == [None, Code.CANCEL_REFUSED, Code.ORDER_NOT_FOUND]
    (cancel,) = as_list((await us.caller.truth())["cancels"])
    assert cancel == {
        "order": int(orders[0]),
        "asked_at": "2026-01-02T03:04:05+00:00",
        "due_at": "2026-01-02T03:04:07+00:00",
        "end": None,
    }


async def test_one_that_was_taken_back_can_be_asked_for_again(call: Call, clock: Clock) -> None:
    us = await speaker(call, clock)
    order = await order_of(us)
    await us.cancels(order)
    clock.pass_by(EFFECT)
    await us.caller.control(f'{{"order": {order}, "status": "In progress", "remains": 400}}')
    assert await us.cancels(order) == {order: Taken()}
    clock.pass_by(EFFECT)
    seen = await us.status(order)
    assert (seen.word, seen.charge) == (Word.PARTIAL, Decimal("0.54"))
