"""Probing real servers: what they speak, what they say, and that nothing is ever ordered."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from gateway.dialects.book import BOOK
from gateway.dialects.dialect import Dialect
from gateway.dialects.document import read_dialect
from gateway.dialects.evidence import Question
from gateway.dialects.inference import questions
from gateway.dialects.messages import AskBalance, AskServices, Fields
from gateway.domain.catalog import Provider
from gateway.domain.placements import Placement
from gateway.domain.services import ServiceType
from gateway.operations.probe import Probed, probe
from gateway.sandbox.panel import Heard, Panel, Terms
from gateway.sandbox.server import start
from gateway.upstream.limits import Limits
from gateway.upstream.panels import KeyMissing, Panels
from tests.operations.parrot import KEY, Parrot

Serve = Callable[[Panel], Awaitable[str]]

OWN = """\
base = "standard"
[balance]
amount = "credit"
[services.keys]
service = "id"
rate = "price"
"""


class Listening(Panel):
    """A panel that remembers what it was asked for."""

    def __init__(self, dialect: Dialect) -> None:
        super().__init__(dialect, Terms(KEY))
        self.asked: list[str] = []

    def hear(self, fields: Fields) -> Heard:
        """As every sandbox does."""
        self.asked.append(str(fields.get("action")))
        return super().hear(fields)


@pytest.fixture
async def panels() -> AsyncGenerator[Panels]:
    def key(provider: Provider) -> str:
        if provider.key_env != "ACME_KEY":
            raise KeyMissing(f"the environment variable {provider.key_env} is not set")
        return KEY

    made = Panels(key, Limits(total_milliseconds=2_000))
    yield made
    await made.close()


def provider(url: str, dialect: str = "standard", document: str = "") -> Provider:
    return Provider("acme", url, dialect, "USD", "ACME_KEY", document=document)


@pytest.fixture
async def serve() -> AsyncGenerator[Serve]:
    async with AsyncExitStack() as stack:

        async def serve(panel: Panel) -> str:
            server = await start(panel)
            stack.push_async_callback(server.stop)
            return server.url

        yield serve


async def probed(panels: Panels, url: str, dialect: str = "standard") -> Probed:
    return await probe(panels, provider(url, dialect), pause_milliseconds=0)


@pytest.mark.parametrize("name", BOOK)
async def test_each_built_in_dialect_is_recognised(panels: Panels, serve: Serve, name: str) -> None:
    panel = Listening(BOOK[name])
    found = await probed(panels, await serve(panel), name)
    assert found.inference.best == name
    assert found.read_by is BOOK[name]
    assert all(each.understood for each in found.readings), found.readings
    assert [each.question for each in found.readings] == [each.value for each, _ in questions()]
    assert not found.silent
    assert set(panel.asked) <= {"balance", "services", "status", "refill_status", "no_such_action"}
    assert len(panel.asked) <= 8
    assert list(panel.orders) == []


async def test_another_dialect_than_the_configured_one_is_seen(
    panels: Panels, serve: Serve
) -> None:
    found = await probed(panels, await serve(Panel(BOOK["keralasmm"], Terms(KEY))), "smmserver")
    assert found.inference.best == "keralasmm"
    assert found.read_by is BOOK["smmserver"]


async def test_a_panel_that_nobody_described_is_read_as_what_it_shows(
    panels: Panels, serve: Serve
) -> None:
    asked = provider(await serve(Panel(BOOK["smmia"], Terms(KEY))))
    found = await probe(panels, asked, configured=False, pause_milliseconds=0)
    assert found.read_by is BOOK["smmia"]
    assert found.balance is not None
    assert found.balance.amount == 1_000_000


async def test_a_dialect_of_a_document_can_be_the_one(panels: Panels, serve: Serve) -> None:
    own = read_dialect("own", OWN)
    url = await serve(Panel(own, Terms(KEY)))
    found = await probed(panels, url)
    assert found.inference.best is None
    assert found.inference.draft is not None
    assert not all(each.understood for each in found.readings)
    asked = provider(url, "own", OWN)
    found = await probe(panels, asked, documents={"own": own}, pause_milliseconds=0)
    assert found.inference.best == "own"
    assert all(each.understood for each in found.readings)


async def test_known_orders_are_read(panels: Panels, serve: Serve) -> None:
    parrot = Parrot()
    asked = provider(await serve(parrot))
    placed = Placement(0, ServiceType.DEFAULT, "https://a.example/1", 1_000)
    number = (await panels.of(asked).add("101", placed)).order
    assert number is not None
    found = await probe(panels, asked, [number], pause_milliseconds=0)
    readings = {each.question: each for each in found.readings}
    assert len(readings) == 8
    assert readings[Question.ORDER].understood
    assert readings[Question.ORDER].answer.startswith(f"{number}: Pending, charge ")
    assert readings[Question.ORDERS].understood
    assert "order_not_found" in readings[Question.ORDERS].answer
    assert len(parrot.links) == 1
    unknown = await probe(panels, asked, ["12345678"], pause_milliseconds=0)
    assert not {each.question: each for each in unknown.readings}[Question.ORDER].understood


@pytest.mark.parametrize("orders", [["1,2"], [""]])
async def test_an_id_that_is_none_is_not_asked_after(panels: Panels, orders: list[str]) -> None:
    with pytest.raises(ValueError, match="comma"):
        await probe(panels, provider("http://127.0.0.1:1"), orders, pause_milliseconds=0)


async def test_a_panel_that_cannot_be_reached_is_asked_twice(panels: Panels) -> None:
    found = await probe(panels, provider("http://127.0.0.1:1/api/v2"), pause_milliseconds=0)
    assert list(found.silent) == [Question.BALANCE, Question.SERVICES]
    assert "ConnectError" in found.silent[Question.BALANCE]
    assert (found.heard, found.readings, found.inference.features) == ({}, (), ())


async def test_a_refused_key_ends_it(panels: Panels, serve: Serve) -> None:
    panel = Listening(BOOK["smmbros"])
    panel.change_key("another")
    found = await probed(panels, await serve(panel))
    assert found.refused == "Invalid API key"
    assert len(found.heard) == 2


async def test_pages_for_people_tell_nothing(panels: Panels, serve: Serve) -> None:
    parrot = Parrot()
    parrot.words = {AskBalance: b"<html>log in", AskServices: b"<html>log in"}
    found = await probed(panels, await serve(parrot))
    readings = {each.question: each for each in found.readings}
    assert not readings[Question.BALANCE].understood
    assert not readings[Question.SERVICES].understood
    assert found.inference.best is None
    assert found.inference.draft is None
    assert any("html" in each for each in found.inference.undecided)


async def test_a_key_that_is_missing_is_told(panels: Panels) -> None:
    asked = replace(provider("http://127.0.0.1:1"), key_env="OTHER_KEY")
    with pytest.raises(KeyMissing, match="OTHER_KEY"):
        await probe(panels, asked)
