"""An oracle that bites: each kind of damage to the records of a run is named."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from gateway.domain.orders import State
from gateway.domain.outcomes import Outcome
from gateway.embedded import Servers
from gateway.simulation.clock import START
from gateway.simulation.faults import Fault
from gateway.simulation.oracle import Oracle
from gateway.simulation.run import simulate
from gateway.simulation.setting import Setting
from gateway.storage.virtual_time import Stage
from gateway.storage.witness import Decided, Placed, Purse, Records, Tried

FEW = Setting(seed=5, orders=12, warm=0, faults={Fault.EMPTY: Decimal("0.3")})
CENT = Decimal("0.01")

Damage = Callable[[Records], Records]


@pytest.fixture(scope="module")
def oracle(servers: Servers) -> Oracle:
    """Of one run with orders in doubt, in which every promise was kept."""
    ran = asyncio.run(simulate(FEW, servers.database_url, servers.redis_url))
    assert ran.verdict.breaks == []
    assert ran.verdict.uncertain > 0
    return ran.oracle


def active(records: Records) -> Placed:
    return next(each for each in records.orders if each.word is State.COMPLETED)


def other(records: Records) -> Placed:
    return [each for each in records.orders if each.word is State.COMPLETED][1]


def orders(records: Records, changed: Placed) -> Sequence[Placed]:
    return [changed if each.id == changed.id else each for each in records.orders]


def missing(records: Records) -> Records:
    gone = active(records).id
    return replace(records, orders=[each for each in records.orders if each.id != gone])


def waiting(records: Records) -> Records:
    changed = replace(active(records), state=State.QUEUED, word=State.QUEUED)
    return replace(records, orders=orders(records, changed))


def of_another(records: Records) -> Records:
    changed = replace(active(records), provider_order=other(records).provider_order)
    return replace(records, orders=orders(records, changed))


def refunded(records: Records) -> Records:
    changed = replace(active(records), state=State.FAILED, word=State.FAILED, failed_by="reaper")
    return replace(records, orders=orders(records, changed))


def cost_lost(records: Records) -> Records:
    found = active(records)
    return replace(records, orders=orders(records, replace(found, cost_booked=Decimal(0))))


def purse(records: Records, change: Callable[[Purse], Purse]) -> Records:
    return replace(records, purses=[change(records.purses[0]), *records.purses[1:]])


def richer(records: Records) -> Records:
    return purse(records, lambda each: replace(each, available=each.available + CENT))


def held_back(records: Records) -> Records:
    return purse(records, lambda each: replace(each, held=each.held + CENT))


def attempts(records: Records, change: Callable[[Tried], Tried]) -> Records:
    return replace(records, attempts=[change(each) for each in records.attempts])


def silent(records: Records) -> Records:
    return attempts(
        records,
        lambda each: (
            replace(each, outcome=Outcome.UNCERTAIN, reason="")
            if each.outcome is not Outcome.ACCEPTED
            else each
        ),
    )


def untraced(records: Records) -> Records:
    return attempts(
        records,
        lambda each: replace(each, outcome=Outcome.UNCERTAIN, reason="why", traced=False),
    )


def unexplained(records: Records) -> Records:
    decided = Decided(active(records).id, State.REVIEW, "resolver", "", START)
    return replace(records, decisions=[*records.decisions, decided])


DAMAGE: list[tuple[Damage, str]] = [
    (missing, "there is no such order"),
    (waiting, "is still queued at the end"),
    (of_another, "which is not its own"),
    (refunded, "had accepted it"),
    (cost_lost, "booked are 0"),
    (richer, "he should have"),
    (held_back, "the orders hold"),
    (silent, "has no reason"),
    (untraced, "has no trace"),
    (unexplained, "without a reason"),
]


@pytest.mark.parametrize(("damage", "sentence"), DAMAGE)
def test_damage_is_named(oracle: Oracle, damage: Damage, sentence: str) -> None:
    breaks = oracle.of(damage(oracle.records)).judge().breaks
    assert any(sentence in each for each in breaks), breaks


async def test_damage_to_the_books_is_named_by_their_own_invariants(servers: Servers) -> None:
    async def meddle(stage: Stage) -> None:
        await stage.damage("UPDATE balances SET available = available + 0.000001")

    calm = replace(FEW, orders=3, faults={})
    ran = await simulate(calm, servers.database_url, servers.redis_url, meddle)
    assert any("'balances exact'" in each for each in ran.verdict.breaks), ran.verdict.breaks
