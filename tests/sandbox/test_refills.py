from gateway.dialects.standard import STANDARD
from gateway.domain.observations import RefillSeen, RefillWord, Refused, Taken, Word
from gateway.domain.refusals import Code
from gateway.sandbox.fates import Fates
from gateway.sandbox.panel import Panel
from tests.sandbox.calling import Call, Clock
from tests.sandbox.speaking import LINK, Speaker, as_list

PACE = 10_000


async def speaker(call: Call, clock: Clock) -> Speaker:
    return Speaker(await call(Panel(fates=Fates({}, PACE), clock=clock)), STANDARD)


async def ended(us: Speaker, clock: Clock, mark: str = "", offer: str = "101") -> str:
    order = await us.add(offer, us.placement(link=f"{LINK}{mark}"))
    clock.pass_by(2 * PACE)
    return order


async def word(us: Speaker, refill: str) -> RefillWord | None:
    seen = (await us.refill_statuses(refill))[refill]
    assert isinstance(seen, RefillSeen), seen
    return seen.word


async def code(us: Speaker, order: str) -> Code | None:
    refused = (await us.refills(order))[order]
    assert isinstance(refused, Refused), refused
    return refused.code


async def test_a_refill_goes_its_way_and_the_next_gets_another_id(call: Call, clock: Clock) -> None:
    us = await speaker(call, clock)
    order = await ended(us, clock, "#partial")
    before = await us.status(order), await us.balance()
    for refill in ("7001", "7002"):
        assert (await us.refills(order))[order] == Taken(refill)
        seen: list[RefillWord | None] = []
        for _ in range(4):
            seen.append(await word(us, refill))
            clock.pass_by(PACE * 4 // 10)
        assert seen == ["Pending", "In progress", "In progress", "Completed"]
    assert (await us.status(order), await us.balance()) == before


async def test_a_mark_has_it_rejected(call: Call, clock: Clock) -> None:
    us = await speaker(call, clock)
    order = await ended(us, clock, "#refill_rejected")
    assert (await us.refills(order))[order] == Taken("7001")
    clock.pass_by(PACE - 1)
    assert await word(us, "7001") is RefillWord.PENDING
    clock.pass_by(1)
    assert await word(us, "7001") is RefillWord.REJECTED
    assert (await us.refills(order))[order] == Taken("7002")


async def test_who_is_not_eligible(call: Call, clock: Clock) -> None:
    us = await speaker(call, clock)
    assert await code(us, await ended(us, clock, "#canceled")) is Code.REFILL_REFUSED
    assert await code(us, await ended(us, clock, offer="104")) is Code.REFILL_REFUSED
    running = await us.add("101", us.placement())
    assert await code(us, running) is Code.REFILL_REFUSED
    assert await code(us, "1") is Code.ORDER_NOT_FOUND
    assert await code(us, f"0{running}") is Code.ORDER_NOT_FOUND


async def test_a_refill_is_set_by_hand(call: Call, clock: Clock) -> None:
    us = await speaker(call, clock)
    order = await ended(us, clock)
    await us.refills(order)
    for status in ("Rejected", "in progress", "Completed"):
        answer = await us.caller.control(f'{{"refill": 7001, "status": "{status}"}}')
        assert answer.json() == {"changed": ["refill"]}
        assert str(await word(us, "7001")).lower() == status.lower()
    for body, why in (
        ('{"refill": 7001}', "a refill has a status and nothing else"),
        ('{"refill": 7001, "status": "Partial"}', "there is no status Partial: one of Pending"),
        ('{"refill": 7001, "status": "Rejected", "remains": 1}', "nothing else"),
    ):
        assert why in (await us.caller.control(body)).json()["error"]


async def test_the_truth_knows_the_refills(call: Call, clock: Clock) -> None:
    us = await speaker(call, clock)
    order = await ended(us, clock)
    await us.refills(order)
    (refill,) = as_list((await us.caller.truth())["refills"])
    assert refill == {
        "refill": 7001,
        "order": int(order),
        "status": "Pending",
        "asked_at": "2026-01-02T03:04:25+00:00",
        "ends_at": "2026-01-02T03:04:35+00:00",
    }
    assert (await us.status(order)).word is Word.COMPLETED
