"""Who may decide an order in doubt alone, and when two have agreed."""

from decimal import Decimal

import pytest

from gateway.domain.deciding import Agreed, Decision, Proposed, weigh_in
from gateway.domain.operators import Actor

LIMIT = Decimal(50)
ABOVE = "its charge of 50.01 is above 50.00"
ANN = Decision(Actor("ann"), "77", "seen")
BOB = Decision(Actor("bob"), "77", "asked")
OTHER = Decision(Actor("bob"), "78", "")


@pytest.mark.parametrize("before", [None, BOB, Decision(Actor("bob"), None, "no trace")])
def test_up_to_the_limit_one_is_enough(before: Decision | None) -> None:
    assert weigh_in(ANN, before, LIMIT, LIMIT, alone=False) == Agreed("ann: seen")
    assert weigh_in(ANN, before, LIMIT, LIMIT, alone=True) == Agreed("ann: seen")


@pytest.mark.parametrize(
    ("before", "alone", "then"),
    [
        (None, False, Proposed(ABOVE)),
        (ANN, False, Proposed(ABOVE)),
        (BOB, False, Agreed("bob: asked; ann: seen")),
        (BOB, True, Agreed("bob: asked; ann: seen")),
        (
            Decision(Actor("bob"), "78", ""),
            False,
            Proposed(f"{ABOVE}, and bob said accepted as 78"),
        ),
        (Decision(Actor("bob"), None, ""), True, Proposed(f"{ABOVE}, and bob said refused")),
        (None, True, Agreed(f"ann: seen (decided alone, {ABOVE})")),
        (ANN, True, Agreed(f"ann: seen (decided alone, {ABOVE})")),
    ],
)
def test_above_it_two_must_say_the_same(
    before: Decision | None, then: Agreed | Proposed, *, alone: bool
) -> None:
    assert weigh_in(ANN, before, Decimal("50.01"), LIMIT, alone=alone) == then
