"""Orders executed after the refund: each is our loss within a day, or the run is broken (F15)."""

import asyncio
from collections.abc import Callable, Generator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from gateway.domain.orders import State
from gateway.embedded import Servers
from gateway.simulation.faults import Fault
from gateway.simulation.lateness import BOOKED_WITHIN
from gateway.simulation.run import Ran, simulate
from gateway.simulation.setting import Setting
from gateway.storage.witness import Decided, Placed, Records

ENOUGH = 20
"""Orders after which the panel's ids are believed here."""
LATER = Setting(
    seed=1,
    orders=30,
    warm=ENOUGH + 10,
    faults={Fault.LATE: Decimal("0.3")},
    later_than_seconds=7_200,
)

Change = Callable[[Placed], Placed]


@pytest.fixture(scope="module", autouse=True)
def few_samples() -> Generator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gateway.domain.evidence.SAMPLES_MIN", ENOUGH)
        patch.setattr("gateway.domain.judging.SAMPLES_MIN", ENOUGH)
        yield


@pytest.fixture(scope="module")
def ran(servers: Servers, few_samples: None) -> Ran:
    """A run in which some orders were executed hours after they were disproved."""
    del few_samples
    return asyncio.run(simulate(LATER, servers.database_url, servers.redis_url))


def changed(records: Records, change: Change) -> Records:
    """All losses otherwise."""
    orders = [each if each.lost_at is None else change(each) for each in records.orders]
    return replace(records, orders=orders)


def test_each_is_booked_as_a_loss_and_none_is_a_wrong_refund(ran: Ran) -> None:
    assert ran.verdict.breaks == []
    assert ran.verdict.late_losses > 1
    assert ran.verdict.wrong_refunds == 0
    lost = [each for each in ran.oracle.records.orders if each.lost_at is not None]
    assert {each.state for each in lost} == {State.FAILED}


def nowhere(placed: Placed) -> Placed:
    return replace(placed, lost_at=None)


def a_day_later(placed: Placed) -> Placed:
    assert placed.lost_at is not None
    return replace(placed, lost_at=placed.lost_at + timedelta(days=1))


def by_half(placed: Placed) -> Placed:
    return replace(placed, cost_booked=placed.cost_booked / 2)


def as_another(placed: Placed) -> Placed:
    return replace(placed, provider_order="1")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (nowhere, "which is booked nowhere"),
        (a_day_later, "hours later"),
        (by_half, "which is booked as a loss of"),
        (as_another, "but acme never took 1"),
    ],
)
def test_a_loss_that_is_missing_late_or_another_is_named(
    ran: Ran, change: Change, sentence: str
) -> None:
    verdict = ran.oracle.of(changed(ran.oracle.records, change)).judge()
    assert any(sentence in each for each in verdict.breaks), verdict.breaks
    assert verdict.wrong_refunds > 0


@pytest.mark.parametrize("hours", [23, 25])
def test_one_that_a_person_was_asked_about_in_time_may_be_booked_nowhere(
    ran: Ran, hours: int
) -> None:
    records = changed(ran.oracle.records, nowhere)
    late = [
        order
        for panel in ran.oracle.truth.panels.values()
        for order in panel.panel.orders
        if order.taking.placement.link in panel.late
    ]
    asked = [
        Decided(
            1,
            State.REVIEW,
            "resolver",
            f"R3: {each.id} may be",
            each.received_at + timedelta(hours=hours),
        )
        for each in late
    ]
    verdict = ran.oracle.of(replace(records, decisions=[*records.decisions, *asked])).judge()
    in_time = hours < BOOKED_WITHIN // timedelta(hours=1)
    assert any("booked nowhere" in each for each in verdict.breaks) is not in_time
    assert verdict.late_asked == (len(late) if in_time else 0)
