"""What operators give back: once, never more than was captured, above a sum by two of them."""

import asyncio
from dataclasses import replace
from decimal import Decimal

from gateway.domain.glimpse import Glimpse
from gateway.domain.operators import Actor
from gateway.domain.orders import State
from gateway.operations.agree_refund import agree_refund
from gateway.operations.list_waiting import list_waiting
from gateway.operations.refund import Refunded, Wish, refund
from gateway.operations.withdraw_refund import withdraw_refund
from gateway.storage.goodwill import charged
from tests.operations.shop import RATE, Shop, documents, put_on_sale

ANN, EVE = Actor("ann", "10.0.0.7"), Actor("eve")
DEEDS = """
SELECT actor, address, what, subject, before, after, reason FROM deeds
 WHERE subject LIKE 'order:%' ORDER BY id"""


def wish(amount: str, token: str = "token-01") -> Wish:  # noqa: S107  a form's, no secret
    return Wish(Decimal(amount), "they wrote thrice", token)


async def dear(shop: Shop, quantity: int = 9_000) -> int:
    """An active order at 9 for 1,000, so of 81 of Bob's 100 unless it is said otherwise."""
    wanted = documents(shop.tables)
    markup = wanted.markup.replace('percent = "50"', 'percent = "900"')
    await put_on_sale(shop.backends, replace(wanted, markup=markup))
    return await shop.active(quantity)


async def test_part_of_a_charge_is_given_back_once(shop: Shop) -> None:
    order = await shop.active()
    given = await asyncio.gather(
        *(refund(shop.backends, order, wish("0.35"), actor=ANN) for _ in range(4))
    )
    assert set(given) == {Refunded(1)}
    assert await shop.funds() == (100 - RATE + Decimal("0.35"), 0)
    assert (await shop.booked(order))[-1] == (
        "goodwill:token-01",
        "adjustment",
        "available",
        Decimal("0.35"),
    )
    (deed,) = await shop.rows(DEEDS)
    assert deed == (
        "ann",
        "10.0.0.7",
        "refund order",
        f"order:{order}",
        {"state": "active", "left": "1.35"},
        {"amount": "0.35", "currency": "USD", "left": "1.00"},
        "they wrote thrice",
    )


async def test_what_cannot_be_given_back_is_refused(shop: Shop) -> None:
    order = await shop.active()
    refused = [
        (wish("1.36"), "1.35 is left"),
        (wish("0"), "above 0"),
        (wish("-1"), "above 0"),
        (wish("NaN"), "above 0"),
        (wish("0.0000001"), "multiple of 0.000001"),
        (Wish(Decimal(1), "  ", "token-01"), "say why"),
        (Wish(Decimal(1), "x" * 501, "token-01"), "1 to 500"),
        (Wish(Decimal(1), "x", "short"), "token"),
    ]
    for asked, why in refused:
        assert why in (await refund(shop.backends, order, asked, actor=ANN)).why_not
    queued = await shop.order()
    held = await refund(shop.backends, queued, wish("1"), actor=ANN)
    assert "nothing of it is captured" in held.why_not
    assert "no order 9" in (await refund(shop.backends, 9, wish("1"), actor=ANN)).why_not
    assert await shop.rows("SELECT id FROM goodwill") == []


async def test_a_stale_form_and_one_of_another_order_do_nothing(shop: Shop) -> None:
    order, other = await shop.active(), await shop.active()
    async with shop.backends.database.reading() as connection:
        shown = await charged(connection, order)
    assert shown is not None
    seen = shown.glimpse
    assert seen == Glimpse(State.ACTIVE, 1, RATE)
    await shop.see(order, status="Partial", remains=400, charge="0.54")
    stale = await refund(shop.backends, order, wish("1"), actor=ANN, seen=seen)
    left = Glimpse(State.PARTIAL, 1, Decimal("0.81"))
    assert stale == Refunded(why_not=f"order {order} was active and is partial by now", moved=left)
    assert await refund(shop.backends, order, wish("0.8"), actor=ANN, seen=left) == Refunded(1)
    again = await refund(shop.backends, other, wish("0.8"), actor=ANN)
    assert f"sent before, for 0.80 of order {order}" in again.why_not
    assert (
        "0.01 is left"
        in (await refund(shop.backends, order, wish("1", "t" * 8), actor=ANN)).why_not
    )


async def test_a_refund_that_comes_later_takes_the_place_of_goodwill(shop: Shop) -> None:
    order = await shop.active()
    await refund(shop.backends, order, wish("0.35"), actor=ANN)
    await shop.see(order, status="Partial", remains=300, charge="0.63")
    # 0.945 of 1.35 stays charged, of which 0.35 was given: both are his
    assert await shop.funds() == (100 - Decimal("0.945") + Decimal("0.35"), 0)
    await shop.proven()
    await shop.see(order, status="Canceled", charge="0")
    assert await shop.funds() == (100, 0)
    key, debit, credit, amount = next(
        row for row in reversed(await shop.booked(order)) if row[0].startswith("goodwill:seen:")
    )
    assert (debit, credit, amount) == ("available", "adjustment", Decimal("0.35")), key
    await shop.proven()
    nothing = (await refund(shop.backends, order, wish("0.01", "token-02"), actor=ANN)).why_not
    assert "0.00 is left" in nothing


async def test_above_a_sum_another_operator_agrees(shop: Shop) -> None:
    order = await dear(shop)
    why = "60.00 is above 50.00"
    waits = Refunded(1, waits=why)
    assert await refund(shop.backends, order, wish("60"), actor=ANN) == waits
    assert await refund(shop.backends, order, wish("60"), actor=ANN) == waits
    (waiting,) = (await list_waiting(shop.backends)).refunds
    assert (waiting.customer, waiting.amount, waiting.operator, waiting.why) == (
        "bob",
        60,
        "ann",
        why,
    )
    assert await shop.funds() == (19, 0)
    assert "another operator" in await agree_refund(shop.backends, 1, actor=ANN)
    assert sorted(
        await asyncio.gather(*(agree_refund(shop.backends, 1, actor=EVE) for _ in range(3)))
    ) == ["", "refund 1 is given by eve", "refund 1 is given by eve"]
    assert await shop.funds() == (79, 0)
    assert [row[:3] for row in await shop.rows(DEEDS)] == [
        ("ann", "10.0.0.7", "ask for a refund"),
        ("eve", "", "agree to a refund"),
    ]
    entry = "SELECT actor, reason FROM journal_entries WHERE kind = 'adjust'"
    assert await shop.rows(entry) == [("ann", "they wrote thrice (agreed by eve)")]
    # it was his all the same: whatever he gives back today waits
    small = await refund(shop.backends, order, wish("0.01", "token-02"), actor=ANN)
    assert small.waits == "0.01 and 60.00 given back of the order is above 50.00"


async def test_small_ones_add_up_over_a_day_and_an_order(shop: Shop) -> None:
    first, second = await dear(shop, 5_000), await dear(shop, 5_000)
    assert await refund(shop.backends, first, wish("40", "token-01"), actor=ANN) == Refunded(1)
    both = await asyncio.gather(
        *(refund(shop.backends, second, wish("6", f"token-1{n}"), actor=ANN) for n in range(2))
    )
    assert sorted(each.waits for each in both) == [
        "",
        "6.00 and 46.00 adjusted today is above 50.00",
    ]
    (late,) = (await list_waiting(shop.backends)).refunds
    assert await refund(shop.backends, second, wish("6", "token-20"), actor=EVE) == Refunded(4)
    alone = await refund(shop.backends, first, wish("4.75", "token-30"), actor=ANN, alone=True)
    assert alone == Refunded(5)
    assert (
        "(decided alone: 4.75 and 46.00 adjusted today is above 50.00)"
        in (await shop.rows("SELECT reason FROM journal_entries WHERE key = 'goodwill:token-30'"))[
            0
        ][0]
    )
    assert await withdraw_refund(shop.backends, late.id, actor=EVE, reason="paid twice") == ""
    assert (await list_waiting(shop.backends)).refunds == []
    assert "withdrawn by eve" in await agree_refund(shop.backends, late.id, actor=EVE)
    again = await refund(shop.backends, second, Wish(late.amount, "x", late.token), actor=ANN)
    assert "withdrawn by eve" in again.why_not


async def test_what_waits_is_judged_again_when_it_is_agreed_to(shop: Shop) -> None:
    order = await dear(shop)
    await refund(shop.backends, order, wish("60"), actor=ANN)
    await shop.execute("UPDATE goodwill SET asked_at = now() - interval '8 days'")
    assert "over a week" in await agree_refund(shop.backends, 1, actor=EVE)
    await shop.execute("UPDATE goodwill SET asked_at = now()")
    assert await refund(shop.backends, order, wish("30", "token-02"), actor=EVE) == Refunded(2)
    assert "51.00 is left" in await agree_refund(shop.backends, 1, actor=EVE)
