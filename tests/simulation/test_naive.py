"""What the same faults do to those who send again."""

from dataclasses import replace
from decimal import Decimal

from gateway.simulation.faults import Fault, each_at
from gateway.simulation.naive import NaiveStory, naive
from gateway.simulation.setting import Setting

AT_ONE_PERCENT = Setting(orders=500, faults=each_at(Decimal("0.01")))


async def test_sending_again_doubles_orders() -> None:
    assert (await naive(AT_ONE_PERCENT)).doubled > 0


async def test_giving_up_after_many_tries_refunds_what_was_delivered() -> None:
    assert (await naive(replace(AT_ONE_PERCENT, faults=each_at(Decimal("0.05"))))).wrong_refunds > 0


async def test_without_faults_it_does_as_well_as_anybody() -> None:
    assert await naive(replace(AT_ONE_PERCENT, faults={})) == NaiveStory(500, 500, 0, 0, 0)


async def test_what_provably_was_not_taken_may_be_sent_again() -> None:
    story = await naive(replace(AT_ONE_PERCENT, faults={Fault.REFUSED: Decimal("0.3")}))
    assert (story.doubled, story.wrong_refunds) == (0, 0)


async def test_the_same_seed_gives_the_same_story() -> None:
    assert await naive(AT_ONE_PERCENT) == await naive(AT_ONE_PERCENT)
