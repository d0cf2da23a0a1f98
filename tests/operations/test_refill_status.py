"""How refills go, from our own rows."""

import pytest

from gateway.domain.observations import RefillSeen, RefillWord
from gateway.operations.refill_status import refill_status
from tests.operations.asking import Asking
from tests.operations.shop import Shop


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ("asked", RefillWord.PENDING),
        ("sent", RefillWord.PENDING),
        ("in_progress", RefillWord.IN_PROGRESS),
        ("completed", RefillWord.COMPLETED),
        ("rejected", RefillWord.REJECTED),
    ],
)
async def test_a_customers_own_refills_have_a_word(
    shop: Shop, state: str, word: RefillWord
) -> None:
    asking = Asking(shop)
    order = await asking.completed()
    made = (await asking.refill(order))[order]
    assert isinstance(made, int)
    ended = "now()" if state in ("completed", "rejected") else "NULL"
    await shop.execute(f"UPDATE order_requests SET state = '{state}', ended_at = {ended}")  # noqa: S608  our own
    asked = [made, made + 1, 999]
    assert await refill_status(shop.backends, shop.bob, asked) == {made: RefillSeen(word)}
    eve = await shop.customer("eve")
    assert await refill_status(shop.backends, eve, asked) == {}
