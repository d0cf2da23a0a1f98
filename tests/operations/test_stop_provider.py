"""A provider that an operator stopped gets nothing until an operator says so."""

import pytest

from gateway.domain.operators import Actor
from gateway.operations.providers import providers
from gateway.operations.resume_provider import Stale, resume_provider
from gateway.operations.show_providers import show_providers
from gateway.operations.stop_provider import NoReason, stop_provider
from tests.operations.shop import Shop

ANN = Actor("ann")


async def test_orders_queue_until_an_operator_resumes(shop: Shop) -> None:
    assert await stop_provider(shop.backends, "acme", actor=ANN, reason="they move house") is True
    order = await shop.order()
    await shop.sync()
    assert await shop.send() == []
    assert await shop.state(order) == "queued"
    assert await stop_provider(shop.backends, "acme", actor=ANN, reason="again") is False
    (acme,) = await show_providers(shop.backends, "acme")
    assert acme.facts is not None
    assert (acme.facts.stopped_by, acme.facts.stop_reason) == ("ann", "they move house")
    assert not acme.facts.sends
    state = (await providers(shop.backends))["acme"][1]
    assert state is not None
    assert state.paused
    assert state.pause_reason == "ann: they move house"
    assert await resume_provider(shop.backends, "acme", actor=ANN, reason="they are back")
    await shop.send()
    assert await shop.state(order) == "active"
    assert await shop.rows("SELECT what, subject, reason FROM deeds WHERE what ~ 'provider$'") == [
        ("stop provider", "provider:acme", "they move house"),
        ("resume provider", "provider:acme", "they are back"),
    ]


async def test_an_automatic_pause_ends_too_and_does_not_end_a_stop(shop: Shop) -> None:
    paused = "UPDATE provider_states SET paused_until = now() + interval '{}', pause_reason = 'x'"
    await stop_provider(shop.backends, "acme", actor=ANN, reason="why")
    await shop.execute(paused.format("1 hour"))
    order = await shop.order()
    await shop.execute(paused.format("-1 second"))
    assert await shop.send() == []
    await shop.execute(paused.format("1 hour"))
    assert await resume_provider(shop.backends, "acme", actor=ANN, reason="why")
    await shop.send()
    assert await shop.state(order) == "active"
    assert not await resume_provider(shop.backends, "acme", actor=ANN, reason="why")


async def test_only_what_was_seen_is_ended(shop: Shop) -> None:
    async def seen() -> str:
        (acme,) = await show_providers(shop.backends, "acme")
        assert acme.facts is not None
        return acme.facts.halt.spelled()

    await stop_provider(shop.backends, "acme", actor=ANN, reason="they move house")
    first = await seen()
    await resume_provider(shop.backends, "acme", actor=ANN, reason="back", seen=first)
    await stop_provider(shop.backends, "acme", actor=ANN, reason="they cheat")
    with pytest.raises(Stale):
        await resume_provider(shop.backends, "acme", actor=ANN, reason="back", seen=first)
    assert await shop.rows("SELECT reason FROM provider_stops") == [("they cheat",)]
    assert await resume_provider(shop.backends, "acme", actor=ANN, reason="b", seen=await seen())


async def test_it_needs_a_provider_and_a_reason(shop: Shop) -> None:
    assert await stop_provider(shop.backends, "nobody", actor=ANN, reason="why") is None
    with pytest.raises(NoReason):
        await stop_provider(shop.backends, "acme", actor=ANN, reason=" ")
