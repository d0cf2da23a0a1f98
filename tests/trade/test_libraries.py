"""Callers' libraries as they are published, against our door: every call that they have."""

import asyncio
import importlib
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from gateway import wiring
from gateway.embedded import Servers
from gateway.sandbox.fates import Fates
from gateway.sandbox.panel import Panel
from gateway.sandbox.terms import Terms
from gateway.storage.documents import Documents
from gateway.wiring import Addresses
from tests.trade.market import (
    MARKUP,
    PROVIDER_KEY,
    Gate,
    open_gate,
    provider_table,
    serve,
    service_table,
    until,
)

OFFERS = {1: "101", 2: "201", 3: "801"}
"""Our services: followers with all flags, comments, a subscription."""


@pytest.fixture(scope="module")
async def gate(servers: Servers, first_url: str) -> AsyncGenerator[Gate]:
    async with AsyncExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("ACME_KEY", PROVIDER_KEY)
        patch.setenv("NO_PROXY", "*")
        addresses = Addresses(first_url, servers.redis_url, "a secret of the tests")
        backends = await stack.enter_async_context(wiring.backends(addresses))
        panel = Panel(terms=Terms(), fates=Fates({}, 1_000, "x"))
        table = provider_table("acme", await serve(stack, panel), "standard")
        services = "".join(service_table(number, "acme", offer) for number, offer in OFFERS.items())
        yield await stack.enter_async_context(
            open_gate(backends, Documents(table, services, MARKUP))
        )


async def call(work: Callable[..., Any], *arguments: object, **named: object) -> Any:
    """A library's call, beside the event loop that answers it."""
    return await asyncio.to_thread(work, *arguments, **named)


async def completed(work: Callable[..., Any], order: object) -> None:
    async def holds() -> bool:
        return (await call(work, order))["status"] == "Completed"

    await until(holds)


@pytest.mark.parametrize("module", ["smmpy", "smm"])
async def test_smmpy_and_babismm(gate: Gate, module: str) -> None:
    caller = await gate.caller(module, "standard")
    panel = importlib.import_module(module).smm(gate.url + "/", caller.key)
    services = {row["service"]: row for row in await call(panel.get_services)}
    assert set(services) == set(OFFERS)
    link = f"https://a.example/{module}"
    first = (await call(panel.add_order, 1, link, 100))["order"]
    words = "Good\nBetter\nBest"
    second = (await call(panel.add_order, 2, link, 1, comments=words))["order"]
    third = (await call(panel.add_order, 1, link + "/drip", 50, runs=2, interval=15))["order"]
    for order in (first, second, third):
        assert isinstance(order, int)
        await completed(panel.get_status, order)
    assert (await call(panel.get_status, second))["charge"] == "0.05625"
    many = await call(panel.get_multi_status, [first, second, 999])
    assert [many[str(order)]["status"] for order in (first, second)] == ["Completed"] * 2
    assert many["999"] == {"error": "Incorrect order ID"}
    refill = (await call(panel.create_refill, first))["refill"]
    again = await call(panel.create_multi_refill, [first, second])
    assert again == [
        {"order": first, "refill": {"error": "Refill already in progress"}},
        {"order": second, "refill": {"error": "Order not eligible for refill"}},
    ]
    await completed(panel.get_refill_status, refill)
    assert await call(panel.get_multi_refill_status, [refill, 999]) == [
        {"refill": int(refill), "status": "Completed"},
        {"refill": 999, "status": {"error": "Refill not found"}},
    ]
    assert await call(panel.cancel_orders, [first, 999]) == [
        {"order": first, "cancel": {"error": "Order not eligible for cancellation"}},
        {"order": 999, "cancel": {"error": "Incorrect order ID"}},
    ]
    assert (await call(panel.get_balance))["currency"] == "USD"
    with pytest.raises(Exception, match="Incorrect service ID"):
        await call(panel.add_order, 999, link, 100)


async def test_babismm_takes_subscriptions(gate: Gate) -> None:
    caller = await gate.caller("babismm subscriber", "standard")
    panel = importlib.import_module("smm").SMM(gate.url, caller.key)
    made = await call(
        panel.add_order, 3, username="anna", min=10, max=20, posts=2, delay=0, expiry="31/12/2099"
    )
    assert (await call(panel.get_status, made["order"]))["status"] in ("Pending", "Active")
    await completed(panel.get_status, made["order"])
    with pytest.raises(Exception, match="Incorrect posts"):
        await call(panel.add_order, 3, username="anna", min=10, max=20, posts=0, delay=0)


async def test_safesmm(gate: Gate) -> None:
    caller = await gate.caller("safesmm", "standard")
    panel = importlib.import_module("safesmm").SafeSMM(caller.key, gate.url)
    assert len(await call(panel.services)) == len(OFFERS)
    assert await call(panel.balance) == {"balance": "1000.00", "currency": "USD"}
    link = "https://a.example/safesmm"
    order = (await call(panel.add_order, 1, link, 100))["order"]
    await completed(panel.status, order)
    assert set(await call(panel.multi_status, [order, 999])) == {str(order), "999"}
    assert "refill" in await call(panel.refill, order)
    assert await call(panel.cancel, order) == [
        {"order": order, "cancel": {"error": "Order not eligible for cancellation"}}
    ]
    with pytest.raises(Exception, match="Quantity less than minimal 50"):
        await call(panel.add_order, 1, link, 1)
