"""What a whole order passes on of its parts: where it began, in whose money, and who said what."""

from dataclasses import replace
from decimal import Decimal

import pytest

from gateway.domain.observations import Observation, Word
from gateway.domain.orders import Standing, State
from gateway.domain.parts import Part
from gateway.domain.services import ServiceType
from gateway.domain.targets import Class, Finding
from gateway.domain.wholes import Whole, from_row, from_runs
from tests.domain.standings import RUNS

DRIP = replace(RUNS, self_run=False, cost_booked=Decimal("2.70"))
POSTS = replace(
    DRIP,
    kind=ServiceType.SUBSCRIPTIONS,
    quantity=500,
    charged_quantity=500,
    cost=Decimal("0.45"),
    cost_booked=Decimal("0.45"),
    runs=None,
    posts=5,
)


def part(
    number: int,
    word: Word,
    charge: str,
    *,
    currency: str | None = None,
    quantity: int | None = 1_000,
    ended: bool = True,
) -> Part:
    seen = Observation(word, Decimal(charge), 70 + number, 0, currency)
    return Part(number, quantity, seen, ended=ended)


def test_an_end_tells_where_the_first_run_began_and_in_whose_money() -> None:
    runs = [
        part(1, Word.COMPLETED, "0.9"),
        part(2, Word.COMPLETED, "0.9", currency="EUR"),
        part(3, Word.COMPLETED, "0.9"),
    ]
    found = from_runs(RUNS, runs, more=False)
    end = Observation(Word.COMPLETED, Decimal("2.7"), 71, 0, "EUR")
    assert found == Whole(end, 3, 3_000, Word.COMPLETED)


def test_with_nothing_left_of_what_runs_have_to_bring_nothing_remains() -> None:
    runs = [
        part(1, Word.COMPLETED, "0.9"),
        part(2, Word.COMPLETED, "0.9"),
        part(3, Word.COMPLETED, "0.9"),
    ]
    found = from_runs(RUNS, runs, more=True)
    assert found.seen == Observation(Word.IN_PROGRESS, start_count=71, remains=0)
    begun = Part(1, 1_000, Observation(Word.IN_PROGRESS, start_count=71, remains=1_000))
    assert from_runs(RUNS, [begun], more=True).seen == Observation(
        Word.IN_PROGRESS, start_count=71, remains=3_000
    )


@pytest.mark.parametrize(
    ("known", "children", "told", "started"),
    [(2, 1, 1, 2), (0, 2, 1, 2), (0, 1, 3, 3), (0, 1, 9, 3), (0, 1, None, 1), (0, 0, None, 0)],
)
def test_so_many_have_started_as_anybody_knows_of(
    known: int, children: int, told: int | None, started: int
) -> None:
    order = replace(DRIP, parts=known)
    parts = [part(number, Word.COMPLETED, "0.9") for number in range(1, children + 1)]
    assert from_row(order, parts, Observation(Word.IN_PROGRESS, runs=told)).started == started


def test_an_order_without_runs_has_started_none_whatever_its_row_says() -> None:
    plain = replace(DRIP, runs=None, delivered=7)
    row = Observation(Word.IN_PROGRESS, runs=4)
    assert from_row(plain, [], row) == Whole(row, 0, 7, Word.IN_PROGRESS)


def test_the_rows_own_word_is_kept_while_it_goes_on_and_when_it_ends() -> None:
    first = part(1, Word.COMPLETED, "0.9")
    going = from_row(DRIP, [first], Observation(Word.PROCESSING))
    seen = Observation(Word.PROCESSING, start_count=71, remains=2_000)
    assert going == Whole(seen, 1, 1_000, Word.PROCESSING)
    gone = from_row(DRIP, [first], Observation(Word.CANCELED))
    end = Observation(Word.PARTIAL, Decimal("0.9"), 71, 2_000)
    assert gone == Whole(end, 1, 1_000, Word.CANCELED)


def test_completed_runs_that_a_row_does_not_name_are_whole_numbers() -> None:
    found = from_row(DRIP, [part(1, Word.COMPLETED, "0.9")], Observation(Word.COMPLETED, runs=2))
    assert found.delivered == 2_000
    assert isinstance(found.delivered, int)
    assert found.seen == Observation(Word.PARTIAL, Decimal("0.9"), 71, 1_000)


def test_an_end_in_doubt_is_judged_as_nothing() -> None:
    odd = part(1, Word.PARTIAL, "0.9", ended=False)
    ended = replace(DRIP, state=State.COMPLETED)
    found = from_row(ended, [odd], Observation(Word.COMPLETED))
    assert found.seen is None
    posts = replace(POSTS, state=State.COMPLETED)
    child = part(1, Word.PARTIAL, "0.09", quantity=None, ended=False)
    assert from_row(posts, [child], Observation(Word.COMPLETED)).seen is None


def test_a_subscription_going_on_says_nothing_of_money_or_of_what_remains() -> None:
    row = Observation(Word.ACTIVE, Decimal("0.2"), 9, 300, "USD")
    found = from_row(POSTS, [part(1, Word.COMPLETED, "0.09", quantity=None)], row)
    assert found.seen == Observation(Word.ACTIVE, None, 9, None, "USD")


def test_a_subscriptions_end_is_in_the_money_and_from_where_its_row_tells() -> None:
    row = Observation(Word.COMPLETED, Decimal("0.18"), 9, None, "EUR")
    found = from_row(POSTS, [part(1, Word.COMPLETED, "0.09", quantity=None)], row)
    assert found.seen is not None
    assert (found.seen.charge, found.seen.start_count) == (Decimal("0.18"), 9)
    assert found.seen.currency == "EUR"
    silent = replace(row, charge=None, currency=None)
    theirs = part(1, Word.COMPLETED, "0.09", quantity=None, currency="GBP")
    found = from_row(POSTS, [theirs], silent)
    assert found.seen is not None
    assert (found.seen.charge, found.seen.currency) == (Decimal("0.09"), "GBP")


def test_a_charge_beyond_reason_is_none_of_a_subscription() -> None:
    found = from_row(POSTS, [], Observation(Word.COMPLETED, Decimal(-1)))
    assert found.seen is not None
    assert found.seen.charge is None


def _beyond(order: Standing, charge: str, children: int) -> tuple[Finding, ...]:
    parts = [part(number, Word.COMPLETED, "0.09", quantity=None) for number in range(children)]
    return from_row(order, parts, Observation(Word.COMPLETED, Decimal(charge))).findings


def test_beyond_the_bound_is_what_no_rounding_explains() -> None:
    assert _beyond(POSTS, "0.4501", 1) == ()
    note = "charged beyond the bound, for 1 children"
    beyond = Finding(Class.FOREIGN, note, Decimal("0.45"), Decimal("0.450101"))
    assert _beyond(POSTS, "0.450101", 1) == (beyond,)
    assert _beyond(POSTS, "0.4505", 5) == ()
    many = Finding(Class.FOREIGN, "1 children, beyond the bound of 0")
    assert _beyond(replace(POSTS, posts=None), "0.09", 1) == (many,)
