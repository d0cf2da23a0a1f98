"""Sending without proof: the hold stays, the evidence is kept, nothing is ever sent again."""

import asyncio
from dataclasses import replace

import pytest

from gateway.operations.claim import claim
from gateway.operations.dispatch import send, settle
from gateway.sandbox.faults import Fault
from tests.operations.shop import RATE, Shop, evidence, outcomes, until

HEAD, BODY, ANSWER = (True, True, False), (True, True, True), (True, True, True)

# what had left (head, body) and whether an answer began; None: the last bit is a matter of luck
DOUBTS: dict[Fault, tuple[int | None, bool | None]] = {
    Fault.RESET_BEFORE: (None, False),
    Fault.CLOSE_BEFORE: (None, False),
    Fault.HANG_BEFORE: (None, False),
    Fault.HTML_502_BEFORE: (502, True),
    Fault.REDIRECT_BEFORE: (307, True),
    Fault.RESET_AFTER: (None, False),
    Fault.CLOSE_AFTER: (None, False),
    Fault.HANG_AFTER: (None, False),
    Fault.HALF_HEADERS_AFTER: (None, False),
    Fault.GARBAGE_AFTER: (None, False),
    Fault.CUT_AFTER: (200, True),
    Fault.CUT_EOF_AFTER: (200, True),
    Fault.DRIP_AFTER: (200, True),
    Fault.HTML_502_AFTER: (502, True),
    Fault.REDIRECT_AFTER: (307, True),
    Fault.EMPTY_AFTER: (200, True),
    Fault.NOTICE_AFTER: (200, True),
}


async def test_every_doubtful_answer_leaves_the_order_unconfirmed(shop: Shop) -> None:
    rest = shop.tables["acme"].replace("timeout_seconds = 5", "timeout_seconds = 1")
    await shop.reapply({**shop.tables, "acme": rest + "\nin_flight_max = 32"})
    orders = {fault: await shop.order(marks=f"?fault={fault}") for fault in DOUBTS}
    returned = {each.ended.key.order: each.ended for each in await shop.send()}
    for fault, order in orders.items():
        status, answered = DOUBTS[fault]
        attempt = await shop.attempt(order)
        assert attempt["outcome"] == "uncertain", fault
        assert attempt["reason"], fault
        assert (attempt["http_status"], attempt["trace_resp"]) == (status, answered), fault
        assert attempt["trace_sent"], fault
        assert evidence(returned[order])[0], fault
        story = await shop.story(order)
        assert story.order.standing.state == "unconfirmed"
        assert story.events[-1]["evidence"]["attempt"] == 1
        assert [row["kind"] for row in story.transfers] == ["hold"]
    assert (await shop.funds())[1] == len(DOUBTS) * RATE
    taken = [fault for fault in DOUBTS if fault.endswith("_after")]
    assert len(shop.acme.links) == len(taken)
    assert await _nothing_more(shop)


async def test_half_an_id_is_never_an_id(shop: Shop) -> None:
    order = await shop.order(marks="?fault=cut_eof_after")
    await shop.send()
    attempt = await shop.attempt(order)
    (taken,) = shop.acme.orders
    assert str(taken.id)[:2] in attempt["raw"]
    assert str(taken.id) not in attempt["raw"]
    assert attempt["provider_order"] is None


@pytest.mark.parametrize("together", [True, False])
async def test_an_id_given_twice_is_an_incident(shop: Shop, *, together: bool) -> None:
    first = await shop.order()
    shop.acme.adds = [b'{"order": 77}', b'{"order": 77}']
    if not together:
        await shop.send()
    second = await shop.order()
    await shop.send()
    states = {await shop.state(first), await shop.state(second)}
    assert states == {"active", "unconfirmed"}
    ((kind, order, still_open),) = await shop.findings()
    assert (kind, still_open) == ("D5", True)
    assert order is not None
    assert await shop.state(order) == "unconfirmed"
    assert "77" in (await shop.attempt(order))["reason"]
    assert await shop.funds() == (100 - 2 * RATE, RATE)


async def test_two_workers_that_hear_the_same_id(shop: Shop) -> None:
    for _ in range(12):
        await shop.order()
    shop.acme.adds = [b'{"order": %d}' % (each // 2 + 100) for each in range(12)]
    departures = await claim(shop.backends, "acme", 1, 100)
    returned = [await send(shop.backends, each) for each in departures]
    for even, odd in zip(returned[::2], returned[1::2], strict=True):
        # whoever comes second must learn of the first, whether it is committed or not
        ended = await asyncio.gather(
            settle(shop.backends, [even]), settle(shop.backends, [odd]), return_exceptions=True
        )
        assert [each for each in ended if isinstance(each, set)]
        await settle(shop.backends, [even])
        await settle(shop.backends, [odd])
    states = [await shop.state(each.ended.key.order) for each in returned]
    assert sorted(states) == ["active"] * 6 + ["unconfirmed"] * 6
    assert [kind for kind, _, _ in await shop.findings()] == ["D5"] * 6


async def test_a_call_that_is_interrupted_tells_what_has_left(shop: Shop) -> None:
    order = await shop.order(marks="?fault=hang_after")
    (departure,) = await claim(shop.backends, "acme", 1, 10)
    call = asyncio.create_task(send(shop.backends, departure))
    await until(lambda: bool(shop.acme.links))
    call.cancel()
    returned = await call
    assert outcomes([returned]) == ["uncertain"]
    await settle(shop.backends, [returned])
    assert await shop.state(order) == "unconfirmed"
    assert "stopping" in (await shop.attempt(order))["reason"]


async def test_a_busy_link_after_a_silent_add_is_no_reason_to_release(shop: Shop) -> None:
    # protocol.md 3.2, A13: whoever said nothing has taken it
    silent = await shop.order(marks="?fault=reset_after")
    await shop.send()
    (link,) = shop.acme.links
    (later,) = await shop.place(replace(shop.placement(2_000), link=link.partition("?")[0]))
    active = "You have active order with this link. Please wait until order being completed."
    shop.acme.adds = [f'{{"error": "{active}"}}'.encode()]
    await shop.send()
    refused = await shop.attempt(later)
    assert (refused["outcome"], refused["code"]) == ("refused", "duplicate_link")
    assert (await shop.story(later)).order.provider == "beta"
    assert await shop.state(silent) == "unconfirmed"
    assert (await shop.attempt(silent))["outcome"] == "uncertain"
    assert (await shop.funds())[1] == 3 * RATE


async def test_a_slow_answer_is_an_answer(shop: Shop) -> None:
    order = await shop.order(marks="?fault=slow")
    await shop.send()
    assert await shop.state(order) == "active"


async def _nothing_more(shop: Shop) -> bool:
    """Whatever is claimed now, no byte goes to anybody."""
    asked = shop.acme.requests["add"]
    await shop.execute("UPDATE orders SET next_at = now()")
    sent = [*await shop.send("acme"), *await shop.send("beta")]
    return not sent and shop.acme.requests["add"] == asked and not shop.beta.links
