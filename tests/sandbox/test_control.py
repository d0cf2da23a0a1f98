import pytest

from gateway.sandbox.fates import Fates
from gateway.sandbox.panel import Panel
from tests.sandbox.calling import KEY, Call, Clock

SERVICE = '{"services": {"101": %s}}'


async def test_an_order_is_set_by_hand_and_charged_so(call: Call, clock: Clock) -> None:
    caller = await call(Panel(clock=clock))
    await caller.add("https://a.example/1#completed")
    body = '{"order": 50001, "status": "partial", "remains": 157, "charge": "0.27"}'
    answer = await caller.control(body)
    assert answer.json() == {"changed": ["order"]}
    seen = await caller.ask(action="status", order="50001")
    assert (seen["status"], seen["remains"], seen["charge"]) == ("Partial", "157", "0.27")
    clock.pass_by(10**7)
    assert await caller.ask(action="status", order="50001") == seen
    assert (await caller.truth())["balance"] == "999999.73"


@pytest.mark.parametrize(
    ("change", "remains", "charge"),
    [
        ('"status": "Partial", "remains": 157', "157", "0.7587"),
        ('"status": "Canceled"', "1000", "0.00"),
        ('"status": "Canceled", "charge": "0.5"', "1000", "0.50"),
        ('"status": "Completed", "start_count": 7', "0", "0.90"),
        ('"status": "In progress", "remains": 3', "3", "0.90"),
    ],
)
async def test_what_is_left_out_follows_the_status(
    call: Call, change: str, remains: str, charge: str
) -> None:
    caller = await call(Panel(fates=Fates(pace_milliseconds=0)))
    await caller.add("https://a.example/1#canceled")
    assert (await caller.control(f'{{"order": "50001", {change}}}')).status_code == 200
    seen = await caller.ask(action="status", order="50001")
    assert (seen["remains"], seen["charge"]) == (remains, charge)


async def test_an_end_that_is_taken_back(call: Call) -> None:
    caller = await call(Panel(fates=Fates(pace_milliseconds=0)))
    await caller.add("https://a.example/1#canceled")
    for status, balance in (("In progress", "999999.10"), ("Canceled", "1000000.00")):
        await caller.control(f'{{"order": 50001, "status": "{status}"}}')
        assert (await caller.ask(action="balance"))["balance"] == balance


async def test_offers_change_come_and_go(call: Call) -> None:
    caller = await call(Panel())
    new = '{"name": "New", "rate": 0.5, "min": 1, "max": "9", "type": "Package", "refill": true}'
    body = f'{{"services": {{"101": {{"rate": "1.30", "max": 60}}, "102": null, "900": {new}}}}}'
    assert (await caller.control(body)).json() == {"changed": ["services"]}
    rows = (await caller.post(action="services")).json()
    by_id = {row["service"]: row for row in rows}
    assert (by_id[101]["rate"], by_id[101]["max"], by_id[101]["min"]) == ("1.30", "60", "50")
    assert 102 not in by_id
    assert (by_id[900]["rate"], by_id[900]["type"], by_id[900]["refill"]) == ("0.50", "Package", 1)
    assert await caller.add("https://a.example/1", service="900") == 50_001


async def test_faults_fates_waits_pace_key_and_balance_change(call: Call) -> None:
    caller = await call(Panel())
    body = (
        '{"faults": {"liar": "1"}, "fates": {"canceled": 1}, "waits": {"slow_milliseconds": 5},'
        '"pace_seconds": "0.5", "key": "new", "balance": "12.5"}'
    )
    changed = (await caller.control(body)).json()["changed"]
    assert changed == ["faults", "fates", "waits", "pace_seconds", "key", "balance"]
    assert await caller.ask(action="balance") == {"error": "Invalid API key"}
    seen = await caller.ask(key="new", action="balance")
    assert seen["balance"] == "12.50"
    add = {"action": "add", "service": "101", "link": "https://a.example/", "quantity": "100"}
    assert await caller.ask(key="new", **add) == {"error": "Service is not available"}
    order = next(iter(caller.server.panel.orders))
    assert (order.taking.course.fate, order.taking.course.milliseconds <= 625) == ("canceled", True)
    assert caller.server.panel.faults.waits.slow_milliseconds == 5


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("", "must be a JSON object"),
        ("[]", "must be a JSON object"),
        ("{}", "must be a JSON object"),
        ('{"key": "a", "key": "b"}', "must be a JSON object"),
        ('{"fault": {}}', "unknown: fault; there are services, faults"),
        ('{"status": "Partial"}', "belong to an order"),
        ('{"order": 5, "status": "Partial"}', "there is no order 5"),
        ('{"order": null, "status": "Partial"}', "there is no order None"),
        ('{"order": 50001, "status": "Done"}', "there is no status Done: one of Pending"),
        ('{"order": 50001, "remains": 1001}', "remains must be a whole number from 0 to 1000"),
        ('{"order": 50001, "remains": -1}', "remains must be a whole number"),
        ('{"order": 50001, "charge": "NaN"}', "charge must be an amount"),
        ('{"order": 50001, "charge": -1}', "charge must be an amount"),
        ('{"services": []}', "services must be an object"),
        ('{"services": {"999": null}}', "there is no 999"),
        ('{"services": {"999": {"rate": "1"}}}', "lacks name, min, max"),
        ('{"services": {"x1": {"rate": "1"}}}', "an id is a whole number"),
        (SERVICE % '{"price": 1}', "services.101: unknown price"),
        (SERVICE % '{"min": 99999}', "min must be from 1 to max"),
        (SERVICE % '{"rate": "1,3"}', "services.101.rate must be an amount"),
        (SERVICE % '{"refill": "yes"}', "services.101.refill must be true or false"),
        (SERVICE % '{"type": "Likes spread"}', "Likes spread is not a type that"),
        (SERVICE % '{"type": "Comment Likes by ID"}', "is not a type of its dialect"),
        (SERVICE % '{"name": null}', "services.101.name must be a text"),
        ('{"faults": {"hang": "0.1"}}', "unknown fault 'hang': there are reset_before"),
        ('{"faults": {"liar": "2"}}', "faults.liar: 2 is not within 0 and 1"),
        ('{"faults": {"liar": "0.6", "slow": "0.6"}}', "above 1"),
        ('{"fates": {"lost": "0.1"}}', "unknown fate 'lost'"),
        ('{"pace_seconds": "-1"}', "pace_seconds must be an amount"),
        ('{"pace_seconds": "999999999"}', "7 days"),
        ('{"waits": {"nap": 1}}', "waits: unknown nap"),
        ('{"waits": {"hang_milliseconds": 9999999}}', "hang_milliseconds is not within"),
        ('{"order": 50001, "children": 1}', "order 50001 is not made of others"),
        ('{"order": 50001, "refill": 7001}', "one order or one refill at a time"),
        ('{"refill": 7001, "status": "Rejected"}', "there is no refill 7001"),
        ('{"terms": {"seed": 1}}', "terms: unknown seed"),
        ('{"terms": {"statuses": 1}}', "terms.statuses must be true or false"),
        ('{"terms": {"page_size": -1}}', "terms.page_size must be a whole number"),
        ('{"key": ""}', "key must have 1 to 256"),
        ('{"balance": true}', "balance must be a text or a number"),
    ],
)
async def test_a_bad_control_body_is_explained_and_changes_nothing(
    call: Call, clock: Clock, body: str, why: str
) -> None:
    caller = await call(Panel(clock=clock))
    await caller.add("https://a.example/1")
    before = await caller.truth(), (await caller.post(action="services")).content
    if body.startswith('{"') and '"key"' not in body:
        body = f'{{"key": "other", {body[1:]}'
    answer = await caller.control(body)
    assert answer.status_code == 400
    assert why in answer.json()["error"]
    services = await caller.post(key=KEY, action="services")
    assert services.content == before[1]
    truth = await caller.truth()
    truth["requests"] = before[0]["requests"]
    assert truth == before[0]
