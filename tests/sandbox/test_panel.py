from dataclasses import replace
from decimal import Decimal

import pytest

from gateway.dialects.json_text import Json
from gateway.dialects.messages import ServicesRead
from gateway.dialects.standard import STANDARD
from gateway.sandbox.fates import Fates
from gateway.sandbox.offers import BUILT_IN, many
from gateway.sandbox.panel import Panel, Terms
from tests.sandbox.calling import Call, Clock


async def test_services_are_read_back_as_they_are_offered(call: Call) -> None:
    caller = await call(Panel())
    seen = STANDARD.read_services(200, (await caller.post(action="services")).content)
    assert seen == ServicesRead(BUILT_IN, ())


async def test_ten_thousand_offers(call: Call) -> None:
    caller = await call(Panel(offers=10_000))
    seen = STANDARD.read_services(200, (await caller.post(action="services")).content)
    assert seen == ServicesRead(many(10_000), ())
    assert len({listing.offer for listing in many(10_000)}) == 10_000


async def test_an_order_lives_from_pending_to_completed(call: Call, clock: Clock) -> None:
    caller = await call(Panel(fates=Fates(pace_milliseconds=10_000), clock=clock))
    order = await caller.add("https://a.example/1#completed", 1_000)
    assert order == 50_001
    expected: dict[str, Json] = {"charge": "0.90", "currency": "USD", "start_count": "0"}
    seen = await caller.ask(action="status", order="50001")
    assert seen == {**expected, "status": "Pending", "remains": "1000"}
    clock.pass_by(6_200)
    seen = await caller.ask(action="status", order="50001")
    assert seen["status"] == "In progress"
    assert 0 < int(str(seen["remains"])) < 1_000
    clock.pass_by(10_000)
    seen = await caller.ask(action="status", order="50001")
    assert (seen["status"], seen["remains"], seen["charge"]) == ("Completed", "0", "0.90")
    assert await caller.ask(action="balance") == {"balance": "999999.10", "currency": "USD"}


async def test_a_partial_order_is_charged_exactly_for_its_part(call: Call) -> None:
    caller = await call(Panel(fates=Fates(pace_milliseconds=0)))
    await caller.add("https://a.example/1#partial", 333, service="103")
    seen = await caller.ask(action="status", order="50001")
    remains = int(str(seen["remains"]))
    assert seen["status"] == "Partial"
    assert 0 < remains < 333
    charge = Decimal("4.8125") * (333 - remains) / 1_000
    assert Decimal(str(seen["charge"])) == charge
    assert Decimal(str((await caller.truth())["balance"])) == 1_000_000 - charge


async def test_a_canceled_order_is_given_back(call: Call, clock: Clock) -> None:
    caller = await call(Panel(fates=Fates(pace_milliseconds=1_000), clock=clock))
    await caller.add("https://a.example/1?fate=canceled", 1_000)
    assert (await caller.ask(action="balance"))["balance"] == "999999.10"
    clock.pass_by(1_300)
    assert (await caller.ask(action="balance"))["balance"] == "1000000.00"
    seen = await caller.ask(action="status", order="50001")
    assert (seen["status"], seen["charge"], seen["remains"]) == ("Canceled", "0.00", "1000")


async def test_packages_comments_and_drip_feeds_are_charged_by_their_kind(call: Call) -> None:
    caller = await call(Panel(fates=Fates({}, pace_milliseconds=0)))
    link = {"link": "https://a.example/"}
    await caller.ask(action="add", service="301", **link)
    await caller.ask(action="add", service="201", comments="one\ntwo\r\n\nthree", **link)
    drip = {"quantity": "100", "runs": "3", "interval": "30"}
    await caller.ask(action="add", service="101", **link, **drip)
    seen = [
        (order["quantity"], order["runs"], order["comments"], order["charge"], order["remains"])
        for order in await caller.orders()
    ]
    assert seen == [
        (1, None, [], "1.99", 0),
        (3, None, ["one", "two", "three"], "0.0375", 0),
        (100, 3, [], "0.27", 0),
    ]


async def test_a_batch_keeps_to_the_ids_that_were_asked(call: Call) -> None:
    caller = await call(Panel(clock=Clock()))
    first = await caller.add("https://a.example/1")
    second = await caller.add("https://a.example/2")
    assert isinstance(first, int)
    assert isinstance(second, int)
    assert first < second <= first + 7
    seen = await caller.ask(action="status", orders=f"{second},7,{first},0{first}")
    assert list(seen) == [str(second), "7", str(first), f"0{first}"]
    assert seen["7"] == seen[f"0{first}"] == {"error": "Incorrect order ID"}
    assert await caller.ask(action="status", order="7") == {"error": "Incorrect order ID"}


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"key": "wrong"}, "Invalid API key"),
        ({"action": "fly"}, "Incorrect request"),
        ({"service": "999"}, "Incorrect service ID"),
        ({"quantity": "49"}, "Quantity less than minimal 50"),
        ({"quantity": "10001"}, "Quantity more than maximum 10000"),
        ({"quantity": "1e3"}, "Incorrect quantity"),
        ({"link": " "}, "Missing parameter: link"),
        ({"service": "103", "runs": "2", "interval": "30"}, "Incorrect runs"),
        ({"quantity": "10000"}, "Not enough funds on balance"),
    ],
)
async def test_a_refused_add_books_nothing(call: Call, fields: dict[str, str], error: str) -> None:
    caller = await call(Panel(terms=Terms(balance=Decimal(8))))
    good = {"action": "add", "service": "101", "link": "https://a.example/", "quantity": "100"}
    assert await caller.ask(**{**good, **fields}) == {"error": error}
    truth = await caller.truth()
    assert (truth["orders"], truth["balance"]) == ([], "8.00")


async def test_the_truth_counts_requests_and_doubled_links(call: Call) -> None:
    caller = await call(Panel())
    for link in ("https://a.example/1", "https://a.example/2", "https://a.example/1"):
        await caller.add(link)
    for action in ("services", "balance", "balance", "fly"):
        await caller.post(action=action)
    await caller.post(action="status", order="1")
    truth = await caller.truth()
    counts = {"add": 3, "services": 1, "balance": 2, "status": 1, "other": 1}
    assert truth["requests"] == counts
    assert truth["duplicates"] == ["https://a.example/1"]


async def test_json_requests_and_lists_are_understood(call: Call) -> None:
    caller = await call(Panel(clock=Clock()))
    add = b'{"key":"sandbox-key","action":"add","service":101,"link":"https://a/","quantity":100}'
    await caller.http.post(caller.server.url, content=add)
    status = b'{"key":"sandbox-key","action":"status","orders":[50001,"5"]}'
    seen = await caller.http.post(caller.server.url, content=status)
    assert set(seen.json()) == {"50001", "5"}
    form = "key=sandbox-key&action=status&orders[]=50001&orders[]=5"
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert (await caller.http.post(caller.server.url, content=form, headers=kind)).json() == (
        seen.json()
    )


def test_offers_that_cannot_be_ordered_are_refused_at_once() -> None:
    with pytest.raises(ValueError, match="whole number"):
        Panel(offers=[replace(BUILT_IN[0], offer="a1")])
    with pytest.raises(ValueError, match="offers"):
        Panel(offers=0)
