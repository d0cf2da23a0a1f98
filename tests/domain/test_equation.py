"""Which costs come to an amount that a balance leaves open."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as some

from gateway.domain.equation import CANDIDATES_MAX, TOLERANCE, Equation, explanation

CENTS = some.integers(0, 400).map(lambda cents: Decimal(cents).scaleb(-2))


def test_unexplained_is_what_our_books_say_that_he_should_have_more() -> None:
    told = Equation(
        provider="acme",
        currency="USD",
        balance=Decimal(7),
        prepaid=Decimal(10),
        level=Decimal(1),
        quiet=True,
        absolute=False,
        read_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    assert told.unexplained == 2


def test_nothing_is_explained_by_nothing() -> None:
    assert explanation(Decimal(0), []) == ()
    assert explanation(TOLERANCE, []) == ()
    assert explanation(2 * TOLERANCE, []) is None
    assert explanation(Decimal(-1), [Decimal(1)]) is None


def test_each_order_may_be_off_by_its_rounding() -> None:
    costs = [Decimal("0.9"), Decimal("0.63"), Decimal("1.4")]
    assert explanation(Decimal("1.5302"), costs) == (0, 1)
    assert explanation(Decimal("1.5303"), costs) is None
    assert explanation(Decimal("0.6301"), costs) == (1,)
    assert explanation(Decimal("0.6302"), costs) is None


@given(some.lists(CENTS, max_size=9), CENTS)
def test_it_is_found_exactly_when_some_choice_comes_to_it(
    costs: list[Decimal], amount: Decimal
) -> None:
    found = explanation(amount, costs)
    sums = {
        sum(chosen, Decimal(0))
        for count in range(len(costs) + 1)
        for chosen in combinations(costs, count)
    }
    assert (found is not None) == (amount in sums)
    if found is not None:
        assert len(set(found)) == len(found)
        assert sum((costs[place] for place in found), Decimal(0)) == amount


@given(some.lists(CENTS, min_size=CANDIDATES_MAX, max_size=CANDIDATES_MAX), some.data())
def test_twenty_are_tried_in_all_their_choices(costs: list[Decimal], data: some.DataObject) -> None:
    chosen = data.draw(some.sets(some.sampled_from(range(CANDIDATES_MAX))))
    amount = sum((costs[place] for place in chosen), Decimal(0))
    found = explanation(amount, costs)
    assert found is not None
    assert sum((costs[place] for place in found), Decimal(0)) == amount


def test_of_more_only_the_bounds_are_held() -> None:
    costs = [Decimal(1)] * (CANDIDATES_MAX + 1)
    every = tuple(range(len(costs)))
    for amount in ("0", "0.5", "21", "21.0021"):
        assert explanation(Decimal(amount), costs) == every
    for amount in ("-0.1", "21.01"):
        assert explanation(Decimal(amount), costs) is None
