"""Placing: in order of arrival, all of an order or nothing, and once for each request id."""

import asyncio
from dataclasses import replace
from decimal import Decimal

from gateway.domain.placements import Placement
from gateway.domain.refusals import Code, Refusal
from gateway.domain.services import ServiceType
from gateway.operations.add import Wanted, add
from gateway.operations.repeated import repeated
from gateway.operations.statement import statement
from gateway.operations.status import status
from tests.operations.shop import RATE, Shop

NO_FUNDS = Refusal(Code.FUNDS)
TEN = 7_408  # 10.0008 at 1.35 per 1,000
HASH, OTHER_HASH = b"1" * 32, b"2" * 32


def wanted(shop: Shop, quantity: int, request_id: str | None = None) -> Wanted:
    return Wanted(shop.bob, shop.placement(quantity), request_id, HASH)


async def count(shop: Shop) -> int:
    return (await shop.rows("SELECT count(*) FROM orders"))[0][0]


async def test_a_set_is_decided_in_order_of_arrival(shop: Shop) -> None:
    sizes = [10_000] * 8 + [1_000]  # 13.5 each, and one of 1.35: 7 x 13.5 leaves 5.5
    placed = await add(shop.backends, [wanted(shop, size) for size in sizes])
    taken = [each for each in placed if isinstance(each, int)]
    assert placed == [*taken[:7], NO_FUNDS, taken[7]]
    assert taken == sorted(set(taken))
    assert await shop.funds() == (Decimal("4.15"), Decimal("95.85"))


async def test_what_costs_all_that_is_left_is_taken(shop: Shop) -> None:
    ann = await shop.customer("ann", "1.35")
    placed = await add(
        shop.backends, [Wanted(ann, shop.placement(1_000)), Wanted(ann, shop.placement(50))]
    )
    assert placed == [1, NO_FUNDS]


async def test_sets_of_several_customers_never_wait_in_a_ring(shop: Shop) -> None:
    ann = await shop.customer("ann", "100")
    sets = [
        [Wanted(one, shop.placement(50)), Wanted(other, shop.placement(50))]
        for one, other in ((shop.bob, ann), (ann, shop.bob)) * 10
    ]
    placed = await asyncio.gather(*(add(shop.backends, each) for each in sets))
    assert len({order for pair in placed for order in pair}) == 40


async def test_forty_at_once_never_overdraw(shop: Shop) -> None:
    cost = RATE * TEN / 1_000
    placed = await asyncio.gather(*(add(shop.backends, [wanted(shop, TEN)]) for _ in range(40)))
    taken = [each for (each,) in placed if isinstance(each, int)]
    assert len(taken) == 9
    assert [each for (each,) in placed if isinstance(each, Refusal)] == [NO_FUNDS] * 31
    assert await shop.funds() == (100 - 9 * cost, 9 * cost)
    assert await count(shop) == 9


async def test_the_same_request_id_is_the_same_order(shop: Shop) -> None:
    first = wanted(shop, 100, "a")
    assert await add(shop.backends, [first]) == [1]
    again, new, and_again = await add(shop.backends, [first, wanted(shop, 100), first])
    assert (again, and_again) == (1, 1)
    assert new != 1
    other = replace(first, input_sha256=OTHER_HASH)
    assert await add(shop.backends, [other]) == [Refusal(Code.REUSED_REQUEST_ID)]
    assert await repeated(shop.backends, shop.bob, "a", HASH) == 1
    assert await count(shop) == 2


async def test_the_same_request_id_twice_in_one_set(shop: Shop) -> None:
    first = wanted(shop, 100, "a")
    other = replace(first, input_sha256=OTHER_HASH)
    placed = await add(shop.backends, [first, first, other, replace(first, request_id="b")])
    assert placed[:3] == [1, 1, Refusal(Code.REUSED_REQUEST_ID)]
    assert await count(shop) == 2
    assert (await shop.funds())[1] == 2 * RATE / 10


async def test_the_same_request_id_at_the_same_time(shop: Shop) -> None:
    first = wanted(shop, 100, "a")
    placed = await asyncio.gather(*(add(shop.backends, [first]) for _ in range(10)))
    assert len({order for (order,) in placed}) == 1
    assert await count(shop) == 1


async def test_a_request_id_belongs_to_its_customer(shop: Shop) -> None:
    ann = await shop.customer("ann", "10")
    first = wanted(shop, 100, "a")
    placed = await add(shop.backends, [first, replace(first, caller=ann)])
    assert placed == [1, 2]
    assert await repeated(shop.backends, ann, "a", HASH) == 2


async def test_a_request_id_of_a_refused_one_is_free(shop: Shop) -> None:
    ann = await shop.customer("ann", "0.1")
    large = Wanted(ann, shop.placement(1_000), "a", HASH)
    assert await add(shop.backends, [large]) == [NO_FUNDS]
    small = Wanted(ann, shop.placement(50), "a", OTHER_HASH)
    (order,) = await add(shop.backends, [small])
    assert await repeated(shop.backends, ann, "a", OTHER_HASH) == order


async def test_a_refusal_leaves_nothing_behind(shop: Shop) -> None:
    tables = ("orders", "order_events", "idempotency", "journal_entries", "transfers")
    counts = " + ".join(f"(SELECT count(*) FROM {table})" for table in tables)  # noqa: S608  ours
    before = await shop.rows(f"SELECT {counts}")
    link = "https://a.example/x"
    refused = [
        (Placement(99, ServiceType.DEFAULT, link, 100), Refusal(Code.BAD_SERVICE)),
        (Placement(1, ServiceType.DEFAULT, link, 49), Refusal(Code.MIN, "50")),
        (Placement(1, ServiceType.DEFAULT, link, 10_001), Refusal(Code.MAX, "10000")),
        (Placement(1, ServiceType.PACKAGE, link, 1), Refusal(Code.UNAVAILABLE)),
        (Placement(4, ServiceType.CUSTOM_COMMENTS, link, 501), Refusal(Code.MAX, "500")),
        (Placement(1, ServiceType.DEFAULT, link, 10_000, runs=9), NO_FUNDS),
    ]
    asked = [Wanted(shop.bob, placement, "k", HASH) for placement, _ in refused]
    assert await add(shop.backends, asked) == [why for _, why in refused]
    euros = replace(shop.bob, currency="EUR")
    assert await add(shop.backends, [Wanted(euros, shop.placement())]) == [
        Refusal(Code.UNAVAILABLE)
    ]
    assert await shop.rows(f"SELECT {counts}") == before
    assert await shop.funds() == (100, 0)


async def test_each_type_is_charged_in_its_way(shop: Shop) -> None:
    link = "https://a.example/x"
    await shop.place(
        Placement(3, ServiceType.PACKAGE, link, 1),
        Placement(4, ServiceType.CUSTOM_COMMENTS, link, 3, comments=("a", "b", "a")),
        Placement(1, ServiceType.DEFAULT, link, 100, runs=3, interval_minutes=5),
        Placement(1, ServiceType.DEFAULT, link, 333),
    )
    assert await shop.rows("SELECT charge, cost FROM orders ORDER BY id") == [
        (Decimal("2.985"), Decimal("1.99")),
        (Decimal("0.05625"), Decimal("0.0375")),
        (Decimal("0.405"), Decimal("0.27")),
        (Decimal("0.44955"), Decimal("0.2997")),
    ]
    await shop.send()
    sent = [order.taking.placement for order in shop.acme.orders]
    assert max(each.comments for each in sent) == ("a", "b", "a")
    assert {each.runs for each in sent} == {None, 3}


async def test_an_order_records_why_it_costs_what_it_costs(shop: Shop) -> None:
    story = await shop.story(await shop.order())
    assert story.order.priced == {
        "rule": "1",
        "priced_from": "acme:101",
        "cost_rate": "0.90",
        "conversion": "1.00",
        "rate_exact": "1.35",
        "round_up_to": "0.0001",
        "rate": "1.35",
        "cost_expected": "0.90",
    }


async def test_another_customers_order_reads_like_a_missing_one(shop: Shop) -> None:
    order = await shop.order()
    ann = await shop.customer("ann")
    assert list(await status(shop.backends, shop.bob, [order, 999])) == [order]
    assert await status(shop.backends, ann, [order, 999]) == {}


async def test_a_statement_adds_up_to_the_last_digit(shop: Shop) -> None:
    for quantity in (333, 777, 1_001):
        await shop.active(quantity)
    refused = await shop.order(marks="?fault=refuse")
    await shop.send()
    await shop.see(1, status="Partial", charge="0.1", remains=100)
    await shop.see(2, status="Canceled", charge="0", remains=777)
    lines = await statement(shop.backends, "bob")
    assert lines is not None
    assert [line.kind for line in lines] == ["top_up", *["hold"] * 4, "release", *["refund"] * 2]
    assert sum(line.amount for line in lines) == lines[-1].balance == (await shop.funds())[0]
    assert [line.order for line in lines][-3:] == [refused, 1, 2]
    assert await statement(shop.backends, "nobody") is None
