"""Payments: booked once, and to the last digit."""

from decimal import Decimal

import pytest
from sqlalchemy.exc import DBAPIError

from gateway.domain.operators import Actor
from gateway.operations.statement import statement
from gateway.operations.top_up import top_up
from gateway.storage.ledger import BookedAlready
from tests.operations.shop import Shop


async def test_a_payment_is_booked_once(shop: Shop) -> None:
    found = await top_up(
        shop.backends, "bob", Decimal("0.000000000001"), reference="wire 7", actor=Actor("test")
    )
    assert found is not None
    assert found.available == Decimal("100.000000000001")
    with pytest.raises(BookedAlready):
        await top_up(shop.backends, "bob", Decimal(5), reference="wire 7", actor=Actor("test"))
    assert (
        await top_up(shop.backends, "nobody", Decimal(5), reference="wire 8", actor=Actor("test"))
        is None
    )
    lines = await statement(shop.backends, "bob")
    assert lines is not None
    assert [line.amount for line in lines] == [100, Decimal("0.000000000001")]
    assert lines[-1].balance == found.available


@pytest.mark.parametrize("amount", ["0", "-5", "NaN", "1e26"])
async def test_an_amount_that_is_none_is_not_booked(shop: Shop, amount: str) -> None:
    with pytest.raises(DBAPIError):
        await top_up(shop.backends, "bob", Decimal(amount), reference="x", actor=Actor("test"))
    assert await shop.funds() == (100, 0)
