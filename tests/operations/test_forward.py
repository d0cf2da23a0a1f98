"""Requests on their way to providers: batches, refusals, doubts, and two workers at once."""

import asyncio
from dataclasses import replace

import pytest

from gateway.dialects.book import dialect
from gateway.dialects.messages import AskCancel, AskRefill
from gateway.operations.forward import forward
from gateway.sandbox.faults import Fault
from gateway.storage import unseen
from gateway.upstream.batches import ROUND_SECONDS
from tests.operations.asking import Asking
from tests.operations.parrot import Parrot
from tests.operations.shop import Serve, Shop

LATER = "next_at > now() + interval '15 seconds'"


@pytest.fixture
def asking(shop: Shop) -> Asking:
    return Asking(shop)


async def test_a_batch_is_one_call_of_each_action(asking: Asking) -> None:
    done = [await asking.completed() for _ in range(3)]
    running = [await asking.shop.active() for _ in range(2)]
    await asking.refill(*done)
    await asking.cancel(*running)
    assert await asking.forward() == 5
    assert (asking.calls("refill"), asking.calls("cancel")) == (1, 1)
    assert await asking.states() == ["sent"] * 5
    refills = await asking.told("provider_request, sent_at IS NOT NULL, tries")
    assert refills[:3] == [("7001", True, 1), ("7002", True, 1), ("7003", True, 1)]
    assert refills[3:] == [(None, True, 1)] * 2
    assert await asking.forward() == 0


async def test_two_workers_never_ask_for_the_same(asking: Asking) -> None:
    done = [await asking.completed() for _ in range(6)]
    await asking.refill(*done)
    backends, provider = asking.shop.backends, asking.shop.provider()
    claimed = await asyncio.gather(*(forward(backends, provider) for _ in range(4)))
    assert sum(claimed) == 6
    assert asking.calls("refill") == 1
    assert await asking.states() == ["sent"] * 6


async def test_where_no_field_takes_many_each_is_asked_alone(asking: Asking, serve: Serve) -> None:
    panel = Parrot(dialect=dialect("keralasmm"))
    await asking.speak("keralasmm", panel, await serve(panel))
    done = [await asking.completed() for _ in range(3)]
    await asking.refill(*done)
    assert await asking.forward() == 3
    assert asking.calls("refill") == 3
    # it gives its refills no id, so the orders will tell
    assert await asking.told("state, provider_request") == [("sent", None)] * 3


@pytest.mark.parametrize(
    ("body", "state", "note"),
    [
        (b'[{"order":%d,"cancel":{"error":"Cancel already requested"}}]', "sent", "already"),
        (b'{"error":"Order cannot be canceled"}', "rejected", "cannot be canceled"),
        (b'{"error":"The moon is full"}', "rejected", "moon"),
        (b'{"error":"Incorrect request"}', "rejected", "Incorrect request"),
        (b'{"error":"Incorrect order ID"}', "asked", "Incorrect order ID"),
        (b'{"error":"Invalid API key"}', "asked", "Invalid API key"),
        (b'{"error":"Too many requests"}', "asked", "Too many"),
        (b'{"error":"Ordering is disabled"}', "asked", "disabled"),
        (b'{"error":"Internal server error"}', "asked", "doubtful"),
        (b"<html>", "asked", "HTTP 200"),
        (b"[]", "asked", "not mention"),
        (b'{"cancel":7}', "sent", ""),
        (b'{"success":"We will try"}', "sent", ""),
    ],
)
async def test_what_a_provider_says_to_a_cancel(
    asking: Asking, body: bytes, state: str, note: str
) -> None:
    order = await asking.shop.active()
    theirs = int(await asking.theirs(order))
    asking.shop.acme.words[AskCancel] = body % theirs if b"%" in body else body
    await asking.cancel(order)
    await asking.forward()
    told = await asking.told("state, note")
    assert told[0][0] == state
    assert note.casefold() in told[0][1].casefold()
    waits = state == "asked"
    assert await asking.told(LATER) == [(waits or state == "sent",)]
    # the customer's order stands as it stood
    assert await asking.shop.state(order) == "active"


async def test_an_order_unknown_for_an_hour_is_refused(asking: Asking) -> None:
    order = await asking.shop.active()
    asking.shop.acme.words[AskCancel] = b'{"error":"Incorrect order ID"}'
    await asking.cancel(order)
    await asking.shop.execute("UPDATE attempts SET ended_at = ended_at - interval '61 minutes'")
    await asking.forward()
    assert await asking.states() == ["rejected"]


async def test_sentences_never_seen_are_kept_for_an_operator(asking: Asking) -> None:
    done, running = await asking.completed(), await asking.shop.active()
    asking.shop.acme.words[AskRefill] = b'{"error":"Refills sleep on day 3"}'
    asking.shop.acme.words[AskCancel] = b'{"error":"No cancels before 9 o\'clock\\u0000"}'
    await asking.refill(done)
    await asking.cancel(running)
    await asking.forward()
    assert await asking.states() == ["rejected"] * 2
    async with asking.shop.backends.database.reading() as connection:
        found = await unseen.listed(connection, "acme")
    assert {(each.action, each.text) for each in found} == {
        ("refill", "Refills sleep on day N"),
        ("cancel", "No cancels before N o'clock"),
    }


@pytest.mark.parametrize(
    "fault",
    [Fault.REFILL_HTML, Fault.REFILL_EMPTY, Fault.REFILL_RESET, Fault.REFILL_GARBLED],
)
async def test_what_is_not_confirmed_is_asked_again_and_counts_once(
    asking: Asking, fault: Fault
) -> None:
    done = await asking.completed(marks=f"?fault={fault}")
    await asking.refill(done)
    await asking.forward()
    assert await asking.told("state, tries") == [("asked", 1)]
    # the second time it may be in progress there already, which counts as taken
    await asking.forward()
    assert await asking.told("state, tries") == [("sent", 2)]


async def test_waits_grow(asking: Asking) -> None:
    order = await asking.shop.active()
    asking.shop.acme.words[AskCancel] = b""
    await asking.cancel(order)
    waits: list[int] = []
    for _ in range(10):
        await asking.forward()
        ((wait,),) = await asking.told("round(extract(epoch FROM next_at - now()))::int")
        waits.append(wait)
    assert waits == sorted(waits)
    assert 18 <= waits[0] <= 20
    assert 3_590 <= waits[-1] <= 3_600


async def test_the_whole_batch_refused_is_asked_in_halves(asking: Asking) -> None:
    done = [await asking.completed() for _ in range(4)]
    bad = await asking.theirs(done[1])
    await asking.refill(*done)
    asking.shop.acme.spoiler = bad
    await asking.forward()
    assert await asking.states() == ["sent", "rejected", "sent", "sent"]


async def test_a_provider_without_his_key_is_asked_later(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await asking.shop.active()
    await asking.cancel(order)
    monkeypatch.delenv("ACME_KEY")
    other = replace(asking.shop.provider(), poll_seconds=61)  # so that his key is asked for again
    await asking.due()
    assert await forward(asking.shop.backends, other) == 1
    assert await asking.states() == ["asked"]
    assert "ACME_KEY" in (await asking.told("note"))[0][0]


async def test_a_round_ends_in_time_and_gives_the_rest_back(asking: Asking, serve: Serve) -> None:
    panel = Parrot(dialect=dialect("keralasmm"))
    await asking.speak("keralasmm", panel, await serve(panel))
    done = [await asking.completed() for _ in range(4)]
    await asking.refill(*done)
    seconds = [0, 1, 2, 3, ROUND_SECONDS + 1]

    def nanoseconds() -> int:
        return (seconds.pop(0) if len(seconds) > 1 else seconds[0]) * 10**9

    assert await forward(asking.shop.backends, asking.shop.provider(), nanoseconds) == 4
    states = await asking.states()
    assert 0 < states.count("sent") < 4
    assert await asking.told("tries") == [(1 if state == "sent" else 0,) for state in states]
    assert await forward(asking.shop.backends, asking.shop.provider()) == states.count("asked")
    assert await asking.states() == ["sent"] * 4


async def test_the_order_is_looked_at_soon(asking: Asking) -> None:
    done = await asking.completed()
    await asking.shop.execute("UPDATE orders SET next_poll_at = now() + interval '1 day'")
    await asking.refill(done)
    await asking.forward()
    soon = "SELECT next_poll_at <= now() + interval '61 seconds' FROM orders"
    assert await asking.shop.rows(soon) == [(True,)]


async def test_one_that_the_order_has_ended_meanwhile_is_left_alone(asking: Asking) -> None:
    done = await asking.completed()
    await asking.refill(done)
    await asking.move(done, status="Partial", remains=400)
    assert await asking.states() == ["rejected"]
    assert await asking.forward() == 0
