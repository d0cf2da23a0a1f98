"""An ask that was made before has its answer, for the customer who made it."""

import pytest

from gateway.domain.callers import Caller
from gateway.domain.refusals import Code, Refusal
from gateway.operations.add import Wanted, add
from gateway.operations.repeated import repeated
from tests.operations.shop import Shop

HASH, OTHER = b"\x01" * 32, b"\x02" * 32


async def _add(shop: Shop, caller: Caller, request_id: str) -> int:
    (order,) = await add(shop.backends, [Wanted(caller, shop.placement(), request_id, HASH)])
    assert isinstance(order, int)
    return order


async def test_the_same_ask_again_has_the_same_order(shop: Shop) -> None:
    first, second = await _add(shop, shop.bob, "a"), await _add(shop, shop.bob, "b")
    assert await repeated(shop.backends, shop.bob, "a", HASH) == first
    assert await repeated(shop.backends, shop.bob, "b", HASH) == second
    assert await repeated(shop.backends, shop.bob, "c", HASH) is None
    with pytest.raises(Refusal) as refused:
        await repeated(shop.backends, shop.bob, "a", OTHER)
    assert refused.value.code is Code.REUSED_REQUEST_ID


async def test_anothers_request_id_says_nothing_of_him(shop: Shop) -> None:
    eve = await shop.customer("eve", "100")
    await _add(shop, shop.bob, "a")
    assert await repeated(shop.backends, eve, "a", HASH) is None
    assert await repeated(shop.backends, eve, "a", OTHER) is None
    hers = await _add(shop, eve, "a")
    assert await repeated(shop.backends, eve, "a", HASH) == hers
