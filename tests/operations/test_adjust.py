"""Adjustments: booked once, never below zero, above the limit by two."""

import asyncio
from decimal import Decimal

import pytest

from gateway.domain.operators import Actor
from gateway.operations.adjust import NotAlone, Short, TokenTaken, Wanted, adjust
from gateway.operations.agree_adjustment import SamePerson, agree_adjustment
from gateway.operations.refund import Wish, refund
from gateway.operations.waiting_adjustments import waiting_adjustments
from gateway.operations.withdraw_adjustment import withdraw_adjustment
from tests.operations.shop import Shop

ANN, EVE = Actor("ann", "192.0.2.7"), Actor("eve")


def wanted(amount: str, token: str, *, alone: bool = False) -> Wanted:
    return Wanted(1, Decimal(amount), "they waited a day", token, alone)


async def deeds(shop: Shop) -> list[tuple[str, str, str]]:
    return await shop.rows(
        "SELECT actor, what, after ->> 'amount' FROM deeds WHERE what LIKE '%adjust%' ORDER BY id"
    )


async def test_a_form_that_is_sent_twice_is_booked_once(shop: Shop) -> None:
    one = wanted("2.5", "form 1")
    booked = await asyncio.gather(*(adjust(shop.backends, one, actor=ANN) for _ in range(4)))
    assert len({each.entry for each in booked if each}) == 1
    assert await shop.funds() == (Decimal("102.5"), 0)
    with pytest.raises(TokenTaken):
        await adjust(shop.backends, wanted("3", "form 1"), actor=ANN)
    taken = await adjust(shop.backends, wanted("-2.5", "form 2"), actor=ANN)
    assert taken is not None
    assert taken.outcome == "booked"
    assert await shop.funds() == (100, 0)
    assert await deeds(shop) == [("ann", "adjust", "2.50"), ("ann", "adjust", "-2.50")]


async def test_nothing_is_taken_that_is_not_there(shop: Shop) -> None:
    with pytest.raises(Short) as short:
        await adjust(shop.backends, wanted("-100.000001", "a", alone=True), actor=ANN)
    assert short.value.available == 100
    waits = await adjust(shop.backends, wanted("-60", "b"), actor=ANN)
    await adjust(shop.backends, wanted("-45", "c"), actor=EVE)
    assert waits is not None
    with pytest.raises(Short):
        await agree_adjustment(shop.backends, waits.id, actor=EVE)
    assert await shop.funds() == (55, 0)
    for amount in ("0", "NaN", "1e12", "0.0000000000001"):
        with pytest.raises(ValueError, match="amount"):
            await adjust(shop.backends, wanted(amount, "d"), actor=ANN)
    assert await adjust(shop.backends, Wanted(99, Decimal(1), "why", "e"), actor=ANN) is None


async def test_above_fifty_a_day_another_operator_agrees(shop: Shop) -> None:
    for amount, outcome in (("30", "booked"), ("-20", "booked"), ("0.01", None)):
        made = await adjust(shop.backends, wanted(amount, f"form of {amount}"), actor=ANN)
        assert made is not None
        assert made.outcome == outcome
    (waits,) = await waiting_adjustments(shop.backends)
    with pytest.raises(SamePerson):
        await agree_adjustment(shop.backends, waits.id, actor=Actor("Ann"))
    agreed = await agree_adjustment(shop.backends, waits.id, actor=EVE)
    assert agreed is not None
    assert (agreed.outcome, agreed.proposed_by, agreed.decided_by) == ("booked", "ann", "eve")
    assert await agree_adjustment(shop.backends, waits.id, actor=EVE) == agreed
    assert await shop.funds() == (Decimal("110.01"), 0)
    assert not await waiting_adjustments(shop.backends)


async def test_two_at_once_of_one_operator_count_together(shop: Shop) -> None:
    made = await asyncio.gather(
        *(adjust(shop.backends, wanted("20", f"form {n}"), actor=ANN) for n in range(4))
    )
    assert sorted(str(each.outcome) for each in made if each) == [
        "None",
        "None",
        "booked",
        "booked",
    ]
    waits = next(each for each in made if each and each.outcome is None)
    given_up = await withdraw_adjustment(shop.backends, waits.id, actor=EVE, reason="not now")
    assert given_up is not None
    assert given_up.outcome == "withdrawn"
    assert await agree_adjustment(shop.backends, waits.id, actor=EVE) == given_up
    assert await shop.funds() == (140, 0)


async def test_one_who_is_alone_says_so_and_it_stays_on_record(shop: Shop) -> None:
    made = await adjust(shop.backends, wanted("51", "a", alone=True), actor=ANN)
    assert made is not None
    assert made.alone
    assert await deeds(shop) == [("ann", "adjust alone", "51.00")]
    assert await shop.rows("SELECT reason FROM journal_entries WHERE kind = 'adjust'") == [
        ("they waited a day (decided alone)",)
    ]
    await shop.execute(
        "INSERT INTO operators (name, role, totp_seed, created_by)"
        " VALUES ('eve', 'finance', '', 'ann')"
    )
    with pytest.raises(NotAlone):
        await adjust(shop.backends, wanted("1", "b", alone=True), actor=ANN)


async def test_what_was_given_back_of_orders_counts_with_it(shop: Shop) -> None:
    """One limit a day, whichever way an operator moves money."""
    order = await shop.order(10_000)
    await shop.send()
    back = Wish(Decimal(13), "their ticket", "token-one-limit")
    assert not (await refund(shop.backends, order, back, actor=ANN)).waits
    made = await adjust(shop.backends, wanted("37.01", "beside it"), actor=ANN)
    assert made is not None
    assert made.outcome is None
    other = await adjust(shop.backends, wanted("37.01", "of another"), actor=EVE)
    assert other is not None
    assert other.outcome == "booked"
