import re
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from sqlalchemy import text

from gateway.cli import bench_polls
from gateway.cli.bench_flapping import Whims, busiest
from gateway.cli.bench_polls import Setting, check, measure
from gateway.cli.output import Failure
from gateway.domain.catalog import Provider
from gateway.domain.observations import Observation, Word
from gateway.domain.postings import refund
from gateway.embedded import Servers
from gateway.operations import Backends
from gateway.operations.poll import poll
from gateway.sandbox.panel import Panel
from gateway.storage import ledger
from gateway.storage.ledger import Posting

LISTING = Panel().offered("101")


async def test_a_slice_of_it_keeps_every_promise(servers: Servers, database_url: str) -> None:
    setting = Setting(
        Servers(database_url, servers.redis_url), orders=400, flapping=Decimal("0.08")
    )
    looked, called, steady, flapping, proven, memory = await measure(setting)
    figures = (looked, called, steady, flapping, proven, memory)
    assert all(figure.kept for figure in figures), figures
    check(figures)
    assert len(looked.rounds) == 2
    assert all(floor > ours > 0 for ours, floor in looked.rounds)
    assert "; 0 never looked at" in looked.what
    # a hundred orders with each of four providers, twice
    assert "minute: 2, at most 150, of 8 to all" in called.what
    assert steady.rounds == [(800, 800)]
    (founded, entries), *_ = flapping.rounds
    assert founded == entries > 0, flapping.what
    assert "'settled by state' among them" in proven.what
    assert memory.rounds[0][0] > 0


async def test_what_is_damaged_is_found(
    servers: Servers, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = Setting(
        Servers(database_url, servers.redis_url),
        orders=400,
        flapping=Decimal("0.5"),
        calls_per_minute=1,
    )
    whims = Whims(setting.seed, setting.flapping)
    slipped: list[int] = []

    async def careless(backends: Backends, provider: Provider) -> int:
        """Heeds no ceiling, forgets a provider and gives back for nothing."""
        if provider.name == "delta":
            return 0
        if provider.name == "acme" and not slipped:
            slipped.extend(await _given_back(backends, whims))
        return await poll(backends, replace(provider, calls_per_minute=None))

    monkeypatch.setattr(bench_polls, "poll", careless)
    figures = await measure(setting)
    looked, called, steady, flapping, proven, memory = figures
    assert [figure.kept for figure in figures] == [False, False, False, False, False, True]
    assert "; 200 never looked at" in looked.what
    assert "minute: 2, at most 1, of 6 to all" in called.what
    assert "never flapped: 1, at most 0" in steady.what
    assert ", 1 without any" in flapping.what
    assert "verify finds rows in net charge (2)" in proven.what
    held = re.search(r"the brakes hold (\d+) orders", flapping.what)
    assert held
    assert int(held[1]) > 10
    with pytest.raises(Failure, match=r"never looked at; .*, at most 1, .*net charge") as told:
        check(figures)
    assert memory.what not in str(told.value)


async def _given_back(backends: Backends, whims: Whims) -> list[int]:
    """A cent for an order that flaps, and for one that does not."""
    async with backends.database.transaction() as connection:
        found = await connection.execute(
            text("SELECT * FROM orders WHERE provider_order LIKE '9%' ORDER BY id")
        )
        kinds = {whims.flaps(row.provider_order): row for row in found}
        slips = [
            Posting(refund(row.customer_id, "USD", Decimal("0.01"), "slip", ""), row.id)
            for row in kinds.values()
        ]
        return [*await ledger.post(connection, slips, actor="slip")]


def _course(whims: Whims, order: str, looks: int) -> list[Observation]:
    assert LISTING
    return [whims.seen(order, look, LISTING) for look in range(looks)]


def test_a_tenth_flaps_and_the_others_stand_still() -> None:
    whims = Whims("a seed", Decimal("0.1"))
    orders = [str(number) for number in range(90_000, 100_000)]
    flapping = [order for order in orders if whims.flaps(order)]
    assert 900 < len(flapping) < 1_100
    assert flapping != [order for order in orders if Whims("b", Decimal("0.1")).flaps(order)]
    still = next(order for order in orders if order not in flapping)
    told = Observation(Word.IN_PROGRESS, Decimal("0.9"), 0, 1_000, "USD")
    assert _course(whims, still, 5) == [told] * 5
    assert not any(Whims("a seed", Decimal(0)).flaps(order) for order in orders)
    assert all(Whims("a seed", Decimal(1)).flaps(order) for order in orders)


def test_what_flaps_stands_elsewhere_at_each_look_with_a_charge_that_fits() -> None:
    course = _course(Whims("a seed", Decimal(1)), "90001", 12)
    assert all(one != next_ for one, next_ in pairwise(course))
    assert {seen.word for seen in course} == {
        *(Word.IN_PROGRESS, Word.PARTIAL, Word.COMPLETED, Word.CANCELED)
    }
    for seen in course:
        assert seen.remains is not None
        paid = 0 if seen.word is Word.CANCELED else 1_000
        if seen.word is Word.PARTIAL:
            assert 0 < seen.remains < 1_000
            paid -= seen.remains
        assert seen.charge == Decimal("0.0009") * paid
    starts = {_course(Whims("a seed", Decimal(1)), str(order), 1)[0].word for order in range(99)}
    assert len(starts) == 4


def test_the_busiest_minute_is_any_not_one_of_the_clock() -> None:
    second = 1_000_000_000
    assert busiest([]) == 0
    assert busiest([at * second for at in range(0, 600, 10)]) == 6
    close = [at * second for at in (0, 50, 55, 59, 61, 70, 109, 111, 200)]
    assert busiest(close) == 6
    assert busiest([0, 60 * second]) == 1
    assert busiest([0, 60 * second - 1]) == 2
