"""Deeds by filter and by words, a page at a time."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.domain.operators import Actor
from gateway.operations import Backends
from gateway.operations.export_deeds import export_deeds
from gateway.operations.list_deeds import Sought, list_deeds
from gateway.storage import deed_lists, deeds
from gateway.storage.deeds import Deed

DEEDS = (
    ("ann", Deed("top up", "customer:1", after={"amount": "5.00"}, reason="Invoice 7")),
    ("bob", Deed("top up", "customer:2", {"limit": None}, {"limit": "9"}, "as agreed")),
    ("ann", Deed("apply catalog", "catalog:3", reason="rates")),
)


@pytest.fixture
async def done(backends: Backends) -> Backends:
    async with backends.database.transaction() as connection:
        for name, deed in DEEDS:
            await deeds.record(connection, Actor(name, "192.0.2.1"), deed)
    return backends


async def ids(backends: Backends, sought: Sought, below: int | None = None) -> list[int]:
    return [each.id for each in (await list_deeds(backends, sought, below=below)).deeds]


async def test_each_filter_and_all_together(done: Backends) -> None:
    now, hours = datetime.now(UTC), timedelta(hours=2)
    assert await ids(done, Sought()) == [3, 2, 1]
    assert await ids(done, Sought(), 3) == [2, 1]
    assert await ids(done, Sought(actor="ann")) == [3, 1]
    assert await ids(done, Sought(what="top up", subject="customer:2")) == [2]
    assert await ids(done, Sought(since=now - hours, until=now + hours)) == [3, 2, 1]
    assert await ids(done, Sought(until=now - hours)) == []
    assert await ids(done, Sought(since=now + hours)) == []
    assert await ids(done, Sought(words="INVOICE")) == [1]
    assert await ids(done, Sought(words='"limit": "9"', actor="bob")) == [2]
    assert await ids(done, Sought(words="%")) == []


async def test_pages_go_on_where_the_search_stopped(
    done: Backends, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deed_lists, "LOOKED_THROUGH_MAX", 2)
    first = await list_deeds(done, Sought(words="invoice"))
    assert (first.deeds, first.below) == ([], 2)
    pages = [page async for page in export_deeds(done, Sought(words="invoice"))]
    assert [[each.id for each in page] for page in pages] == [[], [1]]
    pages = [page async for page in export_deeds(done, Sought(), page=2)]
    assert [len(page) for page in pages] == [2, 1]
