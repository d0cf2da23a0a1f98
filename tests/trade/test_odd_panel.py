"""A panel that none of the built-in dialects covers, connected with a document only."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from decimal import Decimal

import pytest
import uvicorn

from gateway import wiring
from gateway.app import listen
from gateway.domain.observations import Observation, Refused, Taken, Word
from gateway.domain.placements import Placement
from gateway.domain.refusals import Code
from gateway.domain.services import ServiceType
from gateway.embedded import Servers
from gateway.operations.show_order import show_order
from gateway.storage.documents import Documents
from gateway.wiring import Addresses
from tests.trade.market import (
    MARKUP,
    Caller,
    Gate,
    open_gate,
    provider_table,
    service_table,
    until,
)
from tests.trade.odd_panel import COMMENTS, DOCUMENT, FOLLOWERS, ODD_KEY, OddOrder, OddPanel

MARKED_UP = Decimal("1.5")
LINK = "https://a.example/odd"


@asynccontextmanager
async def served(panel: OddPanel) -> AsyncGenerator[str]:
    listening = listen("127.0.0.1", 0)
    config = uvicorn.Config(panel.app(), lifespan="off", access_log=False, log_config=None)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/api"
    finally:
        server.should_exit = True
        await task


@pytest.fixture(scope="module")
def panel() -> OddPanel:
    return OddPanel()


@pytest.fixture(scope="module")
async def gate(servers: Servers, first_url: str, panel: OddPanel) -> AsyncGenerator[Gate]:
    async with AsyncExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("ODD_KEY", ODD_KEY)
        addresses = Addresses(first_url, servers.redis_url, "a secret of the tests")
        backends = await stack.enter_async_context(wiring.backends(addresses))
        url = await stack.enter_async_context(served(panel))
        services = "".join(
            service_table(number, "odd", str(item))
            for number, item in ((1, FOLLOWERS), (2, COMMENTS))
        )
        documents = Documents(
            provider_table("odd", url, "odd"), services, MARKUP, {"odd": DOCUMENT}
        )
        yield await stack.enter_async_context(open_gate(backends, documents))


@pytest.fixture
async def bob(gate: Gate) -> AsyncGenerator[Caller]:
    caller = await gate.caller(f"bob {len(await _customers(gate))}", "standard", "100")
    yield caller
    await caller.client.close()


async def _customers(gate: Gate) -> list[object]:
    async with gate.backends.database.reading() as connection:
        return list(await connection.exec_driver_sql("SELECT id FROM customers"))


async def placed(bob: Caller, panel: OddPanel, order: Placement) -> tuple[str, OddOrder]:
    """Our number of an order, and the order as the panel took it."""
    attempted = await bob.client.add(str(order.service), order)
    assert attempted.order, attempted

    async def is_there() -> bool:
        return any(each.target == order.link for each in panel.orders.values())

    await until(is_there)
    (there,) = (each for each in panel.orders.values() if each.target == order.link)
    return attempted.order, there


async def row(bob: Caller, order: str) -> Observation:
    rows = await bob.client.status([order])
    assert isinstance(rows, dict), rows
    found = rows[order]
    assert isinstance(found, Observation), found
    return found


async def reaches(bob: Caller, order: str, word: Word) -> Observation:
    async def holds() -> bool:
        return (await row(bob, order)).word is word

    await until(holds)
    return await row(bob, order)


@pytest.mark.parametrize(
    ("state", "word", "charge", "remains"),
    [
        ("done", Word.COMPLETED, "1.35", 0),
        ("partly_done", Word.PARTIAL, "0.81", 400),
        ("stopped", Word.CANCELED, "0", 1_000),
    ],
)
async def test_an_order_to_its_end(
    bob: Caller, panel: OddPanel, state: str, word: Word, charge: str, remains: int
) -> None:
    wanted = Placement(1, ServiceType.DEFAULT, f"{LINK}/{state}", 1_000)
    order, there = await placed(bob, panel, wanted)
    assert (there.item, there.amount) == (FOLLOWERS, 1_000)
    there.state = "in_progress"
    assert (await reaches(bob, order, Word.IN_PROGRESS)).charge == Decimal("1.35")
    there.state = state
    seen = await reaches(bob, order, word)
    assert (seen.charge, seen.remains) == (Decimal(charge), remains)
    assert panel.charge(there) * MARKED_UP == seen.charge


async def test_lines_of_comments(bob: Caller, panel: OddPanel) -> None:
    words = ("One, two", "Three")
    order = Placement(2, ServiceType.CUSTOM_COMMENTS, f"{LINK}/words", 2, words)
    number, there = await placed(bob, panel, order)
    assert (there.item, there.amount) == (COMMENTS, 2)
    there.state = "done"
    assert (await reaches(bob, number, Word.COMPLETED)).charge == Decimal("0.0375")


async def test_a_cancel_is_answered_with_a_map(bob: Caller, panel: OddPanel) -> None:
    wanted = [Placement(1, ServiceType.DEFAULT, f"{LINK}/regret/{n}", 100) for n in range(5)]
    both = [await placed(bob, panel, each) for each in wanted]
    both[0][1].state = "done"
    for number, _ in both:
        assert await bob.cancel(number) == Taken()
    for number, _ in both[1:]:
        seen = await reaches(bob, number, Word.CANCELED)
        assert seen.charge == 0
    assert (await reaches(bob, both[0][0], Word.COMPLETED)).charge == Decimal("0.135")
    assert [each.state for _, each in both] == ["done", *["stopped"] * 4]


async def test_a_refill_is_refused_in_words(bob: Caller, panel: OddPanel) -> None:
    number, there = await placed(bob, panel, Placement(1, ServiceType.DEFAULT, f"{LINK}/low", 100))
    there.state = "done"
    await reaches(bob, number, Word.COMPLETED)
    answer = await bob.refill(number)
    assert isinstance(answer, Refused)
    assert answer.code is Code.REFILL_REFUSED


async def test_its_refusals_are_understood_and_never_passed_on(
    gate: Gate, bob: Caller, panel: OddPanel
) -> None:
    before = len(panel.orders)
    order = Placement(1, ServiceType.DEFAULT, f"{LINK}/private", 1_000)
    attempted = await bob.client.add("1", order)
    assert attempted.order
    seen = await reaches(bob, attempted.order, Word.CANCELED)
    assert seen.charge == 0
    story = await show_order(gate.backends, int(attempted.order))
    assert story
    assert [each["outcome"] for each in story.attempts] == ["refused"]
    assert len(panel.orders) == before
    assert b"private" not in (await bob.raw(action="status", order=attempted.order))[1]


async def test_nothing_was_left_in_doubt(gate: Gate, panel: OddPanel) -> None:
    async with gate.backends.database.reading() as connection:
        found = await connection.exec_driver_sql("SELECT note FROM discrepancies")
        assert found.scalars().all() == []
        found = await connection.exec_driver_sql("SELECT sum(cost_booked) FROM orders")
        assert found.scalar_one() == sum(panel.charge(each) for each in panel.orders.values())
    assert set(panel.calls) == {"list", "buy", "state", "stop", "credit"}
