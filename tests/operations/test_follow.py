"""How refills go: told by the provider's id of them, else by their orders."""

import pytest

from gateway.dialects.book import dialect
from gateway.dialects.messages import AskRefillStatus
from gateway.domain.observations import RefillWord
from gateway.storage import unseen
from tests.operations.asking import Asking
from tests.operations.parrot import Parrot
from tests.operations.shop import RATE, Serve, Shop


@pytest.fixture
def asking(shop: Shop) -> Asking:
    return Asking(shop)


async def sent(asking: Asking) -> int:
    """An order whose refill its provider took note of, as 7001 in the first test's panel."""
    order = await asking.completed()
    await asking.refill(order)
    await asking.forward()
    assert await asking.states() == ["sent"]
    return order


@pytest.mark.parametrize(
    ("end", "state"), [(RefillWord.COMPLETED, "completed"), (RefillWord.REJECTED, "rejected")]
)
async def test_by_the_providers_id(asking: Asking, end: RefillWord, state: str) -> None:
    await sent(asking)
    assert await asking.follow() == 1
    assert await asking.states() == ["sent"]
    asking.shop.acme.change(refill="7001", status="In progress")
    await asking.follow()
    assert await asking.states() == ["in_progress"]
    asking.shop.acme.change(refill="7001", status=end)
    await asking.follow()
    assert await asking.states() == [state]
    assert await asking.follow() == 0
    assert await asking.shop.funds() == (100 - RATE, 0)


async def test_many_in_one_call_and_not_before_they_are_due(asking: Asking) -> None:
    done = [await asking.completed() for _ in range(3)]
    await asking.refill(*done)
    await asking.forward()
    assert await asking.follow() == 3
    assert asking.calls("refill_status") == 1
    pace = "next_at BETWEEN now() + interval '50 seconds' AND now() + interval '61 seconds'"
    assert await asking.told(pace) == [(True,)] * 3


async def test_the_order_tells_where_there_is_no_id(asking: Asking, serve: Serve) -> None:
    panel = Parrot(dialect=dialect("keralasmm"))
    await asking.speak("keralasmm", panel, await serve(panel))
    order = await sent(asking)
    assert await asking.follow() == 0
    await asking.shop.poll()
    assert await asking.states() == ["sent"]
    await asking.move(order, status="In progress")
    assert await asking.states() == ["in_progress"]
    await asking.move(order, status="Completed")
    assert await asking.states() == ["completed"]
    assert await asking.shop.funds() == (100 - RATE, 0)


async def test_its_order_is_looked_at_like_a_new_one(asking: Asking) -> None:
    order = await sent(asking)
    next_look = "SELECT round(extract(epoch FROM next_poll_at - now())) FROM orders"
    await asking.shop.execute("UPDATE orders SET ended_at = now() - interval '3 days'")
    paces: list[int] = []
    for _ in range(2):
        await asking.move(order, status="Completed")
        ((seconds,),) = await asking.shop.rows(next_look)
        paces.append(round(seconds, -1))
        await asking.shop.execute("UPDATE order_requests SET asked_at = now() - interval '3 hours'")
    assert paces == [60, 300]


async def test_a_refund_closes_a_refill(asking: Asking) -> None:
    order = await sent(asking)
    await asking.move(order, status="Partial", remains=400)
    assert await asking.states() == ["rejected"]


@pytest.mark.parametrize(
    "body",
    [
        b'[{"refill":7001,"status":"Levitating"}]',
        b'[{"refill":7001,"status":{"error":"Refill not found"}}]',
        b'{"error":"Too many requests"}',
        b"[]",
        b"<html>",
    ],
)
async def test_what_says_nothing_changes_nothing(asking: Asking, body: bytes) -> None:
    await sent(asking)
    asking.shop.acme.words[AskRefillStatus] = body
    await asking.follow()
    ((state, request, note),) = await asking.told("state, provider_request, note")
    assert (state, request) == ("sent", "7001")
    assert note
    assert await asking.told("next_at > now() + interval '50 seconds'") == [(True,)]


async def test_a_refill_unknown_for_an_hour_is_told_by_its_order(asking: Asking) -> None:
    order = await sent(asking)
    asking.shop.acme.words[AskRefillStatus] = b'{"error":"Refill not found"}'
    await asking.shop.execute("UPDATE order_requests SET sent_at = sent_at - interval '1 hour'")
    await asking.follow()
    assert await asking.told("state, provider_request") == [("sent", None)]
    assert await asking.follow() == 0
    await asking.move(order, status="In progress")
    await asking.move(order, status="Completed")
    assert await asking.states() == ["completed"]


async def test_words_never_seen_are_kept_for_an_operator(asking: Asking) -> None:
    await sent(asking)
    asking.shop.acme.words[AskRefillStatus] = b'[{"refill":7001,"status":"Levitating"}]'
    await asking.follow()
    async with asking.shop.backends.database.reading() as connection:
        (found,) = await unseen.listed(connection, None)
    assert (found.provider, found.action, found.text) == ("acme", "refill_status", "Levitating")
