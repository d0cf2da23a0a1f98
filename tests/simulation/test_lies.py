"""Orders that a panel takes and denies: each is seen in the balance, or the run is broken (F14)."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from gateway.embedded import Servers
from gateway.simulation.faults import Fault
from gateway.simulation.run import Ran, simulate
from gateway.simulation.setting import Setting

LYING = Setting(
    seed=2,
    orders=40,
    warm=0,
    faults={Fault.EXPLICIT_ERROR: Decimal("0.4")},
    lying=Decimal("0.2"),
)


@pytest.fixture(scope="module")
def ran(servers: Servers) -> Ran:
    """A run in which some orders were taken twice, as they were denied the first time."""
    return asyncio.run(simulate(LYING, servers.database_url, servers.redis_url))


def test_each_is_found_in_time(ran: Ran) -> None:
    assert ran.verdict.breaks == []
    assert 0 < ran.verdict.doubled <= ran.verdict.lies
    assert 0 < ran.verdict.lies_found <= ran.verdict.lies


def test_one_that_is_not_found_is_named(ran: Ran) -> None:
    unseen = ran.oracle.of(replace(ran.oracle.records, raised=[])).judge()
    assert any("which is not found" in each for each in unseen.breaks)
    assert any("nothing is open" in each for each in unseen.breaks)
    assert unseen.lies_found == 0


def test_one_that_is_found_late_is_named(ran: Ran) -> None:
    late = [
        replace(each, opened_at=each.opened_at + timedelta(days=40))
        for each in ran.oracle.records.raised
    ]
    verdict = ran.oracle.of(replace(ran.oracle.records, raised=late)).judge()
    assert any("which is not found" in each for each in verdict.breaks)


def test_another_amount_than_what_he_took_is_named(ran: Ran) -> None:
    other = [replace(each, amount=each.amount * 2) for each in ran.oracle.records.raised]
    verdict = ran.oracle.of(replace(ran.oracle.records, raised=other)).judge()
    assert any("was charged without an order" in each for each in verdict.breaks)
