"""A gateway behind a gateway: customer -> first -> second -> provider, each hop in its spelling."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from decimal import Decimal
from random import Random

import pytest

from gateway import wiring
from gateway.dialects.book import BOOK
from gateway.domain.observations import Balance, Observation, Word
from gateway.domain.placements import Placement
from gateway.domain.services import ServiceType
from gateway.embedded import Servers
from gateway.operations import Backends
from gateway.operations.show_order import show_order
from gateway.sandbox.fates import Fates
from gateway.sandbox.panel import Panel
from gateway.sandbox.terms import Terms
from gateway.storage.documents import Documents
from gateway.wiring import Addresses
from tests.trade.market import (
    MARKUP,
    PROVIDER_KEY,
    Caller,
    Gate,
    open_gate,
    provider_table,
    serve,
    service_table,
    until,
)

# customer's dialect, the first gateway's to the second, the second's to the provider
CHAINS = (
    ("smmbros", "keralasmm", "smmserver"),
    ("keralasmm", "smmia", "standard"),
    ("smmserver", "standard", "smmia"),
    ("smmia", "smmserver", "smmbros"),
    ("standard", "smmbros", "keralasmm"),
)
PAID_IN = Decimal(100)
ENDS = {"": Word.COMPLETED, "#partial": Word.PARTIAL, "#canceled": Word.CANCELED}
FOLLOWERS, COMMENTS = 1, 2
OFFERS = {FOLLOWERS: "101", COMMENTS: "201"}


@dataclass
class Chain:
    """Both gateways, all providers, and where the first one is a customer of the second."""

    first: Gate
    second: Gate
    panels: dict[str, Panel]
    between: dict[str, Caller]


@pytest.fixture(scope="module")
async def chain(servers: Servers, first_url: str, second_url: str) -> AsyncGenerator[Chain]:
    async with AsyncExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        second = await _backends(stack, servers, second_url)
        panels = {name: _panel(name) for name in BOOK}
        tables, services = "", ""
        for place, (name, panel) in enumerate(panels.items()):
            patch.setenv(f"{name.upper()}_KEY", PROVIDER_KEY)
            tables += provider_table(name, await serve(stack, panel), name)
            for number, offer in OFFERS.items():
                services += service_table(place * 10 + number, name, offer, "cancel = true")
        inner = await stack.enter_async_context(
            open_gate(second, Documents(tables, services, MARKUP))
        )
        between: dict[str, Caller] = {}
        tables, services = "", ""
        for _, spoken, provider in CHAINS:
            caller = await inner.caller(f"first-{spoken}", spoken, str(PAID_IN))
            stack.push_async_callback(caller.client.close)
            between[spoken] = caller
            patch.setenv(f"BY_{spoken.upper()}_KEY", caller.key)
            tables += provider_table(f"by_{spoken}", inner.url, spoken)
            place = list(BOOK).index(provider)
            for number in OFFERS:
                theirs = place * 10 + number
                services += service_table(theirs, f"by_{spoken}", str(theirs))
        first = await _backends(stack, servers, first_url)
        outer = await stack.enter_async_context(
            open_gate(first, Documents(tables, services, MARKUP))
        )
        yield Chain(outer, inner, panels, between)


async def _backends(stack: AsyncExitStack, servers: Servers, url: str) -> Backends:
    addresses = Addresses(url, servers.redis_url, "a secret of the tests")
    chance = Random(5)  # noqa: S311  a seed, not a secret
    return await stack.enter_async_context(wiring.backends(addresses, chance=chance))


def _panel(name: str) -> Panel:
    return Panel(BOOK[name], Terms(seed=name), fates=Fates({}, 1_500, name))


@pytest.mark.parametrize(("door", "between", "provider"), CHAINS)
async def test_charges_are_exact_at_each_step(
    chain: Chain, door: str, between: str, provider: str
) -> None:
    caller = await chain.first.caller(f"bob-{door}", door, str(PAID_IN))
    base = list(BOOK).index(provider) * 10
    placed: dict[str, Word] = {}
    for mark, word in ENDS.items():
        link = f"https://a.example/{door}{mark}"
        order = Placement(base + FOLLOWERS, ServiceType.DEFAULT, link, 1_000)
        attempted = await caller.client.add(str(order.service), order)
        assert attempted.order, attempted
        placed[attempted.order] = word
    words = ("So it is", "Why not")
    link = f"https://a.example/{door}/words"
    order = Placement(base + COMMENTS, ServiceType.CUSTOM_COMMENTS, link, 2, words)
    attempted = await caller.client.add(str(order.service), order)
    assert attempted.order, attempted
    placed[attempted.order] = Word.COMPLETED

    async def all_ended() -> bool:
        rows = await caller.client.status(list(placed))
        assert isinstance(rows, dict), rows
        return all(
            isinstance(row, Observation) and row.word is placed[number]
            for number, row in rows.items()
        )

    await until(all_ended)
    charges = Decimal(0)
    for number in placed:
        charges += await _compare(chain, int(number), provider)
    left = await caller.client.balance()
    assert isinstance(left, Balance)
    assert left.amount == PAID_IN - charges
    at_second = await chain.between[between].client.balance()
    assert isinstance(at_second, Balance)
    await caller.client.close()


async def _compare(chain: Chain, number: int, provider: str) -> Decimal:
    """What one order came to at each of the three; the customer's charge."""
    outer = await show_order(chain.first.backends, number)
    assert outer is not None
    theirs = outer.order.provider_order
    assert theirs is not None
    inner = await show_order(chain.second.backends, int(theirs))
    assert inner is not None
    last = inner.order.provider_order
    assert last is not None
    taken = chain.panels[provider].orders.find(last)
    assert taken is not None
    assert inner.order.cost == taken.charged
    assert outer.order.cost == inner.order.standing.net
    assert taken.taking.placement.link == outer.order.link
    if outer.order.standing.state == "completed":
        assert inner.order.standing.net == taken.charged * Decimal("1.5")
        assert outer.order.standing.net == taken.charged * Decimal("2.25")
    return outer.order.standing.net


async def test_the_first_owes_the_second_what_it_booked(chain: Chain) -> None:
    await asyncio.sleep(0)
    for spoken, caller in chain.between.items():
        left = await caller.client.balance()
        assert isinstance(left, Balance)
        async with chain.first.backends.database.reading() as connection:
            found = await connection.exec_driver_sql(
                "SELECT coalesce(sum(cost_booked), 0) FROM orders WHERE provider = $1",
                (f"by_{spoken}",),
            )
            assert left.amount == PAID_IN - found.scalar_one()
