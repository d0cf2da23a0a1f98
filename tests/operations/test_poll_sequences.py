"""Whatever a provider says, in whatever order: the books stay whole, and no refund is too large."""

from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from gateway.dialects.json_text import Json
from gateway.domain.brakes import BRAKES
from gateway.domain.money import net_charge
from gateway.domain.operators import Actor
from gateway.operations.agree import agree
from gateway.operations.poll import close_old
from tests.operations.braked import brake
from tests.operations.shop import Shop

QUANTITY = 777
WORDS = (
    "Pending",
    "In progress",
    "Completed",
    "Partial",
    "Canceled",
    "Refunded",
    "Frozen",
    "",
)
CHARGES = some.one_of(
    some.sampled_from(["0", "0.6993", "0.69931", "0.3", "0.00000000001", "-3", "x", "9e11", None]),
    some.decimals(0, 2, places=11).map(str),
)
REMAINS = some.one_of(
    some.integers(-5, QUANTITY + 5), some.sampled_from([0, QUANTITY, "many", None, 10**17])
)
ROWS = some.fixed_dictionaries(
    {
        "status": some.sampled_from(WORDS),
        "charge": CHARGES,
        "remains": REMAINS,
        "currency": some.sampled_from(["USD", "USD", "USD", "EUR", None]),
    }
)
MINUTES = some.sampled_from([0, 0, 11])


async def open_again(shop: Shop) -> None:
    """What the example before did to the provider and his offer is forgotten."""
    await shop.execute("UPDATE discrepancies SET closed_at = now() WHERE order_id IS NULL")
    await agree(shop.backends, "acme", ["101"], actor=Actor("test"))


@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    # each example has an order of its own, and what one leaves behind must not harm the next
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seen=some.lists(some.tuples(MINUTES, ROWS), min_size=1, max_size=7))
async def test_any_sequence_ends_exact(shop: Shop, seen: list[tuple[int, dict[str, Json]]]) -> None:
    await open_again(shop)
    if shop.backends.shelf.stock.catalog.markup.brakes == BRAKES:
        await brake(shop, 'refund_above = "0.3"')
    order = await shop.active(QUANTITY)
    least = (await shop.story(order)).order.standing.net
    for minutes, row in seen:
        await shop.execute(f"UPDATE orders SET seen_since = seen_since - interval '{minutes} min'")  # noqa: S608  ours
        await shop.see(order, **row)
        standing = (await shop.story(order)).order.standing
        # a refund that was given is never taken back
        assert Decimal(0) <= standing.net <= least
        least = standing.net
        await shop.poll()
        # what was said twice waits for nothing any more
        assert (await shop.story(order)).braked == []
        booked = await shop.booked(order)
        await shop.poll()
        if minutes == 0:
            assert await shop.booked(order) == booked
    standing = (await shop.story(order)).order.standing
    back = sum(amount for _, _, to, amount in await shop.booked(order) if to == "available")
    assert back == standing.charge - net_charge(
        standing.charge, QUANTITY, standing.charged_quantity
    )
    await shop.proven()
    # out of the way of the next example
    await shop.execute("UPDATE orders SET ended_at = now() - interval '31 days'")
    await close_old(shop.backends)
