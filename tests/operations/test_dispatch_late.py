"""An id that comes for an order that has failed here: our loss, never the customer's."""

from dataclasses import replace
from decimal import Decimal

import pytest

from gateway.domain.operators import Actor
from gateway.domain.outcomes import Outcome
from gateway.operations.claim import claim
from gateway.operations.close_requests import close_requests
from gateway.operations.dispatch import Returned, send, settle
from gateway.operations.forward import forward
from gateway.operations.fund import fund
from gateway.operations.resolve import Decided
from gateway.operations.weigh import weigh
from tests.operations.parrot import Parrot
from tests.operations.shop import COST, RATE, SERVICES, Serve, Shop, table


async def failed(shop: Shop, provider: str = "acme") -> tuple[int, Returned]:
    """An order whose provider took it, though an operator said that he had not."""
    order = await shop.order()
    (departure,) = await claim(shop.backends, provider, 1, 10)
    late = await send(shop.backends, departure)
    doubt = replace(late.ended, outcome=Outcome.UNCERTAIN, provider_order=None, reason="hangs")
    await settle(shop.backends, [replace(late, ended=doubt)])
    assert await shop.decide(order) == Decided()
    return order, late


async def test_it_is_a_loss_that_explains_the_balance(shop: Shop) -> None:
    await fund(shop.backends, "acme", Decimal(1_000_000), actor=Actor("ann"), reference="opening")
    order, late = await failed(shop)
    before = await weigh(shop.backends, shop.provider())
    assert before is not None
    assert before.unexplained == COST
    await settle(shop.backends, [late])
    await settle(shop.backends, [late])
    assert await shop.funds() == (100, 0)
    assert await shop.state(order) == "failed"
    assert (await shop.booked(order))[-1] == ("loss", "loss", "prepaid:acme", COST)
    (found,) = await shop.rows(
        "SELECT d.class, d.order_id, d.closed_at, e.kind, e.order_id FROM discrepancies d"
        " JOIN journal_entries e ON e.id = d.entry_id"
    )
    assert found == ("D5", order, None, "loss", order)
    after = await weigh(shop.backends, shop.provider())
    assert after is not None
    assert after.unexplained == 0


async def test_its_provider_is_asked_to_cancel_it(shop: Shop) -> None:
    order, late = await failed(shop)
    await settle(shop.backends, [late])
    await close_requests(shop.backends)
    assert await forward(shop.backends, shop.provider()) == 1
    ((kind, state),) = await shop.rows("SELECT kind, state FROM order_requests")
    assert (kind, state) in {("cancel", "sent"), ("cancel", "rejected")}
    await close_requests(shop.backends)
    assert (await shop.story(order)).order.provider_order == late.ended.provider_order


async def test_in_another_currency_it_goes_through_the_exchange(shop: Shop, serve: Serve) -> None:
    url = await serve(Parrot(currency="EUR"))
    services = SERVICES.replace('["acme:101", "beta:101"]', '["gamma:101"]')
    await shop.reapply({**shop.tables, "gamma": table(url, "EUR")}, services)
    await shop.sync("gamma")
    order, late = await failed(shop, "gamma")
    await settle(shop.backends, [late])
    assert (await shop.booked(order))[-2:] == [
        ("loss", "exchange", "prepaid:gamma", COST),
        ("loss", "loss", "exchange", COST * Decimal("1.25")),
    ]


@pytest.mark.parametrize("sent", [True, False])
async def test_of_an_order_that_is_queued_again(shop: Shop, *, sent: bool) -> None:
    order = await shop.order()
    (departure,) = await claim(shop.backends, "acme", 1, 10)
    late = await send(shop.backends, departure)
    await shop.execute("UPDATE attempts SET outcome = 'disproved', ended_at = now()")
    seq = "INSERT INTO order_events (order_id, seq, from_state, to_state, actor) VALUES "
    await shop.execute(f"{seq} ({order}, 3, 'sending', 'queued', 'test')")
    await shop.execute("UPDATE orders SET state = 'queued'")
    if sent:
        await shop.send()
    await settle(shop.backends, [late])
    assert await shop.state(order) == "active"
    assert await shop.funds() == (100 - RATE, 0)
    if not sent:
        assert await shop.findings() == []
        return
    ((kind, about, note),) = await shop.rows("SELECT class, order_id, note FROM discrepancies")
    expected = f"acme gave id {late.ended.provider_order} for order {order}, sent again"
    assert (kind, about, note) == ("D5", None, expected)
