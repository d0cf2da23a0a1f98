"""What a refund would do is told, and nothing is done."""

from dataclasses import replace
from decimal import Decimal

from gateway.domain.glimpse import Glimpse
from gateway.domain.operators import Actor
from gateway.domain.orders import State
from gateway.operations.preview_refund import Foreseen, preview_refund
from gateway.operations.refund import Refunded, Wish, refund
from tests.operations.shop import RATE, Shop

ANN = Actor("ann")


async def test_figures_are_those_that_the_refund_leaves(shop: Shop) -> None:
    order = await shop.active()
    seen, amount = Glimpse(State.ACTIVE, 1, RATE), Decimal("0.35")
    told = await preview_refund(shop.backends, order, amount, actor=ANN, seen=seen)
    has = 100 - RATE
    after = (has + amount, RATE - amount)
    assert told == Foreseen(amount, "USD", has, after[0], RATE, after[1], "")
    assert await shop.funds() == (has, 0)
    wish = Wish(amount, "they wrote thrice", "token-01")
    assert await refund(shop.backends, order, wish, actor=ANN, seen=seen) == Refunded(1)
    assert await shop.funds() == (after[0], 0)
    left = replace(seen, kept=after[1])
    for number, asked, shown, why in (
        (order, amount, seen, "by now 1.00"),
        (order, Decimal("1.1"), left, "1.00 is left"),
        (99, amount, left, "no order 99"),
    ):
        no = await preview_refund(shop.backends, number, asked, actor=ANN, seen=shown)
        assert isinstance(no, str)
        assert why in no
