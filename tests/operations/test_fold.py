"""The house accounts, summed now and then."""

from gateway.operations.fold import fold
from gateway.storage import leases
from tests.operations.shop import RATE, Shop


async def test_folding_is_done_by_one_at_a_time_and_changes_nothing(shop: Shop) -> None:
    await shop.active()
    query = "SELECT kind, amount FROM house_balances ORDER BY 1, 2"
    before = await shop.rows(query)
    assert ("revenue", -RATE) in before
    async with shop.backends.database.transaction() as connection:
        assert await leases.leads(connection, leases.FOLD)
        assert not await fold(shop.backends)
    assert await fold(shop.backends)
    assert await fold(shop.backends)
    assert await shop.rows(query) == before
    assert await shop.rows("SELECT count(*) FROM folds WHERE amount <> 0") == [(4,)]
