"""F1 of money.md 8 in a slice, and that the same seed gives the same run."""

from dataclasses import replace
from decimal import Decimal

import pytest

from gateway.simulation.faults import Fault, each_at
from gateway.simulation.naive import naive
from gateway.simulation.report import Told, lines
from gateway.simulation.setting import Setting
from tests.simulation.conftest import Run

SMALL = Setting(seed=11, orders=30, warm=0)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_every_promise_is_kept_where_nine_attempts_of_ten_go_wrong(
    run: Run, seed: int
) -> None:
    ran = await run(Setting(seed=seed, orders=1_000))
    assert ran.verdict.breaks == []
    assert (ran.verdict.lost, ran.verdict.doubled, ran.verdict.wrong_ids) == (0, 0, 0)
    assert set(ran.struck) == {*map(str, Fault)}
    assert sum(ran.verdict.states.values()) == ran.orders >= 1_000
    assert ran.verdict.uncertain > 400


async def test_the_same_seed_gives_the_same_run_to_the_byte(run: Run) -> None:
    setting = replace(SMALL, orders=20, faults=each_at(Decimal("0.03")))
    told = [Told(setting, await run(setting), await naive(setting)) for _ in range(2)]
    assert lines(told[0]) == lines(told[1])
    assert await naive(replace(setting, seed=12)) != told[0].naive


async def test_what_a_panel_denies_may_be_doubled_but_nothing_else(run: Run) -> None:
    shares = {Fault.EXPLICIT_ERROR: Decimal("0.5")}
    ran = await run(replace(SMALL, faults=shares, lying=Decimal("0.5")))
    assert ran.verdict.breaks == []
    assert 0 < ran.verdict.doubled <= ran.verdict.lies


async def test_other_providers_take_over_where_one_is_left_alone(run: Run) -> None:
    ran = await run(replace(SMALL, providers=3, faults={Fault.REFUSED: Decimal("0.9")}))
    assert ran.verdict.breaks == []
    assert ran.verdict.states["completed"] > 0


async def test_a_status_that_goes_back_and_forth_ends_exact(run: Run) -> None:
    ran = await run(replace(SMALL, faults={}, flapping=Decimal("0.5")))
    assert ran.verdict.breaks == []
    assert ran.verdict.states.keys() >= {"completed", "partial", "canceled"}


async def test_an_order_that_is_not_charged_or_charged_twice_is_booked_as_it_is_told(
    run: Run,
) -> None:
    ran = await run(
        replace(SMALL, faults={}, uncharged=Decimal("0.1"), charged_twice=Decimal("0.1"))
    )
    assert ran.verdict.breaks == []


async def test_random_ids_prove_nothing_by_themselves(run: Run) -> None:
    ran = await run(replace(SMALL, faults=each_at(Decimal("0.02")), random_ids=True))
    assert ran.verdict.breaks == []
    assert (ran.verdict.wrong_ids, ran.verdict.wrong_refunds) == (0, 0)
